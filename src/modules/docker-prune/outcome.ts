/** The result that a playbook sees, from the plan, the attempts and what is left afterwards; pure. */

import { ModuleError } from '../../errors.ts';
import type { Outcome } from '../contract.ts';
import { type Container, shortId } from '../docker/container.ts';
import type { UnreadContainer } from '../docker/inspect.ts';
import { describeHolder, type Holder } from './holder.ts';
import type { Reading } from './read.ts';
import type { Attempt, AttemptCause, Removal } from './remove.ts';
import { describeRemoval, type KeptContainer, type Selection } from './select.ts';

/** A container in `removed` and `would_remove`. */
export interface ContainerEntry {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: string;
  readonly finished_at: string | null;
}

/** A container in `failed`. */
export interface FailureEntry {
  readonly id: string;
  /** Empty when it could not be inspected. */
  readonly name: string;
  readonly cause: AttemptCause | 'still_there';
  /** The engine's reason. */
  readonly message: string;
  readonly holder?: readonly Holder[];
}

/** All that is known after the removal. */
export interface Aftermath {
  readonly before: Reading;
  readonly selection: Selection;
  readonly removal: Removal;
  /** Undefined when the engine could not be read again. */
  readonly after?: Pick<Reading, 'listed' | 'counts'>;
  /** Why `after` is undefined. */
  readonly afterError?: string;
  readonly holders: ReadonlyMap<string, readonly Holder[]>;
}

/** The result data of check mode, and of a run in which nothing is to be removed. */
export function plannedResult(selection: Selection, before: Reading): Readonly<Record<string, unknown>> {
  const entries = selection.remove.map(entryOf);
  const msg =
    entries.length === 0 ? 'no container to remove' : `would remove ${countOf(selection.remove)}${laterOf(selection)}`;
  return {
    msg,
    would_remove: entries,
    removed: [],
    kept: selection.kept,
    later: selection.later,
    already_gone: [],
    failed: before.unread.map(unreadFailure),
    counts: { before: before.counts, after: before.counts },
    engine: engineEntry(before),
  };
}

/**
 * The outcome of a removal. What was removed is only called so when it is gone from the list afterwards.
 *
 * @throws {@link ModuleError} with the result so far when the run was cut short; its code says by what
 */
export function outcomeOf(aftermath: Aftermath): Outcome {
  const { before, selection, removal, after, holders } = aftermath;
  const stillListed = after === undefined ? undefined : new Set(after.listed.map(({ id }) => id));
  const removed: Container[] = [];
  const gone: Container[] = [];
  const kept: KeptContainer[] = [...selection.kept];
  const failures: FailureEntry[] = before.unread.map(unreadFailure);
  for (const container of selection.remove) {
    const attempt = removal.attempts.get(container.id) ?? { cause: 'not_tried', message: 'not tried' };
    const fate = fateOf(attempt, stillListed?.has(container.id));
    if (fate === 'removed') removed.push(container);
    else if (fate === 'already_gone') gone.push(container);
    else if (fate === 'kept') kept.push({ id: container.id, name: container.name, reason: reasonKept(attempt) });
    else failures.push(failureOf(container, fate, holders.get(container.id)));
  }
  const result = {
    msg: messageOf(selection, removed, failures, before.unread.length),
    removed: removed.map(entryOf),
    kept,
    later: selection.later,
    already_gone: gone.map(({ id, name }) => ({ id, name })),
    failed: failures,
    counts: { before: before.counts, after: after?.counts ?? null },
    engine: engineEntry(before),
  };
  if (removal.cut !== undefined) throw cutShort(removal.cut, result, removed.length, selection.remove);
  return {
    changed: removed.length > 0,
    failed: failures.length > 0,
    result,
    changes: removed.map((container) => ({ line: describeRemoval(container) })),
    warnings:
      aftermath.afterError === undefined ? [] : [`the containers could not be listed again: ${aftermath.afterError}`],
  };
}

