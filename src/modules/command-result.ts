/** The result of a command that was run on a host, with Ansible's keys. */
import type { ExecResult } from '../transport/types.ts';
import type { Outcome } from './contract.ts';

/** What {@link commandOutcome} adds to the output and the exit status. */
export interface CommandOutcomeOptions {
  /** Further keys, before the output's: `cmd`, `start` … */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Whether line ends at the end of stdout and stderr are dropped. */
  readonly stripEmptyEnds: boolean;
}

/**
 * `rc`, `stdout`, `stdout_lines`, `stderr`, `stderr_lines`, and, when the exit status is not 0, `failed` with Ansible's
 * `msg`. A process that a signal ended has the negative signal's place taken by 128 plus its number, as a shell says it.
 */
export function commandOutcome(exec: ExecResult, options: CommandOutcomeOptions): Outcome {
  const rc = exec.exitCode ?? 128 + (SIGNAL_NUMBERS[exec.signal ?? ''] ?? 0);
  const stdout = options.stripEmptyEnds ? stripLineEnds(exec.stdout) : exec.stdout;
  const stderr = options.stripEmptyEnds ? stripLineEnds(exec.stderr) : exec.stderr;
  const failed = rc !== 0;
  return {
    changed: true,
    failed,
    result: {
      ...options.extra,
      rc,
      stdout,
      stdout_lines: splitLines(stdout),
      stderr,
      stderr_lines: splitLines(stderr),
      ...(failed ? { msg: `non-zero return code${signalWords(exec)}` } : {}),
      ...(exec.stdoutTruncated || exec.stderrTruncated ? { truncated: true } : {}),
    },
  };
}

// Without a word of the signal, who reads 137 must know what it stands for.
function signalWords({ exitCode, signal }: ExecResult): string {
  if (exitCode === null) return signal === undefined ? '' : ` (killed by signal ${signal})`;
  const [name] = Object.entries(SIGNAL_NUMBERS).find(([, number]) => exitCode === 128 + number) ?? [];
  return name === undefined ? '' : ` (${exitCode}: a shell says so when signal ${name} killed its command)`;
}

/** Lines of a text without their ends; a last line end makes no empty line. Splits where Python's `splitlines` does. */
export function splitLines(text: string): string[] {
  if (text === '') return [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the separators of Python's splitlines are control characters
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function stripLineEnds(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return text.slice(0, end);
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
};
