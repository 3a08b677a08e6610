/** Filters that take lists as sets; the order of first mention is kept. */
import { type Builtin, pure } from '../builtin.ts';
import { readPath } from '../values/attributes.ts';
import { iterate } from '../values/sequence.ts';
import { truthy } from '../values/truth.ts';
import { ValueSet } from '../values/value-set.ts';

export const SET_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['unique', pure('value case_sensitive? attribute?', unique)],
  ['union', pure('value other', (a: unknown, b: unknown) => distinct([...iterate(a), ...iterate(b)]))],
  [
    'intersect',
    pure('value other', (a: unknown, b: unknown) => {
      const right = new ValueSet(iterate(b));
      return distinct(iterate(a).filter((item) => right.has(item)));
    }),
  ],
  ['difference', pure('value other', (a: unknown, b: unknown) => without(iterate(a), iterate(b)))],
  [
    'symmetric_difference',
    pure('value other', (a: unknown, b: unknown) => [
      ...without(iterate(a), iterate(b)),
      ...without(iterate(b), iterate(a)),
    ]),
  ],
];

// Texts that differ only in case are one, as in Jinja and Ansible, unless case_sensitive tells them apart.
function unique(value: unknown, cased: unknown = null, attribute?: unknown): unknown[] {
  const isCased = truthy(cased);
  const seen = new ValueSet([]);
  return iterate(value).filter((item) => {
    const key = attribute === undefined || attribute === null ? item : readPath(item, attribute);
    return seen.add(typeof key === 'string' && !isCased ? key.toLowerCase() : key);
  });
}

function distinct(items: readonly unknown[]): unknown[] {
  const seen = new ValueSet([]);
  return items.filter((item) => seen.add(item));
}

function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const gone = new ValueSet(others);
  return distinct(items.filter((item) => !gone.has(item)));
}
