/** Filters of lists: order, parts, combinations. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { joinText } from '../values/arithmetic.ts';
import { readPath } from '../values/attributes.ts';
import { checkKey, dictEntries, dictGet, isDict, makeDict } from '../values/dict.ts';
import { typeName } from '../values/kinds.ts';
import { article, checkItemCount, iterate, lengthOf, wholeNumber } from '../values/sequence.ts';
import { toRepr, toText } from '../values/text.ts';
import { compare, equals, truthy } from '../values/truth.ts';
import { namedTuple, tupleOf } from '../values/tuple.ts';
import { orUndefined, requireDefined, Undefined } from '../values/undefined.ts';

const LENGTH = pure('value', lengthOf);

export const LIST_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['length', LENGTH],
  ['count', LENGTH],
  ['list', pure('value', (value: unknown) => [...iterate(value)])],
  [
    'first',
    pure('value', (value: unknown) => orUndefined(iterate(value)[0], () => 'The list has no first item: it is empty')),
  ],
  [
    'last',
    pure('value', (value: unknown) =>
      orUndefined(iterate(value).at(-1), () => 'The list has no last item: it is empty'),
    ),
  ],
  [
    'join',
    pure('value d? attribute?', (value: unknown, d: unknown = '', attribute?: unknown) =>
      joinTexts(keyed(iterate(value), attribute), toText(d)),
    ),
  ],
  [
    'reverse',
    pure('value', (value: unknown) => {
      const items = [...iterate(value)].reverse();
      return typeof value === 'string' ? items.join('') : items;
    }),
  ],
  ['sort', pure('value reverse? case_sensitive? attribute?', sort)],
  [
    'min',
    pure('value case_sensitive? attribute?', (value: unknown, cased?: unknown, attribute?: unknown) =>
      extreme(value, cased, attribute, -1),
    ),
  ],
  [
    'max',
    pure('value case_sensitive? attribute?', (value: unknown, cased?: unknown, attribute?: unknown) =>
      extreme(value, cased, attribute, 1),
    ),
  ],
  ['batch', pure('value linecount fill_with?', batch)],
  ['slice', pure('value slices fill_with?', sliceFilter)],
  ['groupby', pure('value attribute default? case_sensitive?', groupBy)],
  [
    'flatten',
    pure('value levels? skip_nulls?', (value: unknown, levels: unknown = null, skip: unknown = true) =>
      flatten(iterate(value), levels === null ? Number.POSITIVE_INFINITY : wholeNumber(levels, 'levels'), truthy(skip)),
    ),
  ],
  [
    'zip',
    pure('value *lists', (value: unknown, lists: unknown[]) => {
      const all = [value, ...lists].map(iterate);
      return rows(all, Math.min(...all.map((list) => list.length)), null);
    }),
  ],
  [
    'zip_longest',
    pure('value *lists **options', (value: unknown, lists: unknown[], options: Record<string, unknown>) => {
      const all = [value, ...lists].map(iterate);
      return rows(all, Math.max(...all.map((list) => list.length)), options.fillvalue ?? null);
    }),
  ],
  ['rekey_on_member', pure('value key duplicates?', rekey)],
  ['subelements', pure('value subelements skip_missing?', subelements)],
];

function joinTexts(items: readonly unknown[], separator: string): string {
  let text = '';
  items.forEach((item, i) => {
    text = joinText(text, i === 0 ? toText(item) : separator + toText(item));
  });
  return text;
}

/** The items, or an attribute of each. */
function keyed(items: readonly unknown[], attribute: unknown): readonly unknown[] {
  if (attribute === undefined || attribute === null) return items;
  return items.map((item) =>
    orUndefined(readPath(item, attribute), () => `An item has no attribute '${toText(attribute)}'`),
  );
}

function folded(value: unknown, isCased: boolean): unknown {
  return typeof value === 'string' && !isCased ? value.toLowerCase() : value;
}

function sort(value: unknown, reverse: unknown = false, cased: unknown = false, attribute?: unknown): unknown {
  const paths = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const isCased = truthy(cased ?? false);
  const rows = iterate(value).map((item) => ({
    item,
    keys: paths.map((path) => folded(keyed([item], path)[0], isCased)),
  }));
  const sign = truthy(reverse ?? false) ? -1 : 1;
  rows.sort((a, b) => {
    for (let i = 0; i < paths.length; i++) {
      const order = equals(a.keys[i], b.keys[i]) ? 0 : compare(a.keys[i], b.keys[i]);
      if (order !== 0) return sign * order;
    }
    return 0;
  });
  return rows.map(({ item }) => item);
}

