/** Groups hosts by what they said, as `clush -b` does. */

import { foldHosts } from '../util/fold.ts';

export interface FoldedGroup<T> {
  /** The value of the group's first host. */
  readonly value: T;
  readonly hosts: readonly string[];
  /** `web[01-40]`. */
  readonly folded: string;
}

/**
 * Hosts whose values have the same key, largest group first; equal sizes keep the order in which they came.
 *
 * @param keyOf - what makes two values the same
 */
export function foldResults<T>(results: Iterable<readonly [string, T]>, keyOf: (value: T) => string): FoldedGroup<T>[] {
  const groups = new Map<string, { value: T; hosts: string[] }>();
  for (const [host, value] of results) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { value, hosts: [host] });
    else group.hosts.push(host);
  }
  return [...groups.values()]
    .sort((a, b) => b.hosts.length - a.hosts.length)
    .map((group) => ({ ...group, folded: foldHosts(group.hosts) }));
}
