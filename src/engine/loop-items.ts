/** The items of a loop, and what `ansible_loop` says of each. */

import { FleetmendError, type Position, placeText } from '../errors.ts';
import type { Loop } from '../playbook/types.ts';
import { toPlain, toText } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { evaluateRaw, flag } from './conditions.ts';

/** The items of a loop for one host. @throws FleetmendError INVALID_ARGUMENT for what is no list */
export function itemsOf(loop: Loop, scope: LayeredScope): unknown[] {
  const value = evaluateRaw(loop.items, scope);
  if (loop.lookup === undefined) return listOf(value, loop.items.source);
  // A single value is taken for a list of one, as Ansible hands it to a lookup.
  const terms = Array.isArray(value) ? value : [value];
  switch (loop.lookup) {
    case 'flattened':
      return terms.flat(Number.POSITIVE_INFINITY);
    case 'cartesian':
      return lookUp('nested', terms, scope);
    default:
      return lookUp(loop.lookup, terms, scope);
  }
}

function lookUp(name: string, terms: readonly unknown[], scope: LayeredScope): unknown[] {
  const lookup = scope.environment?.lookups.get(name);
  if (lookup === undefined) throw new FleetmendError('INVALID_ARGUMENT', `there is no lookup '${name}'`);
  return lookup(terms, {}, scope);
}

function listOf(value: unknown, source: Position): unknown[] {
  if (Array.isArray(value)) return value;
  throw new FleetmendError(
    'INVALID_ARGUMENT',
    `${placeText(source)}: expected \`loop\` to be a list, found '${toText(value)}'`,
    {
      hint:
        typeof value === 'object' && value !== null
          ? 'for a map, put `| dict2items` behind it: each item then has `key` and `value`'
          : 'write a list, also for a single value: `loop: ["{{ … }}"]`; `split` makes one of a text',
    },
  );
}

/** Makes `ansible_loop` for the item at an index; undefined where `extended` is off. */
export function extendedOf(
  loop: Loop,
  items: readonly unknown[],
  scope: LayeredScope,
): ((index: number) => Record<string, unknown>) | undefined {
  if (!flag(loop.extended, scope)) return undefined;
  const hasAll = loop.extendedAllItems === undefined || flag(loop.extendedAllItems, scope);
  const plain = items.map(toPlain);
  const { length } = items;
  return (index) => ({
    ...(hasAll ? { allitems: plain } : {}),
    index: index + 1,
    index0: index,
    first: index === 0,
    last: index + 1 === length,
    length,
    revindex: length - index,
    revindex0: length - index - 1,
    ...(index > 0 ? { previtem: plain[index - 1] } : {}),
    ...(index + 1 < length ? { nextitem: plain[index + 1] } : {}),
  });
}
