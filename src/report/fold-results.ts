/** Groups hosts by what they said, as `clush -b` does. */

import { foldHosts } from '../util/fold.ts';

export interface FoldedGroup<T> {
  /** The values, in the order of `hosts`; never empty. */
  readonly values: readonly [T, ...T[]];
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
  const groups = new Map<string, { values: [T, ...T[]]; hosts: string[] }>();
  for (const [host, value] of results) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { values: [value], hosts: [host] });
    else {
      group.values.push(value);
      group.hosts.push(host);
    }
  }
  return [...groups.values()]
    .sort((a, b) => b.hosts.length - a.hosts.length)
    .map((group) => ({ ...group, folded: foldHosts(group.hosts) }));
}
