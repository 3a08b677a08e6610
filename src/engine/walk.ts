/**
 * Walks the tasks of a play with a set of hosts. Both strategies use it: `linear` walks once with all hosts of a batch
 * (each task is a barrier), `free` walks once a host. A block splits the set: hosts that fail in it go on in `rescue`,
 * all go through `always`, and who is still failed after that leaves the play.
 */

import pLimit, { type LimitFunction } from 'p-limit';
import { internalError, placeText } from '../errors.ts';
import type { HostResultEvent } from '../event.ts';
import type { RoleUse } from '../playbook/types.ts';
import { allEnded } from '../util/all-ended.ts';
import { flag, nameOf, numberOf } from './conditions.ts';
import { failedTask } from './failed-task.ts';
import type { HostRun } from './host-run.ts';
import type { Included } from './include.ts';
import { runMeta } from './meta.ts';
import { censored, censoredFailure } from './pass-result.ts';
import { type Limit, type PlayContext, taskScope } from './task-context.ts';
import { addPassFacts, runTaskOnHost, type TaskResult } from './task-runner.ts';
import type { BlockNode, IncludedTree, Node, TaskNode } from './tree.ts';
import { walkIncluded } from './walk-included.ts';

export interface Walk {
  readonly context: PlayContext;
  /** Gives a task on a host its place among `forks`; with strategy free the host has its place already. */
  readonly limit: Limit;
  /** Shared by all walks of a batch: announces each task once, and runs `run_once` tasks once. */
  readonly batch: BatchState;
  /** Runs the handlers that were notified on these hosts (engine/handlers.ts, which itself walks). */
  readonly flushHandlers: (hosts: readonly HostRun[]) => Promise<void>;
  /** Checks the play's own budget; called for each host that is lost. */
  readonly onLost: (host: HostRun) => void;
  /** Checks failure budgets; called after each task that failed somewhere. */
  readonly onFailures: () => void;
  /** In the `always` of a block: it runs also when the play is stopped. */
  readonly isCleanup?: boolean;
}

/** What the walks of one batch share. */
export interface BatchState {
  readonly announced: Set<string>;
  readonly warned: Set<string>;
  readonly onceResults: Map<string, Promise<{ readonly by: HostRun; readonly result: TaskResult }>>;
  /** With strategy free: what includes brought, so that all hosts share it. */
  readonly includedTrees: Map<string, IncludedTree>;
  /** By task id: places for tasks with `throttle`. */
  readonly throttles: Map<string, LimitFunction>;
}

/** Runs some nodes in order on the hosts that are still active. */
export async function walk(w: Walk, nodes: readonly Node[], hosts: readonly HostRun[]): Promise<void> {
  for (const node of nodes) {
    if (isOver(w.context, w.isCleanup)) {
      cutOff(w, hosts);
      return;
    }
    const active = hosts.filter((host) => host.isActive && host.leftRole === undefined);
    if (active.length === 0) return;
    if (node.kind === 'block') await walkBlock(w, node, active);
    else await walkTask(w, node, active);
  }
}

// `meta: end_play` is no early end: that is what the playbook wants.
function cutOff(w: Walk, hosts: readonly HostRun[]): void {
  if (!w.context.ended) for (const host of hosts) if (host.isActive) host.isCutOff = true;
}

/** Whether no further task may start in this play; a play that was stopped still goes through `always`. */
export function isOver(context: PlayContext, isCleanup = false): boolean {
  return (context.abort !== undefined && !isCleanup) || context.ended || context.options.signal.aborted;
}

async function walkBlock(w: Walk, node: BlockNode, all: readonly HostRun[]): Promise<void> {
  const { role } = node;
  const { roles } = w.context;
  const hosts = role === undefined ? all : all.filter((host) => !roles.isDone(role, host.name));
  await walk(w, node.block, hosts);
  if (role !== undefined) leaveRole(w, role, hosts);
  const fell = hosts.filter((host) => host.standing === 'failed');
  if (node.rescue.length > 0 && fell.length > 0) {
    for (const host of fell) host.standing = 'active';
    await walk(w, node.rescue, fell);
  }
  if (node.always.length === 0) return;
  const failed = hosts.filter((host) => host.standing === 'failed');
  for (const host of failed) host.standing = 'active';
  await walk({ ...w, isCleanup: true }, node.always, hosts);
  for (const host of failed) if (host.standing === 'active') host.standing = 'failed';
}

function leaveRole({ context }: Walk, role: RoleUse, hosts: readonly HostRun[]): void {
  for (const host of hosts) {
    if (host.leftRole === role) host.leftRole = undefined;
    if (host.isActive) context.roles.noteDone(role, host.name);
  }
}

