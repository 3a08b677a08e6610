/** What `command` and `shell` share: arguments, plan, and the run itself. */
import { ModuleError } from '../errors.ts';
import type { ExecResult } from '../transport/types.ts';
import { runAsync } from './async-job.ts';
import { commandOutcome } from './command-result.ts';
import type { ArgSchema, ModuleContext, Outcome, Plan } from './contract.ts';
import { CREATES_ARGS, type CreatesArgs, type CreatesState, planUnlessCreated, reasonNotToRun } from './creates.ts';
import { hostWord } from './host-word.ts';
import { formatTiming } from './timing.ts';

export interface RunCommandArgs extends CreatesArgs {
  readonly stdin?: unknown;
  readonly stdin_add_newline?: boolean;
  readonly strip_empty_ends?: boolean;
}

export const RUN_COMMAND_ARGS = {
  chdir: { type: 'string', description: 'Directory on the host to change into first.' },
  ...CREATES_ARGS,
  stdin: { description: 'Text for the command to read; without it the command reads end of file at once.' },
  stdin_add_newline: { type: 'boolean', default: true, description: 'Whether a newline is added to `stdin`.' },
  strip_empty_ends: {
    type: 'boolean',
    default: true,
    description: 'Whether empty lines at the end of stdout and stderr are dropped.',
  },
} as const satisfies Readonly<Record<string, ArgSchema>>;

export const RUN_COMMAND_RETURNS = {
  cmd: 'What was run: the list of words of `command`, the text of `shell`.',
  rc: 'Exit status.',
  stdout: 'Standard output, without empty lines at its end.',
  stdout_lines: 'Lines of `stdout`.',
  stderr: 'Standard error, without empty lines at its end.',
  stderr_lines: 'Lines of `stderr`.',
  start: 'When it began, local time of the controller.',
  end: 'When it ended.',
  delta: 'How long it took.',
  msg: 'Why it failed or was not run.',
} as const;

/** Plan of a command: one change, or none when `creates`/`removes` decide so. */
export function planCommand(cmd: string | readonly string[], args: RunCommandArgs, state: CreatesState): Plan {
  const plan = planUnlessCreated(`run: ${typeof cmd === 'string' ? cmd : cmd.join(' ')}`, args, state);
  // What check mode shows: a playbook may go on with the output, which is empty then, as with Ansible.
  const empty = { rc: 0, stdout: '', stdout_lines: [], stderr: '', stderr_lines: [] };
  if (plan !== undefined) return { ...plan, result: { cmd, ...empty, ...plan.result } };
  const note = `Did not run command since ${reasonNotToRun(args, state)}`;
  const stdout =
    state.createsExists === true
      ? `skipped, since ${args.creates} exists`
      : `skipped, since ${args.removes} does not exist`;
  return {
    changes: [],
    note,
    result: { cmd, rc: 0, msg: note, stdout, stdout_lines: [stdout], stderr: '', stderr_lines: [] },
  };
}

/**
 * Runs a command line of ours (`exec …`) in `chdir` with `stdin`, and gives Ansible's result. As a job (`async`) there is no
 * `exec`.
 *
 * @throws {@link ModuleError} when `chdir` cannot be entered
 */
export async function runCommand(
  commandLine: string,
  cmd: string | readonly string[],
  args: RunCommandArgs,
  context: ModuleContext,
): Promise<{ readonly exec?: ExecResult; readonly outcome: Outcome }> {
  const script = `${enterDirectory(args.chdir)}${commandLine}\n`;
  const stripEmptyEnds = args.strip_empty_ends ?? true;
  const stdin =
    args.stdin === undefined || args.stdin === null ? {} : { stdin: stdinBytes(args.stdin, args.stdin_add_newline) };
  if (context.job !== undefined) {
    return { outcome: await runAsync({ script, ...stdin, cmd, stripEmptyEnds }, context.job, context) };
  }
  const startMs = context.nowMs();
  const exec = await context.run(script, stdin);
  const timing = formatTiming(startMs, context.nowMs());
  if (isDirectoryRefused(exec)) {
    const msg = `Unable to change directory before execution: [Errno 2] No such file or directory: '${args.chdir}'`;
    throw new ModuleError(msg, { cmd, rc: null, ...timing });
  }
  return { exec, outcome: commandOutcome(exec, { extra: { cmd, ...timing }, stripEmptyEnds }) };
}

// What the script prints, and exits with, when it cannot enter `chdir`: nothing was run then, so it is all of stderr.
const REFUSED_STATUS = 97;
const REFUSED_TEXT = 'fleetmend: cannot change directory';

function enterDirectory(chdir: string | undefined): string {
  if (chdir === undefined) return '';
  return `cd -- ${hostWord(chdir)} 2>/dev/null || { echo '${REFUSED_TEXT}' >&2; exit ${REFUSED_STATUS}; }\n`;
}

function isDirectoryRefused(exec: ExecResult): boolean {
  return exec.exitCode === REFUSED_STATUS && exec.stderr.trim() === REFUSED_TEXT;
}

function stdinBytes(stdin: unknown, addNewline = true): Uint8Array {
  const text = typeof stdin === 'string' ? stdin : JSON.stringify(stdin);
  return new TextEncoder().encode(addNewline ? `${text}\n` : text);
}
