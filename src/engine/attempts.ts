/** One pass of a task on a host: `when`, the module, `changed_when`, `failed_when`, and `until` with its retries. */

import type { LayeredScope } from '../vars/scope.ts';
import { firstThatFails, numberOf, placeOf } from './conditions.ts';
import { withDelegatedVars } from './delegation.ts';
import { withFacts } from './facts.ts';
import type { HostRun } from './host-run.ts';
import { sleep } from './module-runner.ts';
import { asFailed, endsTask, failedBy, isInterrupt, type PassResult, skippedBy } from './pass-result.ts';
import { runModule } from './run-module.ts';
import type { PlayContext } from './task-context.ts';
import type { TaskNode } from './tree.ts';

/** Runs one pass. Throws what the conditions throw; the module's failures are in the result. */
export async function runOnce(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  own: LayeredScope,
): Promise<PassResult> {
  const scope = withDelegatedVars(context, hostRun, node.keywords, own);
  const skip = await withFacts(context, hostRun, () => firstThatFails(node.keywords.when, scope, context.options));
  if (skip !== undefined) return skippedBy(String(skip.text));
  const until = node.task.until;
  const retries = await withFacts(context, hostRun, () => numberOf(node.task.retries, 'retries', scope));
  const attempts = until === undefined && retries === undefined ? 1 : 1 + Math.floor(retries ?? DEFAULT_RETRIES);
  const delayMs =
    1000 *
    ((await withFacts(context, hostRun, () => numberOf(node.task.delay, 'delay', scope))) ?? DEFAULT_DELAY_SECONDS);
  for (let attempt = 1; ; attempt++) {
    const result = await runAttempt(
      context,
      node,
      hostRun,
      scope,
      until === undefined && attempts === 1 ? undefined : attempt,
    );
    if (endsTask(result)) return result;
    const missed =
      until === undefined
        ? undefined
        : firstThatFails(until, withRegistered(node, scope, result.data), context.options);
    const done = until === undefined ? result.status !== 'failed' : missed === undefined;
    if (done || attempts === 1) return result;
    if (attempt >= attempts) {
      // As Ansible reports it: the number of `retries`, not of all attempts.
      result.data.attempts = attempts - 1;
      if (result.status === 'failed' || missed === undefined) return result;
      const message = `the condition of \`until\` did not hold in ${attempts} attempts`;
      return asFailed(result, message, placeOf(missed, scope));
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
  attempt: number | undefined,
): Promise<PassResult> {
  let result: PassResult;
  try {
    const pass = await withFacts(context, hostRun, () => runModule(context, node, hostRun, scope));
    result = {
      status: pass.status,
      data: { ...pass.data },
      changes: pass.changes,
      facts:
        pass.facts === undefined
          ? undefined
          : { values: pass.facts, discovered: pass.factsDiscovered, cacheable: pass.factsCacheable },
      includedVars: pass.includedVars === undefined ? undefined : [pass.includedVars],
      delegatedTo: pass.delegatedTo,
      included: pass.included === undefined ? undefined : [pass.included],
      ...(pass.status === 'failed'
        ? { failure: { kind: 'failed' as const, code: 'MODULE_FAILED' as const, message: messageOf(pass.data) } }
        : {}),
    };
    // A warning may quote what no_log is to hide.
    for (const warning of node.keywords.noLog === undefined ? pass.warnings : []) {
      context.options.emit({ type: 'warning', atMs: context.options.nowMs(), message: warning, host: hostRun.name });
    }
  } catch (error) {
    if (isInterrupt(error)) return failedBy(error, hostRun);
    result = failedBy(error, hostRun);
  }
  // Known to `changed_when` and `failed_when` too.
  if (attempt !== undefined) result.data.attempts = attempt;
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
  // An empty list is as good as none.
  const [changedWhen, failedWhen] = [node.task.changedWhen, node.task.failedWhen].map((each) =>
    each?.length === 0 ? undefined : each,
  );
  if (changedWhen === undefined && failedWhen === undefined) return result;
  if (result.status === 'skipped') return result;
  // They judge what the module found, not that a deadline or something of ours ended it: as in Ansible, that stays a failure.
  if (result.failure !== undefined && result.failure.kind !== 'failed') return result;
  let { status } = result;
  let { failure } = result;
  const data = result.data;
  const seen = withRegistered(node, scope, data);
  if (changedWhen !== undefined) {
    const changed = await withFacts(
      context,
      hostRun,
      () => firstThatFails(changedWhen, seen, context.options) === undefined,
    );
    data.changed = changed;
    if (status !== 'failed') status = changed ? 'changed' : 'ok';
  }
  if (failedWhen !== undefined) {
    // Ansible joins a list of failed_when by `and`, as it does for `when`.
    const failedNow = await withFacts(
      context,
      hostRun,
      () => firstThatFails(failedWhen, seen, context.options) === undefined,
    );
    data.failed = failedNow;
    data.failed_when_result = failedNow;
    if (failedNow) {
      status = 'failed';
      const words = failedWhen.map((each) => String(each.text)).join(' and ');
      const [first] = failedWhen;
      const place = first === undefined ? {} : placeOf(first, scope);
      failure ??= { kind: 'failed', code: 'MODULE_FAILED', message: `failed_when is true: ${words}`, ...place };
    } else {
      status = data.changed === true ? 'changed' : 'ok';
      failure = undefined;
    }
  }
  return { ...result, status, data, failure };
}

function withRegistered(node: TaskNode, scope: LayeredScope, data: Readonly<Record<string, unknown>>): LayeredScope {
  return node.task.register === undefined ? scope : scope.with({ [node.task.register]: data });
}

function messageOf(data: Readonly<Record<string, unknown>>): string {
  return typeof data.msg === 'string' && data.msg !== '' ? data.msg : 'the module failed without a message';
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
