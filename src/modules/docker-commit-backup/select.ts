/** Which containers are backed up and which backups go; pure. */

import { type Container, shortId } from '../docker/container.ts';
import { isKubernetesManaged } from '../docker/patterns.ts';
import { type Backup, stampOf } from './backups.ts';
import type { BackupOptions } from './options.ts';

/** A container that is to be backed up. */
export interface PlannedBackup {
  readonly container: Container;
  readonly reference: string;
}

/** A container that is meant but not backed up. */
export interface SkippedContainer {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
}

export interface BackupPlan {
  readonly commit: readonly PlannedBackup[];
  readonly skipped: readonly SkippedContainer[];
  /** Backups beyond those that stay, once the new ones are made; the oldest first. */
  readonly prune: readonly Backup[];
}

/**
 * Plans the backups.
 *
 * @param backups - all of the host, the newest first
 * @param nowMs - the host's clock
 */
export function planBackups(
  containers: readonly Container[],
  backups: readonly Backup[],
  options: BackupOptions,
  nowMs: number,
): BackupPlan {
  const commit: PlannedBackup[] = [];
  const skipped: SkippedContainer[] = [];
  const prune: Backup[] = [];
  for (const container of containers) {
    if (!options.pets.some((rule) => rule.matches(container))) continue;
    const own = backups.filter((backup) => backup.container === container.id);
    const reason = reasonToSkip(container, own[0], options, nowMs);
    if (reason === undefined) commit.push({ container, reference: referenceOf(container, options, nowMs) });
    else skipped.push({ id: container.id, name: container.name, reason });
    prune.push(...own.slice(options.keep - (reason === undefined ? 1 : 0)).toReversed());
  }
  return { commit, skipped, prune };
}

/** One line of a plan. */
export function describeCommit({ container, reference }: PlannedBackup): string {
  return `commit container ${container.name} (${shortId(container.id)}, ${container.state}) to image ${reference}`;
}

/** One line of a plan. */
export function describePrune({ reference }: Backup): string {
  return `remove backup image ${reference}`;
}

function reasonToSkip(
  container: Container,
  newest: Backup | undefined,
  options: BackupOptions,
  nowMs: number,
): string | undefined {
  const { state, finishedAt } = container;
  if (isKubernetesManaged(container)) return 'managed by Kubernetes';
  if (state === 'dead' || state === 'removing') return `${state}: the engine does not commit it`;
  if (newest === undefined) return undefined;
  if (nowMs - newest.atMs < options.maxAgeMs) return `${newest.reference} is younger than ${options.maxAgeText}`;
  const isStopped = state === 'exited' || state === 'created';
  if (isStopped && finishedAt !== undefined && Date.parse(finishedAt) < newest.atMs) {
    return `has not run since ${newest.reference}`;
  }
  return undefined;
}

// A repository has small letters only, and no two separators in a row.
function referenceOf({ name }: Container, { prefix }: BackupOptions, nowMs: number): string {
  const repository = name.toLowerCase().replace(/[^a-z0-9]+/g, (run) => (/^([._]|__|-+)$/.test(run) ? run : '-'));
  return `${prefix}${repository.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')}:${stampOf(nowMs)}`;
}
