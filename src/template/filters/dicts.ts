/** Filters of dicts. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { type Dict, dictEntries, dictGet, dictHas, isDict, makeDict } from '../values/dict.ts';
import { typeName } from '../values/kinds.ts';
import { article, iterate } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { compare, equals, truthy } from '../values/truth.ts';
import { tupleOf } from '../values/tuple.ts';
import { Undefined } from '../values/undefined.ts';
import { ValueSet } from '../values/value-set.ts';

const LIST_MERGES = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'];

export const DICT_FILTERS: readonly (readonly [string, Builtin])[] = [
  [
    'items',
    pure(
      'value',
      (value: unknown) => (value instanceof Undefined ? [] : dictEntries(dictOf(value, 'items')).map(tupleOf)),
      { lenient: true },
    ),
  ],
  ['dictsort', pure('value case_sensitive? by? reverse?', dictSort)],
  [
    'dict2items',
    pure('value key_name? value_name?', (value: unknown, key: unknown = 'key', name: unknown = 'value') =>
      dictEntries(dictOf(value, 'dict2items')).map(([k, v]) =>
        makeDict([
          [key, k],
          [name, v],
        ]),
      ),
    ),
  ],
  ['items2dict', pure('value key_name? value_name?', itemsToDict)],
  ['combine', pure('value *others **options', combine)],
];

function dictOf(value: unknown, filter: string): Dict {
  if (!isDict(value)) fail(`The filter '${filter}' expects a dict, got ${article(typeName(value))}`);
  return value;
}

function dictSort(value: unknown, cased: unknown = false, by: unknown = 'key', reverse: unknown = false): unknown {
  if (by !== 'key' && by !== 'value') fail(`Expected 'by' of dictsort to be 'key' or 'value', got '${toText(by)}'`);
  const fold = (item: unknown): unknown => (typeof item === 'string' && !truthy(cased) ? item.toLowerCase() : item);
  const sign = truthy(reverse) ? -1 : 1;
  const rows = dictEntries(dictOf(value, 'dictsort')).map((entry) => ({
    entry,
    order: fold(by === 'key' ? entry[0] : entry[1]),
  }));
  rows.sort((a, b) => (equals(a.order, b.order) ? 0 : sign * compare(a.order, b.order)));
  return rows.map(({ entry }) => tupleOf(entry));
}

function itemsToDict(value: unknown, key: unknown = 'key', name: unknown = 'value'): unknown {
  return makeDict(
    iterate(value).map((item) => {
      const dict = dictOf(item, 'items2dict');
      for (const part of [key, name]) {
        if (!dictHas(dict, part)) fail(`The filter 'items2dict' expects items with '${toText(part)}'`);
      }
      return [dictGet(dict, key), dictGet(dict, name)];
    }),
  );
}

function combine(value: unknown, others: unknown[], options: Record<string, unknown>): unknown {
  const { recursive = false, list_merge: merge = 'replace', ...unknown } = options;
  for (const name of Object.keys(unknown))
    fail(`The filter 'combine' has no argument '${name}'`, 'its options are recursive, list_merge');
  if (!LIST_MERGES.includes(toText(merge)))
    fail(`Expected list_merge to be one of ${LIST_MERGES.join(', ')}, got '${toText(merge)}'`);
  const dicts = [value, ...others].flatMap((item) => (Array.isArray(item) ? [...item] : [item])).flat();
  return dicts
    .map((item) => dictOf(item, 'combine'))
    .reduce((low: Dict, high) => mergeDicts(low, high, truthy(recursive), toText(merge)), makeDict([]));
}

function mergeDicts(low: Dict, high: Dict, isRecursive: boolean, listMerge: string): Dict {
  const merged = new Map(dictEntries(low));
  for (const [key, value] of dictEntries(high)) {
    const before = merged.get(key);
    if (isRecursive && isDict(before) && isDict(value)) merged.set(key, mergeDicts(before, value, true, listMerge));
    else if (Array.isArray(before) && Array.isArray(value)) merged.set(key, mergeLists(before, value, listMerge));
    else merged.set(key, value);
  }
  return makeDict(merged);
}

function mergeLists(low: unknown[], high: unknown[], how: string): unknown[] {
  switch (how) {
    case 'keep':
      return low;
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...without(low, high), ...high];
    case 'prepend_rp':
      return [...high, ...without(low, high)];
    default:
      return high;
  }
}

function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const gone = new ValueSet(others);
  return items.filter((item) => !gone.has(item));
}
