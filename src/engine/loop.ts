/** Runs a task once for each item of its loop and folds the results into one. */

import { internalError } from '../errors.ts';
import type { HostStatus } from '../event.ts';
import type { Raw } from '../playbook/types.ts';
import { toPlain, toText } from '../template/index.ts';
import { dataLayer, type LayeredScope } from '../vars/scope.ts';
import { runOnce } from './attempts.ts';
import { evaluateRaw, firstThatFails, numberOf } from './conditions.ts';
import { withFacts } from './facts.ts';
import type { HostRun } from './host-run.ts';
import { extendedOf, itemsOf } from './loop-items.ts';
import { sleep } from './module-runner.ts';
import { censored, endsTask, failedBy, type PassResult, skippedBy } from './pass-result.ts';
import type { PlayContext } from './task-context.ts';
import type { TaskNode } from './tree.ts';

/**
 * Runs all items, also after one failed, as Ansible does; an unreachable host or an interrupt ends it.
 *
 * @param declare - makes the facts of an item known, so that the next item sees them
 */
export async function runLoop(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
  noLog: boolean,
  declare: (result: PassResult) => void,
): Promise<PassResult> {
  const loop = node.task.loop;
  if (loop === undefined) throw internalError('runLoop without a loop');
  let items: unknown[];
  try {
    items = await withFacts(context, hostRun, () => itemsOf(loop, scope));
  } catch (error) {
    // A loop over something that is not there is fine where `when` skips the task anyway.
    const skip = await withFacts(context, hostRun, () =>
      firstThatFails(node.keywords.when, scope, context.options),
    ).catch(() => undefined);
    if (skip !== undefined) return skippedBy(String(skip.text));
    throw error;
  }
  const pauseMs = 1000 * (numberOf(loop.pauseSeconds, 'loop_control.pause', scope) ?? 0);
  const extended = extendedOf(loop, items, scope);
  const results: PassResult[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && pauseMs > 0) await sleep(pauseMs, hostRun.signal);
    const itemVars: Record<string, unknown> = { [loop.loopVar]: item, ansible_loop_var: loop.loopVar };
    if (loop.indexVar !== undefined)
      Object.assign(itemVars, { [loop.indexVar]: index, ansible_index_var: loop.indexVar });
    if (extended !== undefined) itemVars.ansible_loop = extended(index);
    const itemScope = scope.with(itemVars);
    let result: PassResult;
    try {
      // After any item but the last, more follow on the host.
      const itemNode = index < items.length - 1 ? { ...node, moreFollow: true } : node;
      result = await runOnce(context, itemNode, hostRun, itemScope);
    } catch (error) {
      result = failedBy(error, hostRun);
    }
    Object.assign(result.data, { ...itemVars, [loop.loopVar]: toPlain(item) });
    result.data.failed ??= result.status === 'failed';
    declare(result);
    results.push(withItem(result, index, itemVars));
    // Merely connected ahead of its turn when the run ended: nothing is told of it.
    if (hostRun.isAhead && result.failure?.kind === 'interrupted') break;
    hostRun.begin();
    emitItem(context, node, hostRun, noLog ? undefined : itemLabel(loop.label, item, itemScope), result, noLog);
    if (endsTask(result) || (await breaks(context, node, hostRun, itemScope, result))) break;
  }
  return foldLoop(results);
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
    // Playbooks compare them with Ansible's.
    ...(results.length === 0 ? { skipped_reason: 'No items in the list' } : {}),
    msg: bad !== undefined ? 'One or more items failed' : allSkipped ? 'All items skipped' : 'All items completed',
  };
  if (bad !== undefined) data.failed = true;
  return {
    status,
    data,
    changes: results.flatMap((each) => each.changes),
    ...(bad?.failure === undefined
      ? {}
      : {
          failure: {
            ...bad.failure,
            message: `${failures} of ${results.length} items failed: ${bad.failure.message}`,
          },
        }),
    facts: declaredFacts(results),
    includedVars: results.flatMap((each) => each.includedVars ?? []),
    delegatedTo: results.find((each) => each.delegatedTo !== undefined)?.delegatedTo,
    included: results.flatMap((each) => each.included ?? []),
  };
}

// `break_when` knows the item and, under its registered name, what it came to.
async function breaks(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
  result: PassResult,
): Promise<boolean> {
  const conditions = node.task.loop?.breakWhen;
  if (conditions === undefined || conditions.length === 0) return false;
  const { register } = node.task;
  const seen = register === undefined ? scope : scope.with({ [register]: result.data });
  return await withFacts(context, hostRun, () => firstThatFails(conditions, seen, context.options) === undefined);
}

// What is included sees the item of the loop around it.
function withItem(result: PassResult, index: number, vars: Readonly<Record<string, unknown>>): PassResult {
  if (result.included === undefined) return result;
  const { ansible_loop_var: _, ansible_index_var: __, ...own } = vars;
  return { ...result, included: result.included.map((each) => ({ ...each, index, item: dataLayer('item', own) })) };
}

// What the items declared together, for the other hosts of a `run_once` task.
function declaredFacts(results: readonly PassResult[]): PassResult['facts'] {
  const declared = results.flatMap(({ facts }) => (facts === undefined || facts.discovered ? [] : [facts]));
  return declared.length === 0
    ? undefined
    : {
        values: Object.assign({}, ...declared.map(({ values }) => values)),
        discovered: false,
        cacheable: declared.some(({ cacheable }) => cacheable === true),
      };
}

function itemLabel(label: Raw | undefined, item: unknown, scope: LayeredScope): string {
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
