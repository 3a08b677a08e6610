/** `ansible_play_hosts` and its like. They are read by every host: each list is made anew only when something changed. */

import type { PlayMagic } from '../vars/magic.ts';
import type { HostRun } from './host-run.ts';
import type { RunContext } from './run-context.ts';

/**
 * The lists of names of a play.
 *
 * @param matching - the hosts that its pattern means, in the order of the inventory
 * @param batch - the hosts of the batch that runs
 */
export function playHosts(
  run: RunContext,
  matching: readonly string[],
  batch: () => readonly HostRun[],
): Pick<PlayMagic, 'playHostsAll' | 'playHosts' | 'playBatch'> {
  const { inventory } = run.options;
  const countAtStart = inventory.hosts.size;
  const all = kept(
    () => [inventory.version],
    // As in Ansible, hosts that tasks add are named here, whatever the pattern; the play does not work on them.
    () => [...new Set([...matching, ...[...inventory.hosts.keys()].slice(countAtStart)])],
  );
  const namesInBatch = kept(
    () => [batch()],
    () => new Set(batch().map(({ name }) => name)),
  );
  const active = kept(
    () => [run.standings.version, batch()],
    // A host that ended in an earlier batch is back in the list, as in Ansible.
    () =>
      matching.filter((name) => {
        const host = run.startedHostRun(name);
        return host?.isActive === true || (host?.standing === 'ended' && !namesInBatch().has(name));
      }),
  );
  const inBatch = kept(
    () => [run.standings.version, batch()],
    // As in Ansible, `order` shows here only.
    () => batch().flatMap((host) => (host.isActive ? [host.name] : [])),
  );
  return { playHostsAll: all, playHosts: active, playBatch: inBatch };
}

// Computes again when what it depends on is not the same.
function kept<T>(dependencies: () => readonly unknown[], compute: () => T): () => T {
  let known: { readonly on: readonly unknown[]; readonly value: T } | undefined;
  return () => {
    const on = dependencies();
    if (known === undefined || on.some((each, i) => each !== known?.on[i])) known = { on, value: compute() };
    return known.value;
  };
}
