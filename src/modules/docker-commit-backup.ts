/** `docker_commit_backup`: commits containers to dated images. Volumes are not part of an image, so not of a backup. */

import { ModuleError } from '../errors.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { callEngine } from './docker/call.ts';
import { refusePodman } from './docker/docker-only.ts';
import type { Engine } from './docker/engine.ts';
import { inspectContainers } from './docker/inspect.ts';
import { listContainers } from './docker/list.ts';
import { type Backup, backupChanges, readBackups } from './docker-commit-backup/backups.ts';
import { type BackupArgs, type BackupOptions, normalizeOptions } from './docker-commit-backup/options.ts';
import {
  type BackupPlan,
  describeCommit,
  describePrune,
  type PlannedBackup,
  planBackups,
} from './docker-commit-backup/select.ts';
import { spec } from './docker-commit-backup/spec.ts';

interface BackupState {
  readonly engine: Engine;
  /** The host's clock. */
  readonly nowMs: number;
  readonly plan: BackupPlan;
}

interface Failure {
  /** Of the container or image. */
  readonly name: string;
  readonly message: string;
}

/** The module, under `fleetmend.docker_commit_backup` and `docker_commit_backup`. */
export const dockerCommitBackup: Module = defineModule<BackupArgs, BackupState>({
  spec,

  async probe(args: BackupArgs, context: ModuleContext): Promise<BackupState> {
    const options = normalizeOptions(args);
    const { engine, nowMs, listed } = await listContainers(context, options);
    refusePodman(engine, 'docker_commit_backup', context.host);
    if (options.pets.length === 0) return { engine, nowMs, plan: { commit: [], skipped: [], prune: [] } };
    const ids = listed.map(({ id }) => id);
    const { containers, unread } = await inspectContainers(context, options, engine, ids);
    const [first] = unread;
    if (first !== undefined) {
      const { id, cause, message } = first;
      throw new ModuleError(`container ${id.slice(0, 12)} on ${context.host} could not be inspected: ${message}`, {
        cause,
      });
    }
    const backups = await readBackups(context, options, engine, options.listTimeoutMs);
    return { engine, nowMs, plan: planBackups(containers, backups, options, nowMs) };
  },

  plan(args: BackupArgs, { engine, plan }: BackupState): Plan {
    const options = normalizeOptions(args);
    const { commit, skipped, prune } = plan;
    const result = {
      msg: `would commit ${countOf(commit)} and remove ${prune.length} old`,
      committed: [],
      would_commit: commit.map(({ container, reference }) => ({
        id: container.id,
        name: container.name,
        image: reference,
      })),
      skipped,
      pruned: [],
      would_prune: prune.map(({ reference }) => reference),
      failed: [],
      engine: { name: engine.kind, version: engine.version },
    };
    if (options.maxItems !== undefined && commit.length > options.maxItems) {
      throw new ModuleError(
        `${countOf(commit)} would be committed, more than \`max_items: ${options.maxItems}\`; nothing was done`,
        result,
        { hint: 'raise max_items if that is meant, or select fewer' },
      );
    }
    if (commit.length + prune.length === 0) {
      const msg = options.pets.length === 0 ? 'no names, images or labels were given' : 'no container to commit';
      return { changes: [], result: { ...result, msg } };
    }
    const lines = [...commit.map(describeCommit), ...prune.map(describePrune)];
    return { changes: lines.map((line) => ({ line })), result };
  },

  async apply(args: BackupArgs, state: BackupState, _plan: Plan, context: ModuleContext): Promise<Outcome> {
    const options = normalizeOptions(args);
    const { engine, nowMs, plan } = state;
    const committed: PlannedBackup[] = [];
    const pruned: Backup[] = [];
    const failed: Failure[] = [];
    for (const planned of plan.commit) {
      const reason = await commitOne(context, options, engine, planned, nowMs);
      if (reason === undefined) committed.push(planned);
      else failed.push({ name: planned.container.name, message: reason });
    }
    // Without its new backup, a container needs its old ones.
    const unsaved = new Set(
      plan.commit.filter((each) => !committed.includes(each)).map(({ container }) => container.id),
    );
    for (const backup of plan.prune.filter(({ container }) => !unsaved.has(container))) {
      const limits = { timeoutMs: options.listTimeoutMs };
      const { cause, reason } = await callEngine(context, options, engine, ['rmi', backup.reference], limits);
      if (cause === undefined || /no such image/i.test(reason)) pruned.push(backup);
      else failed.push({ name: backup.reference, message: reason });
    }
    const sizes = await sizesOf(context, options, engine, committed);
    return {
      changed: committed.length + pruned.length > 0,
      failed: failed.length > 0,
      result: {
        msg: messageOf(committed, pruned, failed),
        committed: committed.map(({ container, reference }) => ({
          id: container.id,
          name: container.name,
          image: reference,
          size_bytes: sizes.get(reference) ?? null,
        })),
        skipped: plan.skipped,
        pruned: pruned.map(({ reference }) => reference),
        failed,
        engine: { name: engine.kind, version: engine.version },
      },
      changes: [...committed.map(describeCommit), ...pruned.map(describePrune)].map((line) => ({ line })),
    };
  },
});

// The reason of a failure; undefined when it is done.
async function commitOne(
  context: ModuleContext,
  options: BackupOptions,
  engine: Engine,
  { container, reference }: PlannedBackup,
  nowMs: number,
): Promise<string | undefined> {
  const flags = [`--pause=${options.pause}`, ...backupChanges(container.id, reference, nowMs)];
  const words = ['commit', ...flags, container.id, reference];
  const { cause, reason } = await callEngine(context, options, engine, words, { timeoutMs: options.timeoutMs });
  return cause === undefined ? undefined : reason;
}

async function sizesOf(
  context: ModuleContext,
  options: BackupOptions,
  engine: Engine,
  committed: readonly PlannedBackup[],
): Promise<ReadonlyMap<string, number>> {
  if (committed.length === 0) return new Map();
  const backups = await readBackups(context, options, engine, options.listTimeoutMs);
  return new Map(backups.map(({ reference, sizeBytes }) => [reference, sizeBytes]));
}

function messageOf(committed: readonly PlannedBackup[], pruned: readonly Backup[], failed: readonly Failure[]): string {
  const done = `committed ${countOf(committed)}, removed ${pruned.length} old`;
  const [first] = failed;
  return first === undefined ? done : `${done}; ${failed.length} failed: ${first.name}: ${first.message}`;
}

function countOf(list: readonly unknown[]): string {
  return `${list.length} ${list.length === 1 ? 'container' : 'containers'}`;
}
