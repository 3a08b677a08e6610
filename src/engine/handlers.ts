/** Runs the handlers that were notified. */

import type { HostRun } from './host-run.ts';
import { isOver, type Walk, walkTask } from './walk.ts';

/**
 * Runs each notified handler once a host, in the order the play lists them; handlers that these notify follow in a next
 * round. Hosts that failed are left out unless the play forces its handlers.
 */
export async function flushHandlers(w: Walk, hosts: readonly HostRun[], force: boolean): Promise<void> {
  const { handlers } = w.context.tree;
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
      await walkTask(w, node, due);
      for (const host of failed) if (host.isActive) host.standing = 'failed';
    }
    if (!ran) return;
  }
}
