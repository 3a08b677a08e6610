/** The errors of a host's engine, as an operator reads them. */

import { ModuleError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import type { EngineKind, EngineOptions } from './engine.ts';
import type { FailureCause } from './engine-error.ts';

/** A call that failed, and what it was for. */
export interface FailedCall {
  readonly kind: EngineKind;
  readonly host: string;
  /** The command: `ps`, `network rm`. */
  readonly command: string;
  /** What it was for, after "could not": `list the containers`. */
  readonly purpose: string;
  readonly cause: FailureCause;
  /** The engine's reason in one line. */
  readonly reason: string;
  /** The call's deadline. */
  readonly timeoutMs: number;
}

/** The error of a call that failed; its result has the `cause`. */
export function engineFailure(call: FailedCall): ModuleError {
  const { kind, host, command, purpose, cause, reason, timeoutMs } = call;
  switch (cause) {
    case 'hung':
      return hungDaemon(kind, host, command, timeoutMs);
    case 'daemon_down':
      return new ModuleError(`${kind} is not running on ${host}: ${reason}`, { cause });
    case 'no_permission':
      return new ModuleError(
        `no permission to use ${kind} on ${host}: ${reason}`,
        { cause },
        { hint: 'set `become: true`, so that it is called as root' },
      );
    default:
      return new ModuleError(`could not ${purpose} on ${host}: ${reason}`, { cause });
  }
}

/** The error of a daemon that did not answer in time. @param name - the engine's, or `the container engine` */
export function hungDaemon(name: string, host: string, command: string, timeoutMs: number): ModuleError {
  const limit = formatDuration(timeoutMs).replace('.0 s', ' s');
  return new ModuleError(`${name} on ${host} did not answer \`${command}\` within ${limit}; the daemon may be hung`, {
    cause: 'hung',
  });
}

/** The error of a host without an engine. */
export function missingEngine(options: Pick<EngineOptions, 'engine' | 'executable'>, host: string): ModuleError {
  if (options.executable !== undefined) {
    return new ModuleError(
      `expected \`executable\` to be a command on ${host}, found none named '${options.executable}'`,
    );
  }
  const words = options.engine === 'auto' ? 'neither docker nor podman' : `no ${options.engine}`;
  const hint = 'leave the host out of the play, or say where the command is with `executable`';
  return new ModuleError(`there is ${words} on ${host}`, {}, { hint });
}
