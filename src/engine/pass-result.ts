/** What one pass of a task on a host came to, however it ended: the module's own result, a skip, or something thrown. */

import { FleetmendError, ModuleError, TransportError } from '../errors.ts';
import type { Change, HostFailure, HostStatus } from '../event.ts';
import type { VarsLayer } from '../inventory/types.ts';
import type { SourcePlace } from '../template/types.ts';
import { CommandEndedError, failureOf } from './failure.ts';
import type { HostRun } from './host-run.ts';
import type { Included } from './include.ts';
import { markFailed } from './module-runner.ts';

export interface PassResult {
  readonly status: HostStatus;
  /** The result as a playbook sees it; keys are added until the task has ended. */
  readonly data: Record<string, unknown>;
  readonly changes: readonly Change[];
  readonly failure?: HostFailure;
  readonly facts?: PassFacts;
  /** Variables of `include_vars`, of each pass of a loop. */
  readonly includedVars?: readonly VarsLayer[];
  readonly delegatedTo?: string;
  /** What an include found, for each item of its loop. */
  readonly included?: readonly Included[];
}

/** What a pass found out or declared. */
export interface PassFacts {
  readonly values: Readonly<Record<string, unknown>>;
  /** Found on the host (`setup`), not declared (`set_fact`). */
  readonly discovered: boolean;
  /** Declared ones that are facts of the host too, kept for later runs. */
  readonly cacheable?: boolean;
}

/** A pass that a condition of `when` left out. */
export function skippedBy(condition: string): PassResult {
  return {
    status: 'skipped',
    data: { changed: false, skipped: true, skip_reason: 'Conditional result was False', false_condition: condition },
    changes: [],
  };
}

/**
 * The same pass as a failure.
 *
 * @param place - of the condition that made it one
 */
export function asFailed(result: PassResult, message: string, place: SourcePlace): PassResult {
  return {
    ...result,
    status: 'failed',
    data: { ...result.data, failed: true, msg: message },
    failure: { kind: 'failed', code: 'MODULE_FAILED', message, ...place },
  };
}

/**
 * The result of something thrown. When the host's or the run's own deadline fired, that is the cause, unless the error says how
 * far the work had come.
 */
export function failedBy(error: unknown, hostRun: HostRun): PassResult {
  const saysHowFar = error instanceof CommandEndedError || error instanceof ModuleError;
  const cause = isInterrupt(error) && hostRun.signal.aborted && !saysHowFar ? hostRun.signal.reason : error;
  // The reason why the run ended does not know how far this host had come.
  const { status, failure, data } = failureOf(cause, error instanceof TransportError ? error.phase : undefined);
  const output = error instanceof CommandEndedError ? { stdout: error.output.stdout, stderr: error.output.stderr } : {};
  const whole: Record<string, unknown> = { changed: false, msg: failure.message, ...output, ...data };
  if (cause instanceof CommandEndedError && cause.limitMs !== undefined) {
    whole.timedout = { period: Math.ceil(cause.limitMs / 1000) };
  }
  if (failure.kind === 'become_failed') whole.become_failed = true;
  if (status === 'failed') markFailed(whole);
  else whole.unreachable = true;
  return { status, failure, data: whole, changes: [] };
}

/** Whether an error says that the host or the run was ended from outside. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof FleetmendError && ['INTERRUPTED', 'RUN_DEADLINE', 'HOST_TIMEOUT'].includes(error.code);
}

/** Whether no other pass of the task makes sense: the host is gone, or the run ends. */
export function endsTask(result: PassResult): boolean {
  return result.status === 'unreachable' || result.failure?.kind === 'interrupted';
}

/** What reports may see of a failure under `no_log`. */
export function censoredFailure({ hint: _, excerpt: __, ...failure }: HostFailure): HostFailure {
  return { ...failure, message: 'hidden by no_log' };
}

/** What reports may see of a result under `no_log`. */
export function censored(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = { censored: 'hidden by no_log' };
  for (const key of ['changed', 'failed', 'skipped', 'unreachable']) {
    // A module may give a list where others give a flag; only that there is one is told.
    if (data[key] !== undefined) kept[key] = Array.isArray(data[key]) ? data[key].length > 0 : data[key];
  }
  return kept;
}
