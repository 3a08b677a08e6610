/** Which of the containers that were read are removed and which are kept; pure. */

import { formatDuration } from '../../util/duration.ts';
import { type Container, type ContainerState, shortId } from '../docker/container.ts';
import { protectionOf } from '../docker/protect.ts';
import type { PrunableState, PruneOptions } from './options.ts';

/** A container that would be removed but for a reason. */
export interface KeptContainer {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
}

export interface Selection {
  /** Longest finished first. */
  readonly remove: readonly Container[];
  readonly kept: readonly KeptContainer[];
  /** How many more there are than `limit` allows. */
  readonly later: number;
}

/**
 * The listed states whose containers must be inspected. After a removal that failed, Docker's list says `removing` of a
 * container that is dead, until something else writes its state; so both are looked at.
 */
export function isCandidateState(state: ContainerState, options: Pick<PruneOptions, 'statuses'>): boolean {
  return isSelected(state, options.statuses) || (state === 'removing' && options.statuses.has('dead'));
}

/**
 * Selects by state, names, images, labels and age, and keeps what is protected. Kept ones are only those that everything
 * else would select. Of more than `limit`, those that finished first are taken.
 *
 * @param nowMs - the host's clock
 */
export function selectContainers(containers: readonly Container[], options: PruneOptions, nowMs: number): Selection {
  const remove: Container[] = [];
  const kept: KeptContainer[] = [];
  for (const container of containers) {
    if (!isMeant(container, options)) continue;
    const reason = reasonToKeep(container, options, nowMs);
    if (reason === undefined) remove.push(container);
    else kept.push({ id: container.id, name: container.name, reason });
  }
  const sorted = remove.toSorted((a, b) => endedAt(a).localeCompare(endedAt(b)));
  const taken = sorted.slice(0, options.limit);
  return { remove: taken, kept, later: sorted.length - taken.length };
}

/** One line for people: `remove container 4f1c0de9a2b7 (web-1, dead, app:1, finished 2026-11-01T10:00:00Z)`. */
export function describeRemoval(container: Container): string {
  const { id, name, state, image, finishedAt, createdAt } = container;
  const when =
    finishedAt === undefined ? `created ${isoSeconds(createdAt)}, never ran` : `finished ${isoSeconds(finishedAt)}`;
  return `remove container ${shortId(id)} (${name}, ${state}, ${image}, ${when})`;
}

function isMeant(container: Container, options: PruneOptions): boolean {
  const { names, images, labels } = options;
  return (
    (names.length === 0 || names.some((rule) => rule.matches(container))) &&
    (images.length === 0 || images.some((rule) => rule.matches(container))) &&
    labels.every((rule) => rule.matches(container))
  );
}

function reasonToKeep(container: Container, options: PruneOptions, nowMs: number): string | undefined {
  const { state } = container;
  if (state === 'removing') return 'its removal is in progress';
  // Its state changed between the list and the inspection.
  if (!isSelected(state, options.statuses)) return state;
  const protection = protectionOf(container, options.protect);
  if (protection !== undefined) return protection;
  return options.olderThanMs === undefined
    ? undefined
    : reasonOfAge(container, options.olderThanMs, options.olderThanText, nowMs);
}

function reasonOfAge(
  container: Container,
  olderThanMs: number,
  olderThanText: string | undefined,
  nowMs: number,
): string | undefined {
  const ageMs = nowMs - Date.parse(endedAt(container));
  if (Number.isNaN(ageMs)) return 'its age is unknown';
  if (ageMs >= olderThanMs) return undefined;
  const event = container.finishedAt === undefined ? 'created' : 'finished';
  return `younger than ${olderThanText}: ${event} ${formatDuration(Math.max(0, ageMs))} ago`;
}

// A container that never ran is as old as it is.
function endedAt(container: Container): string {
  return container.finishedAt ?? container.createdAt;
}

function isSelected(state: ContainerState, statuses: ReadonlySet<PrunableState>): boolean {
  return (statuses as ReadonlySet<ContainerState>).has(state);
}

// Docker prints nanoseconds.
function isoSeconds(time: string): string {
  return time.replace(/\.\d+(?=Z|[+-]\d\d:?\d\d$)/, '');
}
