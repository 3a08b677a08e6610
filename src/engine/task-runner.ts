/**
 * Runs one task on one host: conditions, loop, retries, delegation, the module, and what follows from its result
 * (register, facts, notifications). Always comes back with exactly one result; nothing of a host is thrown from here.
 */

import { FleetmendError } from '../errors.ts';
import type { Change, HostFailure, HostStatus } from '../event.ts';
import { toPlain, toText } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { needsFacts } from '../vars/scope.ts';
import { evaluateRaw, firstThatFails, flag, holds, numberOf, textOf } from './conditions.ts';
import { gatherFacts } from './facts.ts';
import { CommandEndedError, failureOf } from './failure.ts';
import type { HostRun } from './host-run.ts';
import { markFailed, sleep } from './module-runner.ts';
import { runModule } from './run-module.ts';
import { type PlayContext, taskScope } from './task-context.ts';
import type { TaskNode } from './tree.ts';

/** What a task came to on a host, before statistics and reports. */
export interface TaskResult {
  readonly status: HostStatus;
  readonly data: Record<string, unknown>;
  readonly changes: readonly Change[];
  readonly failure?: HostFailure;
  readonly delegatedTo?: string;
  /** Variables that the task declared (`set_fact`), for the other hosts of a `run_once` task. */
  readonly declared?: Readonly<Record<string, unknown>>;
  readonly ignored: boolean;
  readonly noLog: boolean;
}

interface PassResult {
  readonly status: HostStatus;
  readonly data: Record<string, unknown>;
  readonly changes: readonly Change[];
  readonly failure?: HostFailure;
  readonly facts?: { readonly values: Readonly<Record<string, unknown>>; readonly discovered: boolean };
  readonly delegatedTo?: string;
}

/** Runs a task on a host. Never rejects. */
export async function runTaskOnHost(context: PlayContext, node: TaskNode, hostRun: HostRun): Promise<TaskResult> {
  let noLog = false;
  try {
    const scope = taskScope(context, hostRun, node);
    noLog = await withFacts(context, hostRun, () => flag(node.keywords.noLog, scope));
    const result =
      node.task.loop === undefined
        ? await runOnce(context, node, hostRun, scope)
        : await runLoop(context, node, hostRun, scope, noLog);
    return await finish(context, node, hostRun, result, noLog);
  } catch (error) {
    const failed = failedBy(error, hostRun);
    return { ...failed, ignored: await isIgnored(context, node, hostRun, failed.status).catch(() => false), noLog };
  }
}

// Evaluates, and when a fact was missing that can be gathered, gathers and evaluates again.
async function withFacts<T>(context: PlayContext, hostRun: HostRun, evaluate: () => T | Promise<T>): Promise<T> {
  try {
    return await evaluate();
  } catch (error) {
    if (!needsFacts(error)) throw error;
    await gatherFacts(context, hostRun);
    return await evaluate();
  }
}

// One pass: `when`, then the module with its retries.
async function runOnce(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
): Promise<PassResult> {
  const skip = await withFacts(context, hostRun, () => firstThatFails(node.keywords.when, scope));
  if (skip !== undefined) return skippedBy(String(skip.text));
  const until = node.task.until;
  const retries = await withFacts(context, hostRun, () => numberOf(node.task.retries, 'retries', scope));
  const attempts = until === undefined && retries === undefined ? 1 : 1 + Math.floor(retries ?? DEFAULT_RETRIES);
  const delayMs =
    1000 *
    ((await withFacts(context, hostRun, () => numberOf(node.task.delay, 'delay', scope))) ?? DEFAULT_DELAY_SECONDS);
  for (let attempt = 1; ; attempt++) {
    const result = await runAttempt(context, node, hostRun, scope);
    if (attempts > 1) result.data.attempts = attempt;
    if (result.status === 'unreachable' || result.failure?.kind === 'interrupted') return result;
    const done =
      until === undefined
        ? result.status !== 'failed'
        : firstThatFails(until, withRegistered(node, scope, result.data)) === undefined;
    if (done || attempts === 1) return result;
    if (attempt >= attempts) {
      // As Ansible reports it: the number of `retries`, not of all attempts.
      result.data.attempts = attempts - 1;
      if (result.status === 'failed') return result;
      const message = `the condition of \`until\` did not hold in ${attempts} attempts`;
      return asFailed(result, message);
    }
    emitRetry(context, node, hostRun, attempt, attempts);
    await sleep(delayMs, hostRun.signal);
  }
}

const DEFAULT_RETRIES = 3;
const DEFAULT_DELAY_SECONDS = 5;

async function runAttempt(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
): Promise<PassResult> {
  let result: PassResult;
  try {
    const pass = await withFacts(context, hostRun, () => runModule(context, node, hostRun, scope));
    result = {
      status: pass.status,
      data: { ...pass.data },
      changes: pass.changes,
      facts: pass.facts === undefined ? undefined : { values: pass.facts, discovered: pass.factsDiscovered },
      delegatedTo: pass.delegatedTo,
      ...(pass.status === 'failed'
        ? { failure: { kind: 'failed' as const, code: 'MODULE_FAILED' as const, message: messageOf(pass.data) } }
        : {}),
    };
    for (const warning of pass.warnings) {
      context.options.emit({ type: 'warning', atMs: context.options.nowMs(), message: warning, host: hostRun.name });
    }
  } catch (error) {
    if (isInterrupt(error)) return failedBy(error, hostRun);
    result = failedBy(error, hostRun);
  }
  return result.status === 'unreachable' ? result : await judge(context, node, hostRun, scope, result);
}