/** Runs one task on some hosts and waits for all of them. */
export async function walkTask(w: Walk, node: TaskNode, hosts: readonly HostRun[]): Promise<void> {
  const { context } = w;
  if (node.task.module === 'meta') {
    await runMeta(w, node, hosts);
    return;
  }
  const isFree = context.play.strategy === 'free';
  if (context.confirm !== undefined && !(await context.confirm(node.ref, isFree))) return;
  const lead = hosts[0];
  if (lead === undefined) return;
  // Whether a task runs once is asked of the first host, as `when` of such a task is.
  const module = context.options.findModule(node.task.module);
  const once = module?.spec.runOnce === true || (node.keywords.runOnce !== undefined && isOnce(w, node, lead));
  announce(w, node, hosts, once ? 1 : hosts.length);
  const limit = throttled(w, node, lead);
  const isInclude = node.task.include !== undefined;
  const includes = new Map<HostRun, readonly Included[]>();
  if (once) {
    const { included } = await runOnceFor(w, node, hosts);
    // As in Ansible: what is included runs on that one host as well.
    if (included !== undefined) includes.set(lead, included);
  } else
    await allEnded(
      hosts.map((host) =>
        limit(host, async () => {
          if (context.options.signal.aborted || (context.abort !== undefined && w.isCleanup !== true))
            cutOff(w, [host]);
          else {
            const { included } = await runAndReport(w, node, host);
            if (included !== undefined) includes.set(host, included);
            if (!host.isActive && !(host.standing === 'failed' && node.rescuable)) w.onLost(host);
          }
          // Where all hosts wait for each other, whoever has had the last task lets go of its connection at once.
          if (context.isLast && !node.moreFollow && !isInclude && host.notified.size === 0)
            context.pool.leave(host.name);
        }),
      ),
    );
  // A `rescue` around the task deals with the hosts that failed; no budget counts them, and the others are not touched.
  const lost = hosts.filter(
    (host) => host.standing === 'unreachable' || (host.standing === 'failed' && !node.rescuable),
  );
  if (lost.length > 0) checkLost(w, node, lead);
  if (includes.size > 0) await walkIncluded(w, node, includes, walk);
}

function checkLost(w: Walk, node: TaskNode, lead: HostRun): void {
  const { context } = w;
  const fatal = node.keywords.anyErrorsFatal;
  if (fatal !== undefined && safeFlag(context, node, lead, fatal)) {
    context.abort = { reason: `task '${node.ref.name}' failed and any_errors_fatal is set` };
    return;
  }
  w.onFailures();
}

// `throttle`: a task's own places, beside those of `forks`.
function throttled(w: Walk, node: TaskNode, lead: HostRun): Limit {
  const { throttle } = node.keywords;
  if (throttle === undefined) return w.limit;
  let places = w.batch.throttles.get(node.ref.taskId);
  if (places === undefined) {
    const count = Math.floor(numberOf(throttle, 'throttle', taskScope(w.context, lead, node)) ?? 0);
    if (count === 0) return w.limit;
    places = pLimit(count);
    w.batch.throttles.set(node.ref.taskId, places);
  }
  const own = places;
  return (host, job) => own(() => w.limit(host, job));
}

// Ansible's strategy free does not know `run_once`, and says so.
function isOnce(w: Walk, node: TaskNode, lead: HostRun): boolean {
  const { context, batch } = w;
  if (!safeFlag(context, node, lead)) return false;
  if (context.play.strategy === 'linear') return true;
  if (!batch.warned.has(node.ref.taskId)) {
    batch.warned.add(node.ref.taskId);
    const message = `run_once has no meaning with strategy free: task '${node.ref.name}' runs on every host`;
    context.options.emit({ type: 'warning', atMs: context.options.nowMs(), message, source: node.ref.source });
  }
  return false;
}

function safeFlag(context: PlayContext, node: TaskNode, host: HostRun, condition = node.keywords.runOnce): boolean {
  try {
    return flag(condition, taskScope(context, host, node));
  } catch {
    // The error shows itself in the host's own result, where the same condition is evaluated again.
    return false;
  }
}

// Of a task's own `become_user`: that of a play is for those of its tasks that become somebody.
function isBecomeUserIdle(context: PlayContext, node: TaskNode, hosts: readonly HostRun[]): boolean {
  if (node.keywords.become !== undefined || context.options.connection.become) return false;
  return !hosts.some((host) => taskScope(context, host, node).has('ansible_become'));
}

function announce(w: Walk, node: TaskNode, hosts: readonly HostRun[], hostCount: number): void {
  if (w.batch.announced.has(node.ref.taskId)) return;
  w.batch.announced.add(node.ref.taskId);
  const { context } = w;
  const { becomeUser } = node.task;
  if (becomeUser !== undefined && isBecomeUserIdle(context, node, hosts)) {
    const message = `${placeText(becomeUser.source)}: become_user does nothing without 'become: true': task '${node.ref.name}' runs as the login user`;
    context.options.emit({ type: 'warning', atMs: context.options.nowMs(), message, source: becomeUser.source });
  }
  const first = hosts[0];
  context.options.emit({
    type: 'task:start',
    atMs: context.options.nowMs(),
    playId: context.playId,
    task: first === undefined ? node.ref : { ...node.ref, name: displayName(context, node, first) },
    hostCount: context.play.strategy === 'free' ? context.batch.length : hostCount,
  });
}