/** `3 dead containers`, `2 containers` when their states differ. */
export function countOf(containers: readonly Container[]): string {
  const states = new Set(containers.map(({ state }) => state));
  const [only] = states;
  const word = states.size === 1 ? `${only} ` : '';
  return `${containers.length} ${word}container${containers.length === 1 ? '' : 's'}`;
}

// What came of a container, by the attempt and by whether it is listed afterwards (undefined: not known).
function fateOf(
  attempt: Attempt,
  listed: boolean | undefined,
): 'removed' | 'already_gone' | 'kept' | { cause: FailureEntry['cause']; message: string } {
  switch (attempt.cause) {
    case 'removed':
      return listed === true ? { cause: 'still_there', message: '`rm` succeeded, but it is still listed' } : 'removed';
    case 'already_gone':
      return 'already_gone';
    case 'running':
    case 'changed':
      return 'kept';
    case 'in_progress':
      return listed === false ? 'already_gone' : 'kept';
    case 'hung':
    case 'interrupted':
      // The request was with the daemon, which carried it out in the end.
      return listed === false ? 'removed' : attempt;
    default:
      return listed === false ? 'already_gone' : attempt;
  }
}

function reasonKept(attempt: Attempt): string {
  if (attempt.cause === 'in_progress') return 'its removal is in progress';
  return attempt.cause === 'changed' ? attempt.message : 'running again since it was listed';
}

function failureOf(
  container: Container,
  failed: { cause: FailureEntry['cause']; message: string },
  holder: readonly Holder[] | undefined,
): FailureEntry {
  const { id, name } = container;
  return { id, name, cause: failed.cause, message: failed.message, ...(holder === undefined ? {} : { holder }) };
}

function unreadFailure({ id, cause, message }: UnreadContainer): FailureEntry {
  return { id, name: '', cause, message };
}

function messageOf(
  selection: Selection,
  removed: readonly Container[],
  failures: readonly FailureEntry[],
  unread: number,
): string {
  const planned = selection.remove;
  const [first] = failures;
  if (first === undefined) {
    return removed.length === 0 ? 'no container was removed' : `removed ${countOf(removed)}${laterOf(selection)}`;
  }
  const held = first.holder?.[0] === undefined ? '' : `; held by ${describeHolder(first.holder[0])}`;
  const name = first.name === '' ? '' : ` (${first.name})`;
  const total = planned.length + unread;
  // "dead containers" when all that were planned are dead; of those not inspected nothing is known.
  const kind = planned.length === 0 ? 'containers' : countOf(planned).replace(/^\d+ /, '');
  const what = `${failures.length} of ${total} ${kind.replace(/s?$/, total === 1 ? '' : 's')}`;
  const which = failures.length === 1 ? ':' : '; the first:';
  return `${what} could not be removed${which} ${shortId(first.id)}${name}: ${briefly(first)}${held}`;
}

function laterOf({ later }: Selection): string {
  return later === 0 ? '' : `; ${later} more left for later`;
}

// The reason for a line of a terminal: what it says again is left out and IDs are short, so that its end, which says why,
// is not what is cut off.
function briefly({ id, message }: FailureEntry): string {
  return message.replace(`container ${id}: `, '').replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');
}

function cutShort(
  cut: NonNullable<Removal['cut']>,
  result: Readonly<Record<string, unknown>>,
  removed: number,
  planned: readonly Container[],
): ModuleError {
  return new ModuleError(
    `${cut.message}; ${removed} of ${countOf(planned)} ${removed === 1 ? 'was' : 'were'} removed before`,
    { ...result, changed: removed > 0 },
    { code: cut.code, cause: cut },
  );
}

function entryOf({ id, name, image, state, finishedAt }: Container): ContainerEntry {
  return { id, name, image, state, finished_at: finishedAt ?? null };
}

function engineEntry({ engine }: Reading): { name: string; version: string } {
  return { name: engine.kind, version: engine.version };
}