// `changed_when` and `failed_when` see the result under its registered name.
async function judge(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
  result: PassResult,
): Promise<PassResult> {
  const { changedWhen, failedWhen } = node.task;
  if (changedWhen === undefined && failedWhen === undefined) return result;
  if (result.status === 'skipped') return result;
  if (result.failure !== undefined && result.failure.kind !== 'failed' && result.failure.kind !== 'timed_out')
    return result;
  let { status } = result;
  let { failure } = result;
  const data = result.data;
  const seen = withRegistered(node, scope, data);
  if (changedWhen !== undefined) {
    const changed = await withFacts(context, hostRun, () => firstThatFails(changedWhen, seen) === undefined);
    data.changed = changed;
    if (status !== 'failed') status = changed ? 'changed' : 'ok';
  }
  if (failedWhen !== undefined) {
    // Ansible joins a list of failed_when by `and`, as it does for `when`.
    const failedNow = await withFacts(context, hostRun, () => firstThatFails(failedWhen, seen) === undefined);
    data.failed = failedNow;
    data.failed_when_result = failedNow;
    if (failedNow) {
      status = 'failed';
      const words = failedWhen.map((each) => String(each.text)).join(' and ');
      failure ??= { kind: 'failed', code: 'MODULE_FAILED', message: `failed_when is true: ${words}` };
    } else {
      status = data.changed === true ? 'changed' : 'ok';
      failure = undefined;
    }
  }
  return { ...result, status, data, failure };
}

async function runLoop(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
  noLog: boolean,
): Promise<PassResult> {
  const loop = node.task.loop;
  if (loop === undefined) throw new Error('runLoop without a loop');
  let items: unknown[];
  try {
    items = await withFacts(context, hostRun, () =>
      loopItems(loop.kind, evaluateRaw(loop.items, scope), loop.items.source),
    );
  } catch (error) {
    // A loop over something that is not there is fine where `when` skips the task anyway.
    const skip = await withFacts(context, hostRun, () => firstThatFails(node.keywords.when, scope)).catch(
      () => undefined,
    );
    if (skip !== undefined) return skippedBy(String(skip.text));
    throw error;
  }
  const pauseMs = 1000 * (numberOf(loop.pauseSeconds, 'loop_control.pause', scope) ?? 0);
  const results: PassResult[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && pauseMs > 0) await sleep(pauseMs, hostRun.signal);
    const itemVars: Record<string, unknown> = { [loop.loopVar]: item, ansible_loop_var: loop.loopVar };
    if (loop.indexVar !== undefined) itemVars[loop.indexVar] = index;
    const itemScope = scope.with(itemVars);
    let result: PassResult;
    try {
      result = await runOnce(context, node, hostRun, itemScope);
    } catch (error) {
      result = failedBy(error, hostRun);
    }
    Object.assign(result.data, { [loop.loopVar]: toPlain(item), ansible_loop_var: loop.loopVar });
    if (loop.indexVar !== undefined) result.data[loop.indexVar] = index;
    result.data.failed ??= result.status === 'failed';
    declareFacts(hostRun, result);
    results.push(result);
    emitItem(context, node, hostRun, noLog ? undefined : itemLabel(loop.label, item, itemScope), result, noLog);
    if (result.status === 'unreachable' || result.failure?.kind === 'interrupted') break;
  }
  return foldLoop(results);
}

function loopItems(
  kind: 'loop' | 'items',
  value: unknown,
  source: { file: string; line: number; column: number },
): unknown[] {
  if (kind === 'items') {
    // with_items flattens one level, and takes a single value for a list of one.
    const list = Array.isArray(value) ? value : [value];
    return list.flatMap((each) => (Array.isArray(each) ? each : [each]));
  }
  if (Array.isArray(value)) return value;
  throw new FleetmendError(
    'INVALID_ARGUMENT',
    `${source.file}:${source.line}:${source.column}: expected \`loop\` to be a list, found '${toText(value)}'`,
    {
      hint: 'wrap a single value in a list, or use a filter such as dict2items for a map',
    },
  );
}

