/** Runs the handlers that were notified. */

import type { HostRun } from './host-run.ts';
import type { TaskNode } from './tree.ts';
import { isOver, type Walk, walkTask } from './walk.ts';

/**
 * Runs each notified handler once a host, in the order the play lists them; handlers that these notify follow in a next
 * round. Hosts that failed are left out unless the play forces its handlers.
 */
export async function flushHandlers(w: Walk, hosts: readonly HostRun[], force: boolean): Promise<void> {
  // An include may add to them while they run.
  const { handlers } = w.context.roles;
  // A handler may notify one that stands before it; as many rounds as there are handlers are enough for any chain.
  for (let round = 0; round < handlers.length; round++) {
    let ran = false;
    for (const node of handlers) {
      if (isOver(w.context)) return;
      const due = hosts.filter(
        (host) => (host.isActive || (force && host.standing === 'failed')) && host.notified.delete(node.ref.taskId),
      );
      if (due.length === 0) continue;
      ran = true;
      const failed = due.filter((host) => !host.isActive);
      for (const host of failed) host.standing = 'active';
      // A handler belongs to the play, not to the include whose task flushes it.
      const items = due.map((host) => host.includeItems);
      for (const host of due) host.includeItems = [];
      await walkTask(w, again(node, due), due);
      for (const [i, host] of due.entries()) host.includeItems = items[i] ?? [];
      for (const host of failed) if (host.isActive) host.standing = 'failed';
    }
    if (!ran) return;
  }
}

// A handler that runs once more on a host is a task of its own: one result for each task and host.
function again(node: TaskNode, hosts: readonly HostRun[]): TaskNode {
  const count = Math.max(...hosts.map((host) => host.noteHandlerRun(node.ref.taskId)));
  return count === 1 ? node : { ...node, ref: { ...node.ref, taskId: `${node.ref.taskId}#${count}` } };
}
