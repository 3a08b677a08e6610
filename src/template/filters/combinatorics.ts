/** Filters that make all combinations. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { isInt } from '../values/numbers.ts';
import { checkItemCount, iterate, wholeNumber } from '../values/sequence.ts';
import { tupleOf } from '../values/tuple.ts';

export const COMBINATORIC_FILTERS: readonly (readonly [string, Builtin])[] = [
  [
    'combinations',
    pure('value length', (value: unknown, length: unknown) => {
      const items = iterate(value);
      const size = sizeOf(length);
      checkItemCount(
        countOf(items.length, size, (left, i) => (items.length - left) / (i + 1)),
        'the combinations',
      );
      return pick(items, size, (used, i) => i > (used.at(-1) ?? -1));
    }),
  ],
  [
    'permutations',
    pure('value length?', (value: unknown, length: unknown = null) => {
      const items = iterate(value);
      const size = length === null ? items.length : sizeOf(length);
      checkItemCount(
        countOf(items.length, size, (left) => items.length - left),
        'the permutations',
      );
      return pick(items, size, (used, i) => !used.includes(i));
    }),
  ],
  ['product', pure('value *lists **options', product)],
];

function sizeOf(length: unknown): number {
  const size = wholeNumber(length, 'the length');
  return size < 0 ? fail(`Expected a length of at least 0, got ${size}`) : size;
}

function countOf(items: number, size: number, factor: (taken: number, i: number) => number): number {
  if (size > items) return 0;
  let count = 1;
  for (let i = 0; i < size && count < Number.MAX_SAFE_INTEGER; i++) count *= factor(i, i);
  return count;
}

// All ways to take `size` of the items, in the order of their places.
function pick(
  items: readonly unknown[],
  size: number,
  mayFollow: (used: readonly number[], index: number) => boolean,
): unknown[] {
  if (size > items.length) return [];
  const indices = items.map((_, i) => i);
  let rows: number[][] = [[]];
  for (let i = 0; i < size; i++) {
    rows = rows.flatMap((row) => indices.filter((index) => mayFollow(row, index)).map((index) => [...row, index]));
    checkItemCount(rows.length, 'the result');
  }
  return rows.map((row) => tupleOf(row.map((index) => items[index])));
}

function product(value: unknown, lists: unknown[], options: Record<string, unknown>): unknown {
  const { repeat = 1, ...unknown } = options;
  for (const name of Object.keys(unknown)) fail(`The filter 'product' has no argument '${name}'`);
  const base = [value, ...lists].map(iterate);
  const all = Array.from({ length: isInt(repeat) ? Number(repeat) : 1 }, () => base).flat();
  checkItemCount(
    all.reduce((size, list) => size * list.length, 1),
    'a product',
  );
  let combined: unknown[][] = [[]];
  for (const list of all) combined = combined.flatMap((row) => list.map((item) => [...row, item]));
  return combined.map(tupleOf);
}
