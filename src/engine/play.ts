/** Runs one play: its hosts, batch by batch, with its strategy, its handlers and its failure budget. */

import type { Host } from '../inventory/types.ts';
import { playbookDirOf } from '../playbook/index.ts';
import type { Play } from '../playbook/types.ts';
import { toPlain } from '../template/index.ts';
import { allEnded } from '../util/all-ended.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { askVars } from './ask-vars.ts';
import { splitBatches, startsWithCanary } from './batches.ts';
import { evaluateRaw, flag, nameOf, percentOf } from './conditions.ts';
import { FailBudget } from './fail-budget.ts';
import { flushHandlers } from './handlers.ts';
import type { HostRun } from './host-run.ts';
import { playContext } from './play-context.ts';
import { hostsOfPlay, orderHosts, playPattern } from './play-pattern.ts';
import { playScope } from './play-vars.ts';
import type { RunContext } from './run-context.ts';
import type { PlayContext } from './task-context.ts';
import { buildPlayTree, type Node, type PlayTree, startTreeAt } from './tree.ts';
import { isOver, type Walk, walk } from './walk.ts';

/** What became of a play, for the run. */
export interface PlayEnd {
  /** Hosts that its pattern selected. */
  readonly matched: number;
  /** The rest of the run must not start. */
  readonly aborted: boolean;
}

/**
 * Runs a play. Host failures are in the hosts; throws only what ends the run (a pattern or keyword that is wrong).
 *
 * @param isLast - no play follows it
 */
export async function runPlay(run: RunContext, play: Play, playId: string, isLast: boolean): Promise<PlayEnd> {
  const { options } = run;
  run.enter(playbookDirOf(play));
  const tree = treeOf(run, play, playId);
  if (tree === undefined) return { matched: 0, aborted: false };
  if (play.varsPrompt.length > 0) run.answers.set(play, await askVars(run, play, playScope(run, play)));
  const scope = playScope(run, play);
  const pattern = playPattern(play, scope);
  const matching = hostsOfPlay(run, play, pattern);
  const selected = orderHosts(matching, play);
  const name = nameOf(play.name ?? pattern, scope);
  const hosts = selected.map((host) => run.hostRun(host));
  for (const host of hosts) host.isSelected = true;
  // Hosts that failed in an earlier play stay out, as in Ansible.
  const usable = hosts.filter((host) => host.standing === 'active' || host.standing === 'ended');
  for (const host of usable) host.standing = 'active';
  const names = matching.map((host) => host.name);
  options.emit({
    type: 'play:start',
    atMs: options.nowMs(),
    playId,
    name,
    hosts: usable.map((host) => host.name),
    strategy: play.strategy,
    source: play.source,
  });
  if (selected.length === 0) warnNoMatch(run, play, pattern);
  const context = playContext(run, play, playId, name, usable, names, tree, isLast);
  const batches = splitBatches(
    usable,
    play.serial === undefined ? undefined : toPlain(evaluateRaw(play.serial, scope)),
    play.serial?.source ?? play.source,
  );
  const budget = new FailBudget(play, usable.length, scope);
  const maxFailPercentage = percentOf(play.maxFailPercentage, 'max_fail_percentage', scope);
  for (const [index, batch] of batches.entries()) {
    options.emit({
      type: 'batch:start',
      atMs: options.nowMs(),
      playId,
      index,
      count: batches.length,
      hosts: batch.map((h) => h.name),
    });
    context.batch = batch;
    await runBatch(context, batch, { budget, maxFailPercentage }, scope);
    if (context.mistake !== undefined) throw context.mistake;
    if (!isOver(context) && index === 0 && startsWithCanary(play.serial?.value) && !batch.every(isFine)) {
      context.abort = { reason: 'the canary, the first batch, is not fine' };
    }
    // Ansible's rule: when a whole batch is lost, the batches after it are not tried.
    if (!isOver(context) && batches.length > 1 && batch.every((host) => !isFine(host))) {
      context.abort = { reason: 'no host of the batch is left' };
    }
    if (!isOver(context)) continue;
    if (!context.ended) for (const host of batches.slice(index + 1).flat()) host.isCutOff = true;
    break;
  }
  options.emit({
    type: 'play:end',
    atMs: options.nowMs(),
    playId,
    ...(context.abort === undefined ? {} : { abortedBecause: context.abort.reason }),
  });
  return { matched: selected.length, aborted: context.abort !== undefined };
}

