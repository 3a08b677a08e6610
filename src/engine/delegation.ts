/** The host that `delegate_to` sends a task to, and what the task knows of it. */

import type { Host } from '../inventory/types.ts';
import { ScopeDict } from '../vars/lazy-dict.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { textOf } from './conditions.ts';
import type { HostRun } from './host-run.ts';
import type { TaskKeywords } from './inherit.ts';
import { bareScope, hostScope, type PlayContext } from './task-context.ts';

export interface DelegateTarget {
  readonly host: Host;
  readonly scope: LayeredScope;
}

/** A host by the name that `delegate_to` gives. Variables of the task hold for it too. */
export function delegateTarget(
  context: PlayContext,
  hostRun: HostRun,
  name: string,
  keywords: TaskKeywords | undefined,
): DelegateTarget {
  const known = context.hostRun(name);
  if (known !== undefined) return { host: known.host, scope: hostScope(context, known, keywords) };
  // A name that the inventory does not hold is dialled as it is, as Ansible does; it has no variables of its own.
  const host: Host = { name, groups: new Set(), layers: [] };
  return { host, scope: bareScope(context, host, hostRun, keywords) };
}

/** The scope of a pass of a task with `ansible_delegated_vars`, when it is delegated: the other host's by its name. */
export function withDelegatedVars(
  context: PlayContext,
  hostRun: HostRun,
  keywords: TaskKeywords,
  scope: LayeredScope,
): LayeredScope {
  const { delegateTo } = keywords;
  if (delegateTo === undefined) return scope;
  return scope.with({
    get ansible_delegated_vars() {
      const name = textOf(delegateTo, scope);
      if (name === undefined) return {};
      const target = delegateTarget(context, hostRun, name, keywords).scope;
      return { [name]: new ScopeDict(() => seenFrom(hostRun, name, target)) };
    },
  });
}

// As in Ansible the name is that of the host whose task it is.
function seenFrom(hostRun: HostRun, address: string, target: LayeredScope) {
  const own: Readonly<Record<string, unknown>> = { inventory_hostname: hostRun.name };
  const fallback: Readonly<Record<string, unknown>> = { ansible_host: address };
  return {
    has: (name: string) => Object.hasOwn(own, name) || target.has(name) || Object.hasOwn(fallback, name),
    get: (name: string) => own[name] ?? target.get(name) ?? fallback[name],
    names: () => new Set([...target.names(), ...Object.keys(own), ...Object.keys(fallback)]),
  };
}
