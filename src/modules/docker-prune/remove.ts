/** Removes the planned containers in batches, tries busy ones again, and says of each how it went. */

import { errorMessage, FleetmendError, TransportError } from '../../errors.ts';
import type { ModuleContext } from '../contract.ts';
import type { Container } from '../docker/container.ts';
import type { Engine } from '../docker/engine.ts';
import { causeOf, type FailureCause, reasonOf } from '../docker/engine-error.ts';
import { inspectContainers } from '../docker/inspect.ts';
import { runScript } from '../docker/run-script.ts';
import type { ScriptLine } from '../docker/script.ts';
import type { PruneOptions } from './options.ts';
import { removeScript, removeScriptMs } from './script.ts';

/** How the removal of one container went, before it is looked at again. */
export type AttemptCause =
  | 'removed'
  | FailureCause
  /** It was restarted or stopped again while other batches were removed. */
  | 'changed'
  /** The run ended while its removal was under way. */
  | 'interrupted'
  /** The run or the engine ended before its turn. */
  | 'not_tried';

export interface Attempt {
  readonly cause: AttemptCause;
  /** The engine's reason, or ours; empty for `removed`. */
  readonly message: string;
}

export interface Removal {
  /** One for each planned container, by ID. */
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** Why the removal was cut short: deadline, interrupt, connection lost. */
  readonly cut?: FleetmendError;
}

/** Removes containers; never throws for what happens on the host. */
export async function removeContainers(
  context: ModuleContext,
  options: PruneOptions,
  engine: Engine,
  planned: readonly Container[],
): Promise<Removal> {
  const attempts = new Map<string, Attempt>();
  let cut: FleetmendError | undefined;
  try {
    let goOn = true;
    for (let start = 0; goOn && start < planned.length; start += options.batchSize) {
      const batch = planned.slice(start, start + options.batchSize);
      if (start > 0) await context.sleep(options.pauseMs);
      const still = start === 0 ? batch : await stillAsPlanned(context, options, engine, batch, attempts);
      goOn = await removeBatch(context, options, engine, still, attempts);
    }
    for (let retry = 0; goOn && retry < options.retries; retry++) {
      const again = planned.filter(({ id }) => isWorthRetrying(attempts.get(id)));
      if (again.length === 0) break;
      await context.sleep(options.retryDelayMs);
      goOn = await removeBatch(context, options, engine, again, attempts);
    }
  } catch (error) {
    if (!context.signal.aborted && !(error instanceof TransportError)) throw error;
    cut = error instanceof FleetmendError ? error : new TransportError('INTERRUPTED', errorMessage(error));
  }
  for (const { id } of planned) {
    if (!attempts.has(id)) attempts.set(id, { cause: 'not_tried', message: notTriedReason(engine, cut) });
  }
  return { attempts, cut };
}

/**
 * What the lines of a removal script say, for the IDs it came to.
 *
 * @param wasCut - whether the script was ended from outside, so that a removal that began has no known end
 */
export function parseAttempts(
  lines: readonly ScriptLine[],
  options: Pick<PruneOptions, 'removeTimeoutMs'>,
  wasCut: boolean,
): Map<string, Attempt> {
  const attempts = new Map<string, Attempt>();
  for (const { word, subject, status, text } of lines) {
    if (word === 'start' && wasCut)
      attempts.set(subject, { cause: 'interrupted', message: 'the run ended while it was being removed' });
    if (word === 'rm') attempts.set(subject, attemptOf(status, text, options));
  }
  return attempts;
}

// Runs as many scripts as the batch needs: one ends early when its time is up. False: going on makes no sense.
async function removeBatch(
  context: ModuleContext,
  options: PruneOptions,
  engine: Engine,
  batch: readonly Container[],
  attempts: Map<string, Attempt>,
): Promise<boolean> {
  let ids = batch.map(({ id }) => id);
  while (ids.length > 0) {
    const end = await runScript(context, removeScript(options, engine, ids), { timeoutMs: removeScriptMs(options) });
    const made = parseAttempts(end.lines, options, end.cut !== undefined);
    for (const [id, attempt] of made) attempts.set(id, attempt);
    if (end.cut !== undefined) throw end.cut;
    if (end.lines.some(({ word }) => word === 'stop')) return false;
    const left = ids.filter((id) => !made.has(id));
    if (left.length === ids.length) {
      const message = reasonOf(end.stderr) || `the script ended with status ${end.exitCode}`;
      for (const id of left) attempts.set(id, { cause: 'error', message });
      return true;
    }
    ids = left;
  }
  return true;
}

// Time went by since the list was made: what was started or finished again since is not what was planned.
async function stillAsPlanned(
  context: ModuleContext,
  options: PruneOptions,
  engine: Engine,
  batch: readonly Container[],
  attempts: Map<string, Attempt>,
): Promise<Container[]> {
  const { containers, unread } = await inspectContainers(
    context,
    options,
    engine,
    batch.map(({ id }) => id),
  );
  const now = new Map(containers.map((container) => [container.id, container]));
  const failed = new Map(unread.map((each) => [each.id, each]));
  return batch.filter((planned) => {
    const found = now.get(planned.id);
    const unreadable = failed.get(planned.id);
    if (unreadable !== undefined) attempts.set(planned.id, unreadable);
    else if (found === undefined) attempts.set(planned.id, { cause: 'already_gone', message: '' });
    else if (found.state === planned.state && found.finishedAt === planned.finishedAt) return true;
    else attempts.set(planned.id, { cause: 'changed', message: `${found.state} again since it was listed` });
    return false;
  });
}

function attemptOf(status: number, text: string, options: Pick<PruneOptions, 'removeTimeoutMs'>): Attempt {
  if (status === 0) return { cause: 'removed', message: '' };
  const cause = causeOf(status, text);
  if (cause === 'hung')
    return { cause, message: `no answer to \`rm\` within ${Math.ceil(options.removeTimeoutMs / 1000)} s` };
  return { cause, message: reasonOf(text) || `\`rm\` ended with status ${status}` };
}

// One that hangs is not asked again: the daemon may still have the first request before it.
function isWorthRetrying(attempt: Attempt | undefined): boolean {
  return attempt?.cause === 'busy' || attempt?.cause === 'in_progress';
}

function notTriedReason(engine: Engine, cut: FleetmendError | undefined): string {
  return cut === undefined
    ? `not tried: ${engine.kind} did not answer for others before it`
    : 'not tried: the run ended before its turn';
}