function extreme(value: unknown, cased: unknown, attribute: unknown, sign: 1 | -1): unknown {
  const items = iterate(value);
  const keys = keyed(items, attribute).map((key) => folded(key, truthy(cased ?? false)));
  if (items.length === 0) return new Undefined('The list is empty and has no least or greatest item');
  let best = 0;
  for (let i = 1; i < items.length; i++) if (compare(keys[i], keys[best]) * sign > 0) best = i;
  return items[best];
}

function batch(value: unknown, size: unknown, fill?: unknown): unknown {
  const width = wholeNumber(size, 'the size of a batch');
  if (width < 1) fail(`Expected batches of at least 1 item, got ${width}`);
  const items = iterate(value);
  const batches: unknown[][] = [];
  for (let i = 0; i < items.length; i += width) batches.push(items.slice(i, i + width));
  const last = batches.at(-1);
  if (fill !== undefined && fill !== null) while (last !== undefined && last.length < width) last.push(fill);
  return batches;
}

function sliceFilter(value: unknown, slices: unknown, fill?: unknown): unknown {
  const count = wholeNumber(slices, 'the number of slices');
  if (count < 1) fail(`Expected at least 1 slice, got ${count}`);
  checkItemCount(count, 'the result');
  const items = iterate(value);
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    const part = items.slice(at, at + size + (i < longer ? 1 : 0));
    at += part.length;
    if (fill !== undefined && fill !== null && longer > 0 && i >= longer) part.push(fill);
    return part;
  });
}

function groupBy(value: unknown, attribute: unknown, fallback?: unknown, cased: unknown = false): unknown {
  const rows = iterate(value).map((item) => {
    const found = readPath(item, attribute);
    const given = found === undefined ? (fallback ?? undefined) : found;
    const key = requireDefined(orUndefined(given, () => `An item has no attribute '${toText(attribute)}' to group by`));
    return { item, key, order: folded(key, truthy(cased)) };
  });
  rows.sort((a, b) => (equals(a.order, b.order) ? 0 : compare(a.order, b.order)));
  const groups: { key: unknown; order: unknown; items: unknown[] }[] = [];
  for (const { item, key, order } of rows) {
    const last = groups.at(-1);
    if (last !== undefined && equals(last.order, order)) last.items.push(item);
    else groups.push({ key, order, items: [item] });
  }
  return groups.map(({ key, items }) => namedTuple(['grouper', 'list'], [key, items]));
}

function flatten(items: readonly unknown[], levels: number, skipsNulls: boolean): unknown[] {
  const flat: unknown[] = [];
  const add = (list: readonly unknown[], left: number): void => {
    tick(list.length);
    for (const item of list) {
      if (skipsNulls && (item === null || item === 'None' || item === 'null')) continue;
      if (Array.isArray(item) && left >= 1) add(item, left - 1);
      else flat.push(item);
    }
    checkItemCount(flat.length, 'a flat list');
  };
  add(items, levels);
  return flat;
}

function rows(lists: readonly (readonly unknown[])[], length: number, fill: unknown): unknown[] {
  return Array.from({ length }, (_, i) => tupleOf(lists.map((list) => (i < list.length ? list[i] : fill))));
}

function rekey(value: unknown, key: unknown, duplicates: unknown = 'error'): unknown {
  if (duplicates !== 'error' && duplicates !== 'overwrite') {
    fail(`Expected duplicates to be error or overwrite, got '${toText(duplicates)}'`);
  }
  const rows = isDict(value) ? dictEntries(value).map(([, item]) => item) : iterate(value);
  const result = new Map<unknown, unknown>();
  for (const row of rows) {
    if (!isDict(row)) fail(`Expected dicts to key by '${toText(key)}', got ${article(typeName(row))}`);
    const found = checkKey(dictGet(row, key) ?? fail(`An item has no key '${toText(key)}' to key by`));
    if (result.has(found) && duplicates === 'error') fail(`The key ${toRepr(found)} is not unique: cannot key by it`);
    result.set(found, row);
  }
  return makeDict(result);
}

function subelements(value: unknown, path: unknown, skip: unknown = false): unknown {
  const elements = isDict(value) ? dictEntries(value).map(([, item]) => item) : iterate(value);
  const keys = Array.isArray(path) ? path.map(toText) : toText(path).split('.');
  return elements.flatMap((element) => {
    let found: unknown = element;
    for (const key of keys) {
      if (!isDict(found)) fail(`Expected a dict with the key '${key}' for subelements`);
      const next = dictGet(found, key);
      if (next === undefined && truthy(skip)) return [];
      found = next ?? fail(`An item has no key '${key}' for subelements`, 'set skip_missing=true to leave it out');
    }
    if (!Array.isArray(found)) fail(`Expected '${keys.join('.')}' to be a list for subelements`);
    return found.map((sub) => tupleOf([element, sub]));
  });
}
