/** Runs scripts of ours on a host and turns what should not happen into a ModuleError. */
import { ModuleError } from '../errors.ts';
import type { ExecResult } from '../transport/types.ts';
import type { ModuleContext, RunOptions } from './contract.ts';

/**
 * Runs a script whose output is parsed: messages are in English whatever the host's locale, a non-zero exit is an error.
 *
 * @param doing - what the script does, for the message: `look at /etc/motd`
 * @throws {@link ModuleError} MODULE_FAILED with `rc`, `stdout`, `stderr` when it exits non-zero or printed more than is kept
 */
export async function runScript(
  context: ModuleContext,
  doing: string,
  script: string,
  options: RunOptions = {},
): Promise<ExecResult> {
  const exec = await context.run(`LC_ALL=C; export LC_ALL\n${script}`, options);
  const result = { rc: exec.exitCode, stdout: exec.stdout, stderr: exec.stderr };
  if (exec.exitCode !== 0) {
    const reason = firstLine(exec.stderr) ?? `exit status ${exec.exitCode ?? `of signal ${exec.signal ?? 'unknown'}`}`;
    throw new ModuleError(`could not ${doing}: ${reason}`, result);
  }
  if (exec.stdoutTruncated) throw new ModuleError(`could not ${doing}: the host printed too much`, result);
  return exec;
}

function firstLine(text: string): string | undefined {
  const line = text
    .split('\n')
    .map((each) => each.trim())
    .find((each) => each !== '');
  return line?.replace(/^(?:sh|dash|bash|ash|\/bin\/sh): (?:line )?(?:\d+: )?/, '');
}
