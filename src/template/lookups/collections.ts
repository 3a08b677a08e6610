/** Lookups that put lists together: what `with_nested`, `with_together` and the like go over. */
import { randomInt } from 'node:crypto';
import { fail } from '../failure.ts';
import { isMatch } from '../regex-guard.ts';
import type { Lookup } from '../types.ts';
import { type Dict, dictEntries, dictGet, dictValues, isDict, makeDict } from '../values/dict.ts';
import { typeName } from '../values/kinds.ts';
import { article, checkItemCount, iterate } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';

export const COLLECTION_LOOKUPS: readonly (readonly [string, Lookup])[] = [
  ['nested', (terms) => nested(terms)],
  ['together', (terms) => together(terms)],
  ['subelements', (terms) => subelements(terms)],
  ['indexed_items', (terms) => terms.flatMap(asList).map((item, i) => [i, item])],
  ['random_choice', (terms) => (terms.length === 0 ? [] : [terms[randomInt(terms.length)]])],
  [
    'varnames',
    (terms, _options, scope) => {
      const names = [...scope.names()];
      return terms.flatMap((term) => {
        if (typeof term !== 'string') fail(`The lookup 'varnames' expects patterns, got ${article(typeName(term))}`);
        return names.filter((name) => isMatch(term, name));
      });
    },
  ],
];

function asList(term: unknown): readonly unknown[] {
  return Array.isArray(term) ? term : [term];
}

// Each list's items with each of the next one's; a list in a list is taken apart by one level.
function nested(terms: readonly unknown[]): unknown[] {
  const lists = terms.map(asList);
  checkItemCount(
    lists.reduce((size, list) => size * list.length, 1),
    "the lookup 'nested'",
  );
  const [first = [], ...others] = lists;
  let rows: unknown[][] = first.map((item) => [...asList(item)]);
  for (const list of others) rows = rows.flatMap((row) => list.map((item) => [...row, ...asList(item)]));
  return rows;
}

function together(terms: readonly unknown[]): unknown[] {
  if (terms.length === 0) fail("The lookup 'together' expects at least one list");
  const lists = terms.map(asList);
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({ length }, (_, i) => lists.flatMap((list) => (i < list.length ? asList(list[i]) : [null])));
}

// Pairs of an item, without the list that is gone over, and each entry of that list.
function subelements(terms: readonly unknown[]): unknown[] {
  const [value, path, flags] = terms;
  if (terms.length < 2 || terms.length > 3 || typeof path !== 'string') {
    fail("The lookup 'subelements' expects a list, the key of the list in its items, and maybe {'skip_missing': true}");
  }
  const skips = isDict(flags) && truthy(dictGet(flags, 'skip_missing') ?? false);
  const keys = path.split('.');
  const items = isDict(value) ? dictValues(value) : iterate(value);
  return items.flatMap((item) => {
    if (!isDict(item)) fail(`The lookup 'subelements' expects dicts, got ${article(typeName(item))}`);
    if (truthy(dictGet(item, 'skipped') ?? false)) return [];
    const found = valueAt(item, keys);
    if (found === undefined) {
      return skips
        ? []
        : fail(`An item has no key '${path}' for subelements`, "give {'skip_missing': true} to leave it out");
    }
    if (!Array.isArray(found)) fail(`Expected '${path}' to be a list for subelements, got ${article(typeName(found))}`);
    const rest = withoutPath(item, keys);
    return found.map((entry) => [rest, entry]);
  });
}

function valueAt(start: Dict, keys: readonly string[]): unknown {
  let at: unknown = start;
  for (const key of keys) at = isDict(at) ? dictGet(at, key) : undefined;
  return at;
}

function withoutPath(dict: Dict, keys: readonly string[]): unknown {
  const [key = '', ...rest] = keys;
  const entries = dictEntries(dict);
  if (rest.length === 0) return makeDict(entries.filter(([name]) => name !== key));
  return makeDict(entries.map(([name, item]) => [name, name === key && isDict(item) ? withoutPath(item, rest) : item]));
}

/** The hosts that patterns name, each once, in order; an unknown name gives none. */
export function inventoryHostnames(hostsOf: (pattern: string) => readonly string[]): Lookup {
  return (terms) => [...hostsOf(terms.map((term) => toText(term)).join(','))];
}
