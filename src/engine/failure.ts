/** Turns what was thrown while a task ran on a host into the host's failure. */

import { type ErrorCode, errorMessage, FleetmendError, ModuleError, TransportError } from '../errors.ts';
import type { FailureKind, HostFailure, HostStatus, RemoteFate } from '../event.ts';
import type { ExecResult } from '../transport/types.ts';

export interface FailedHost {
  readonly status: Extract<HostStatus, 'failed' | 'unreachable'>;
  readonly failure: HostFailure;
  /** What the module wants in the result beside `msg`. */
  readonly data: Readonly<Record<string, unknown>>;
}

// Which codes mean that the host could not be worked on at all (Ansible's `unreachable`), and how reports call them.
const UNREACHABLE: Partial<Record<ErrorCode, FailureKind>> = {
  CONNECT_REFUSED: 'unreachable',
  CONNECT_FAILED: 'unreachable',
  CONNECT_TIMEOUT: 'timed_out',
  NO_ADDRESS: 'unreachable',
  JUMP_FAILED: 'unreachable',
  AUTH_FAILED: 'auth_failed',
  AUTH_TIMEOUT: 'timed_out',
  HOST_KEY_UNKNOWN: 'host_key_unknown',
  HOST_KEY_CHANGED: 'host_key_changed',
  HOST_KEY_REVOKED: 'host_key_revoked',
  KEY_UNREADABLE: 'auth_failed',
  KEY_ENCRYPTED: 'auth_failed',
  CHANNEL_FAILED: 'connection_lost',
  CHANNEL_TIMEOUT: 'timed_out',
  CONNECTION_LOST: 'connection_lost',
};

const FAILED: Partial<Record<ErrorCode, FailureKind>> = {
  COMMAND_TIMEOUT: 'timed_out',
  HOST_TIMEOUT: 'timed_out',
  BECOME_FAILED: 'become_failed',
  BECOME_TIMEOUT: 'become_failed',
  INTERRUPTED: 'interrupted',
  RUN_DEADLINE: 'interrupted',
  CONFIG_INVALID: 'invalid',
  INVALID_ARGUMENT: 'invalid',
  UNKNOWN_ARGUMENT: 'invalid',
  TEMPLATE_SYNTAX: 'invalid',
  TEMPLATE_UNDEFINED: 'invalid',
  TEMPLATE_ERROR: 'invalid',
  INTERNAL: 'internal',
};

/**
 * The failure that an error means for the host; errors that are not ours are bugs of ours (`internal`).
 *
 * @param phase - how far the transport had come; default: as far as the error says
 */
export function failureOf(
  error: unknown,
  phase = error instanceof TransportError ? error.phase : undefined,
): FailedHost {
  if (!(error instanceof FleetmendError)) {
    const message = `Internal error: ${errorMessage(error)}`;
    return {
      status: 'failed',
      failure: { kind: 'internal', code: 'INTERNAL', message },
      data: { exception: stackOf(error) },
    };
  }
  const unreachable = UNREACHABLE[error.code];
  const attempts = error instanceof TransportError ? error.attempts : undefined;
  const remote = remoteOf(error);
  const data = {
    ...(error instanceof ModuleError ? error.result : {}),
    ...(phase === undefined ? {} : { phase }),
    ...(attempts === undefined ? {} : { connect_attempts: attempts }),
    ...(remote.remotePids === undefined ? {} : { remote_still_running: remote.remotePids }),
  };
  const failure: HostFailure = {
    kind: unreachable ?? FAILED[error.code] ?? 'failed',
    code: error.code,
    message: error.message,
    // Said once: some messages end with it.
    ...(error.hint === undefined || error.message.includes(error.hint) ? {} : { hint: error.hint }),
    ...placeOf(error),
    ...(phase === undefined ? {} : { phase }),
    ...remote,
  };
  return { status: unreachable === undefined ? 'failed' : 'unreachable', failure, data };
}

/** An error of the transport that also says what became of the remote command. */
export class CommandEndedError extends TransportError {
  readonly remote: RemoteFate | undefined;
  readonly remotePids: readonly number[];
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** The deadline that passed. */
  readonly limitMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    ended: Pick<ExecResult, 'remote' | 'remotePids' | 'stdout' | 'stderr'>,
    limitMs?: number,
  ) {
    super(code, message, { phase: 'command' });
    this.remote = ended.remote;
    this.limitMs = limitMs;
    this.remotePids = ended.remotePids ?? [];
    this.output = { stdout: ended.stdout, stderr: ended.stderr };
  }
}

function remoteOf(error: FleetmendError): Pick<HostFailure, 'remote' | 'remotePids'> {
  if (!(error instanceof CommandEndedError) || error.remote === undefined) return {};
  const { remote, remotePids } = error;
  return remotePids.length === 0 ? { remote } : { remote, remotePids };
}

function placeOf({ source, excerpt }: FleetmendError): Pick<HostFailure, 'source' | 'excerpt'> {
  if (source === undefined) return {};
  return excerpt === undefined ? { source } : { source, excerpt };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
