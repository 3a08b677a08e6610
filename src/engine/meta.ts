/** `meta` tasks: they steer the play itself and give no result. */

import { internalError } from '../errors.ts';
import { firstThatFails } from './conditions.ts';
import type { HostRun } from './host-run.ts';
import { taskScope } from './task-context.ts';
import type { TaskNode } from './tree.ts';
import type { Walk } from './walk.ts';

/** Runs a meta action on the hosts whose `when` allows it. */
export async function runMeta(w: Walk, node: TaskNode, hosts: readonly HostRun[]): Promise<void> {
  const { context } = w;
  const action = String(node.task.args._raw_params ?? node.task.args.action ?? '');
  // As in Ansible, `when` of an action for the whole play is asked of the first host only.
  const asked = FOR_ALL.has(action) ? hosts.slice(0, 1) : hosts;
  const due = asked.filter((host) => isDue(w, node, host));
  switch (action) {
    case 'noop':
      return;
    case 'flush_handlers':
      // Ansible flushes for all hosts; `when` is not looked at.
      await w.flushHandlers(hosts);
      return;
    case 'end_play':
      if (due.length > 0) context.ended = true;
      return;
    case 'end_batch':
      for (const host of due.length > 0 ? context.batch : []) if (host.isActive) host.standing = 'ended';
      return;
    case 'end_host':
      for (const host of due) host.standing = 'ended';
      return;
    case 'end_role':
      for (const host of due) host.leftRole = node.keywords.role?.use;
      return;
    case 'clear_facts':
      if (due.length > 0) for (const host of hosts) host.vars.clearFacts();
      return;
    case 'clear_host_errors':
      // They are back in the next play, not in this one.
      for (const host of due.length > 0 ? context.batch : [])
        if (host.standing === 'failed' || host.standing === 'unreachable') host.standing = 'ended';
      return;
    case 'refresh_inventory':
      if (due.length > 0) await context.options.refreshInventory?.();
      return;
    case 'reset_connection':
      await Promise.all(due.map((host) => context.pool.reset(host.name)));
      return;
    default:
      throw internalError(`meta action '${action}' passed the loader`);
  }
}

const FOR_ALL: ReadonlySet<string> = new Set([
  'end_play',
  'end_batch',
  'refresh_inventory',
  'clear_facts',
  'clear_host_errors',
]);

function isDue(w: Walk, node: TaskNode, host: HostRun): boolean {
  try {
    return firstThatFails(node.keywords.when, taskScope(w.context, host, node), w.context.options) === undefined;
  } catch (error) {
    w.context.options.emit({
      type: 'warning',
      atMs: w.context.options.nowMs(),
      host: host.name,
      source: node.ref.source,
      message: `meta task left out, its condition cannot be evaluated: ${error instanceof Error ? error.message : String(error)}`,
    });
    return false;
  }
}
