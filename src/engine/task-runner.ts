/**
 * Runs one task on one host and does what follows from its result: register, facts, notifications. Always comes back with
 * exactly one result; nothing of a host is thrown from here.
 */

import { FleetmendError, type Position } from '../errors.ts';
import type { Change, HostFailure, HostStatus } from '../event.ts';
import type { VarsLayer } from '../inventory/types.ts';
import { isTemplate, toText } from '../template/index.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { runOnce } from './attempts.ts';
import { evaluateRaw, flag, holds, nameOf } from './conditions.ts';
import { withFacts } from './facts.ts';
import type { HostRun } from './host-run.ts';
import type { Included } from './include.ts';
import { runLoop } from './loop.ts';
import { markFailed } from './module-runner.ts';
import { failedBy, type PassFacts, type PassResult } from './pass-result.ts';
import { type PlayContext, taskScope } from './task-context.ts';
import type { TaskNode } from './tree.ts';

/** What a task came to on a host, before statistics and reports. */
export interface TaskResult {
  readonly status: HostStatus;
  readonly data: Record<string, unknown>;
  readonly changes: readonly Change[];
  readonly failure?: HostFailure;
  readonly delegatedTo?: string;
  /** What the task declared or discovered of the host itself, for the other hosts of a `run_once` task. */
  readonly facts?: PassFacts;
  /** Layers of `include_vars`, likewise. */
  readonly includedVars?: readonly VarsLayer[];
  readonly ignored: boolean;
  readonly noLog: boolean;
  /** What an include found on the host. */
  readonly included?: readonly Included[];
}

/** Runs a task on a host. Never rejects. */
export async function runTaskOnHost(context: PlayContext, node: TaskNode, hostRun: HostRun): Promise<TaskResult> {
  // Hidden until it is known that it need not be: the condition itself may fail.
  let noLog = node.keywords.noLog !== undefined;
  let result: PassResult;
  try {
    const scope = await withFacts(context, hostRun, () => taskScope(context, hostRun, node));
    noLog = await withFacts(context, hostRun, () => flag(node.keywords.noLog, scope));
    result =
      node.task.loop === undefined
        ? await runOnce(context, node, hostRun, scope)
        : await runLoop(context, node, hostRun, scope, noLog, (item) => declareFacts(context, node, hostRun, item));
  } catch (error) {
    result = failedBy(error, hostRun);
  }
  try {
    return await finish(context, node, hostRun, result, noLog);
  } catch (error) {
    return { ...failedBy(error, hostRun), ignored: false, noLog };
  }
}

async function finish(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  result: PassResult,
  noLog: boolean,
): Promise<TaskResult> {
  if (node.task.loop === undefined) declareFacts(context, node, hostRun, result);
  const { data, status } = result;
  data.changed ??= status === 'changed';
  if (status === 'failed') markFailed(data);
  if (status === 'unreachable') data.unreachable = true;
  if (result.failure !== undefined) data.msg ??= result.failure.message;
  if (node.task.register !== undefined)
    hostRun.vars.declare({ [node.task.register]: data.failed === undefined ? { ...data, failed: false } : data });
  if (status === 'changed') await notify(context, node, hostRun);
  return {
    status,
    data,
    changes: result.changes,
    failure: result.failure,
    delegatedTo: result.delegatedTo,
    included: result.included,
    // Facts that were found on another host are not this one's.
    facts: result.facts?.discovered === true && result.delegatedTo !== undefined ? undefined : result.facts,
    includedVars: result.includedVars,
    ignored: await isIgnored(context, node, hostRun, status),
    noLog,
  };
}

async function isIgnored(context: PlayContext, node: TaskNode, hostRun: HostRun, status: HostStatus): Promise<boolean> {
  const keyword =
    status === 'failed'
      ? node.keywords.ignoreErrors
      : status === 'unreachable'
        ? node.keywords.ignoreUnreachable
        : undefined;
  // What ends the host or the run is never ignored.
  if (keyword === undefined || hostRun.signal.aborted) return false;
  return withFacts(context, hostRun, () => holds(keyword, taskScope(context, hostRun, node)));
}

async function notify(context: PlayContext, node: TaskNode, hostRun: HostRun): Promise<void> {
  if (node.keywords.notify.length === 0) return;
  const scope = taskScope(context, hostRun, node);
  for (const raw of node.keywords.notify) {
    for (const name of namesIn(evaluateRaw(raw, scope))) notifyOne(context, hostRun, scope, name, raw.source);
  }
}

// A template may give one name or a list of them, or nothing.
function namesIn(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each) => each !== null && each !== undefined && each !== '').map(toText);
}

function notifyOne(context: PlayContext, hostRun: HostRun, scope: LayeredScope, name: string, source: Position): void {
  const { handlers } = context.roles;
  // As in Ansible, the play's own win over those of roles, and a later role's over an earlier one's, but the first counts
  // of those that stand in one list; all that listen to a topic run.
  const owner = handlers.findLast((handler) => isNamed(handler, name, scope))?.keywords.role;
  const named = handlers.find((handler) => handler.keywords.role === owner && isNamed(handler, name, scope));
  const listening = handlers.filter((handler) => handler.task.listen.some((topic) => isCalled(topic, name, scope)));
  const due = named === undefined ? listening : [named, ...listening];
  if (due.length === 0) {
    const { file, line, column } = source;
    throw new FleetmendError(
      'PLAYBOOK_INVALID',
      `${file}:${line}:${column}: no handler of this play is named '${name}' or listens to it`,
      { source, hint: didYouMean(name, handlers.flatMap(namesOf)) },
    );
  }
  for (const handler of due) hostRun.notified.add(handler.ref.taskId);
}

// A handler of a role has two names: its own, and the one with the role's before it.
function isNamed({ ref, task }: TaskNode, name: string, scope: LayeredScope): boolean {
  return [ref.name, task.name].some((own) => own !== undefined && isCalled(own, name, scope));
}

// A handler's name may hold variables, as the name that notifies it may.
function isCalled(own: string, name: string, scope: LayeredScope): boolean {
  return own === name || (isTemplate(own) && nameOf(own, scope) === name);
}

function namesOf(handler: TaskNode): string[] {
  return [handler.ref.name, ...handler.task.listen];
}

// With `delegate_facts` they are those of the host where the task ran.
function declareFacts(context: PlayContext, node: TaskNode, hostRun: HostRun, result: PassResult): void {
  const { facts, includedVars = [], delegatedTo } = result;
  for (const layer of includedVars) hostRun.vars.include(layer);
  if (facts === undefined) return;
  const toDelegate = delegatedTo !== undefined && flag(node.keywords.delegateFacts, taskScope(context, hostRun, node));
  const owner = (toDelegate ? context.hostRun(delegatedTo) : undefined) ?? hostRun;
  addPassFacts(context, owner, facts);
}

/** Makes what a task found out or declared known on a host. */
export function addPassFacts(context: PlayContext, owner: HostRun, facts: PassFacts): void {
  // A `setup` task may have looked for some facts only; where the others can be gathered when they are read, they are.
  if (facts.discovered) {
    owner.vars.addFacts(facts.values, !context.gatherable.has(owner));
    return;
  }
  owner.vars.declare(facts.values);
  if (facts.cacheable === true) owner.vars.cacheFacts(facts.values);
}