/** Notes which hosts a play was for, when the run ended before it. */
export function cutOffPlay(run: RunContext, play: Play, playId: string): void {
  const tree = buildPlayTree(play, playId, run.options);
  if (tree.preTasks.length + tree.tasks.length + tree.postTasks.length === 0) return;
  let hosts: readonly Host[];
  run.enter(playbookDirOf(play));
  try {
    hosts = hostsOfPlay(run, play, playPattern(play, playScope(run, play)));
  } catch {
    return; // That its pattern is wrong is not what ended the run.
  }
  for (const hostRun of hosts.map((host) => run.hostRun(host))) {
    hostRun.isSelected = true;
    hostRun.isCutOff = true;
  }
}

// The play's tasks, from `--start-at-task` on; undefined for a play that comes before that task.
function treeOf(run: RunContext, play: Play, playId: string): PlayTree | undefined {
  const tree = buildPlayTree(play, playId, run.options);
  if (run.startAt === undefined) return tree;
  const started = startTreeAt(tree, run.startAt);
  if (started !== undefined) run.startAt = undefined;
  return started;
}

async function runBatch(
  context: PlayContext,
  batch: readonly HostRun[],
  limits: { readonly budget: FailBudget; readonly maxFailPercentage: number | undefined },
  scope: LayeredScope,
): Promise<void> {
  const { forceHandlers } = context.play;
  const force = forceHandlers === undefined ? context.options.forceHandlers === true : flag(forceHandlers, scope);
  const isFree = context.play.strategy === 'free';
  const w: Walk = {
    context,
    batch: {
      announced: new Set(),
      warned: new Set(),
      onceResults: new Map(),
      includedTrees: new Map(),
      throttles: new Map(),
    },
    // With strategy free a host keeps its place among the forks from its first task to its last.
    limit: isFree ? (_host, job) => job() : context.limit,
    flushHandlers: (hosts) => flushHandlers(w, hosts, force),
    onLost: (host) => {
      const reason = limits.budget.note(host);
      if (reason !== undefined) context.abort ??= { reason };
    },
    onFailures: () => checkBudget(context, batch, limits.maxFailPercentage),
  };
  const through = async (hosts: readonly HostRun[]): Promise<void> => {
    await runSections(w, hosts);
    if (context.isLast) for (const host of hosts) context.pool.leave(host.name);
  };
  if (isFree) await allEnded(batch.map((host) => context.limit(host, () => through([host]))));
  else await through(batch);
}

async function runSections(w: Walk, hosts: readonly HostRun[]): Promise<void> {
  const { preTasks, tasks, postTasks } = w.context.tree;
  const { factsNode, missingFacts } = w.context;
  const missing = factsNode === undefined ? [] : hosts.filter((host) => missingFacts.has(host));
  if (factsNode !== undefined && missing.length > 0) await walk(w, [factsNode], missing);
  for (const section of [preTasks, tasks, postTasks] satisfies (readonly Node[])[]) {
    await walk(w, section, hosts);
    if (w.context.abort === undefined) await w.flushHandlers(hosts);
  }
}

// `max_fail_percentage`: more than so many of the batch failed. Unreachable hosts do not count, as in Ansible.
function checkBudget(context: PlayContext, batch: readonly HostRun[], maxFailPercentage: number | undefined): void {
  if (maxFailPercentage === undefined || context.abort !== undefined) return;
  const failed = batch.filter((host) => host.standing === 'failed' || host.standing === 'interrupted').length;
  if ((failed / batch.length) * 100 <= maxFailPercentage) return;
  context.abort = {
    reason: `${failed} of ${batch.length} hosts failed, more than max_fail_percentage ${maxFailPercentage} allows`,
  };
}

function isFine(host: HostRun): boolean {
  return host.standing === 'active' || host.standing === 'ended';
}

function warnNoMatch(run: RunContext, play: Play, pattern: string): void {
  run.options.emit({
    type: 'warning',
    atMs: run.options.nowMs(),
    source: play.hosts.source,
    message: `no host matches '${pattern}', the play is skipped`,
  });
}