function foldLoop(results: readonly PassResult[]): PassResult {
  const bad = results.find((each) => each.status === 'unreachable') ?? results.find((each) => each.status === 'failed');
  const allSkipped = results.every((each) => each.status === 'skipped');
  const changed = results.some((each) => each.data.changed === true);
  const status: HostStatus = bad !== undefined ? bad.status : allSkipped ? 'skipped' : changed ? 'changed' : 'ok';
  const failures = results.filter((each) => each.status === 'failed' || each.status === 'unreachable').length;
  const data: Record<string, unknown> = {
    results: results.map((each) => each.data),
    changed,
    ...(allSkipped ? { skipped: true } : {}),
    msg:
      bad === undefined
        ? allSkipped
          ? 'all items were skipped'
          : 'all items completed'
        : `${failures} of ${results.length} items failed: ${bad.failure?.message ?? ''}`,
  };
  if (bad !== undefined) data.failed = true;
  return {
    status,
    data,
    changes: results.flatMap((each) => each.changes),
    ...(bad?.failure === undefined ? {} : { failure: { ...bad.failure, message: String(data.msg) } }),
    delegatedTo: results.find((each) => each.delegatedTo !== undefined)?.delegatedTo,
  };
}

async function finish(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  result: PassResult,
  noLog: boolean,
): Promise<TaskResult> {
  if (node.task.loop === undefined) declareFacts(hostRun, result);
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
    ...(result.facts === undefined || result.facts.discovered ? {} : { declared: result.facts.values }),
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
  for (const raw of node.keywords.notify) {
    const name = textOf(raw, taskScope(context, hostRun, node));
    if (name === undefined) continue;
    // Of handlers with one name the last counts, as in Ansible; all that listen to a topic run.
    const named = context.tree.handlers.findLast((handler) => handler.ref.name === name);
    const listening = context.tree.handlers.filter((handler) => handler.task.listen.includes(name));
    const due = named === undefined ? listening : [named, ...listening];
    if (due.length === 0) {
      throw new FleetmendError('PLAYBOOK_INVALID', `no handler of this play is named '${name}' or listens to it`, {
        source: raw.source,
      });
    }
    for (const handler of due) hostRun.notified.add(handler.ref.taskId);
  }
}

function declareFacts(hostRun: HostRun, result: PassResult): void {
  if (result.facts === undefined) return;
  if (result.facts.discovered) hostRun.vars.addFacts(result.facts.values);
  else hostRun.vars.declare(result.facts.values);
}

function withRegistered(node: TaskNode, scope: LayeredScope, data: Readonly<Record<string, unknown>>): LayeredScope {
  return node.task.register === undefined ? scope : scope.with({ [node.task.register]: data });
}

function skippedBy(condition: string): PassResult {
  return {
    status: 'skipped',
    data: { changed: false, skipped: true, skip_reason: 'a condition of `when` is false', false_condition: condition },
    changes: [],
  };
}

function asFailed(result: PassResult, message: string): PassResult {
  return {
    ...result,
    status: 'failed',
    data: { ...result.data, failed: true, msg: message },
    failure: { kind: 'failed', code: 'MODULE_FAILED', message },
  };
}

// Names the result of something thrown. When the host's or the run's own deadline fired, that is the cause.
function failedBy(error: unknown, hostRun: HostRun): PassResult & { ignored: boolean; noLog: boolean } {
  const cause =
    isInterrupt(error) && hostRun.signal.aborted && !(error instanceof CommandEndedError)
      ? hostRun.signal.reason
      : error;
  const { status, failure, data } = failureOf(cause);
  const output = error instanceof CommandEndedError ? { stdout: error.output.stdout, stderr: error.output.stderr } : {};
  const whole: Record<string, unknown> = { changed: false, msg: failure.message, ...output, ...data };
  if (status === 'failed') markFailed(whole);
  else whole.unreachable = true;
  return { status, failure, data: whole, changes: [], ignored: false, noLog: false };
}

function isInterrupt(error: unknown): boolean {
  return error instanceof FleetmendError && ['INTERRUPTED', 'RUN_DEADLINE', 'HOST_TIMEOUT'].includes(error.code);
}

function messageOf(data: Readonly<Record<string, unknown>>): string {
  return typeof data.msg === 'string' && data.msg !== '' ? data.msg : 'the module failed without a message';
}

function itemLabel(
  label: { value: unknown; source: { file: string; line: number; column: number } } | undefined,
  item: unknown,
  scope: LayeredScope,
): string {
  try {
    return toText(label === undefined ? item : evaluateRaw(label, scope));
  } catch {
    return toText(item);
  }
}

function emitItem(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  label: string | undefined,
  result: PassResult,
  noLog: boolean,
): void {
  context.options.emit({
    type: 'item:result',
    atMs: context.options.nowMs(),
    playId: context.playId,
    taskId: node.ref.taskId,
    host: hostRun.name,
    label: label ?? '(hidden by no_log)',
    status: result.status,
    result: noLog ? censored(result.data) : result.data,
  });
}

function emitRetry(context: PlayContext, node: TaskNode, hostRun: HostRun, attempt: number, attempts: number): void {
  context.options.emit({
    type: 'host:retry',
    atMs: context.options.nowMs(),
    playId: context.playId,
    taskId: node.ref.taskId,
    host: hostRun.name,
    attempt,
    attemptsLeft: attempts - attempt,
  });
}

/** What reports may see of a result under `no_log`. */
export function censored(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = { censored: 'hidden by no_log' };
  for (const key of ['changed', 'failed', 'skipped', 'unreachable']) if (data[key] !== undefined) kept[key] = data[key];
  return kept;
}