// A name may hold variables; like Ansible, the first host's are shown, and the bare text when they are not there.
function displayName(context: PlayContext, node: TaskNode, host: HostRun): string {
  try {
    return nameOf(node.ref.name, taskScope(context, host, node));
  } catch {
    return node.ref.name;
  }
}

// Runs on the first host that comes; the others take over its result, as Ansible's `run_once` does.
async function runOnceFor(w: Walk, node: TaskNode, hosts: readonly HostRun[]): Promise<TaskResult> {
  const first = hosts[0];
  if (first === undefined) throw internalError('a task runs once for no host');
  let running = w.batch.onceResults.get(node.ref.taskId);
  if (running === undefined) {
    running = w.limit(first, async () => ({ by: first, result: await runAndReport(w, node, first) }));
    w.batch.onceResults.set(node.ref.taskId, running);
  }
  const { by, result } = await running;
  // With strategy linear all hosts are here, and a handler may run again later in the play.
  if (w.context.play.strategy === 'linear') w.batch.onceResults.delete(node.ref.taskId);
  for (const host of hosts) {
    if (host === by) continue;
    if (node.task.register !== undefined) host.vars.declare({ [node.task.register]: result.data });
    // As in Ansible, facts of the one host are then those of all, unless they belong to the host that it delegated to.
    const isOthers = result.delegatedTo !== undefined && safeFlag(w.context, node, host, node.keywords.delegateFacts);
    if (!isOthers && result.facts !== undefined) addPassFacts(w.context, host, result.facts);
    for (const layer of (isOthers ? undefined : result.includedVars) ?? []) host.vars.include(layer);
    if ((result.status === 'failed' || result.status === 'unreachable') && !result.ignored) host.standing = 'failed';
  }
  return result;
}

async function runAndReport(w: Walk, node: TaskNode, host: HostRun): Promise<TaskResult> {
  const { context } = w;
  const { options } = context;
  const startedAtMs = options.nowMs();
  const waitedBeforeMs = host.waitedMs;
  const { playId } = context;
  const { taskId } = node.ref;
  host.start(() => options.emit({ type: 'host:start', atMs: options.nowMs(), playId, taskId, host: host.name }));
  const result = await runTaskOnHost(context, node, host);
  if (host.isAhead && result.failure?.kind === 'interrupted') {
    // It was merely being connected ahead of its turn.
    cutOff(w, [host]);
    return result;
  }
  host.begin();
  const rescued = result.status === 'failed' && !result.ignored && node.rescuable && !host.signal.aborted;
  settle(host, node, result, rescued);
  const { role } = node.keywords;
  if (role !== undefined && result.status !== 'skipped') context.roles.noteRun(role.use, host.name);
  const event: HostResultEvent = {
    type: 'host:result',
    atMs: options.nowMs(),
    playId,
    taskId,
    host: host.name,
    ...(result.delegatedTo === undefined ? {} : { delegatedTo: result.delegatedTo }),
    status: result.status,
    ignored: result.ignored,
    rescued,
    // That others had all places when it was connected was not the host's doing.
    durationMs: options.nowMs() - startedAtMs - Math.round(host.waitedMs - waitedBeforeMs),
    result: result.noLog ? censored(result.data) : result.data,
    changes: result.noLog ? [] : result.changes,
    ...(result.failure === undefined
      ? {}
      : { failure: result.noLog ? censoredFailure(result.failure) : result.failure }),
    noLog: result.noLog,
  };
  if (rescued) {
    const failed = failedTask(context, node, host, result.noLog);
    host.vars.declare({ ansible_failed_task: failed, ansible_failed_result: result.data });
  }
  options.emit(event);
  return result;
}

// Counts the result for the recap and moves the host on or out.
function settle(host: HostRun, node: TaskNode, result: TaskResult, rescued: boolean): void {
  switch (result.status) {
    case 'ok':
      // As in Ansible's recap: each included file that is not empty counts, an included role does not.
      if (node.task.include === undefined) host.count('ok');
      else if (node.task.include.kind === 'tasks')
        for (const { loaded } of result.included ?? []) if (loaded.tasks.length > 0) host.count('ok');
      return;
    case 'changed':
      host.count('ok');
      host.count('changed');
      return;
    case 'skipped':
      host.count('skipped');
      return;
    case 'unreachable':
      if (result.ignored) {
        host.count('ok');
        host.count('ignored');
        return;
      }
      host.count('unreachable');
      host.standing = 'unreachable';
      return;
    case 'failed':
      if (result.ignored) {
        host.count('ok');
        host.count('ignored');
        if (result.data.changed === true) host.count('changed');
        return;
      }
      host.count(rescued ? 'rescued' : 'failed');
      host.standing = host.signal.aborted ? 'interrupted' : 'failed';
  }
}
