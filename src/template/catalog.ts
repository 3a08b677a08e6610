/** What the expression language knows, as one table: the reference is made of it. */
import { FILTERS } from './filters/index.ts';
import { GLOBALS } from './globals.ts';
import { LOOKUP_NAMES } from './lookups/names.ts';
import { DICT_METHODS } from './methods/dict.ts';
import { LIST_METHODS } from './methods/list.ts';
import { TEXT_METHODS } from './methods/text.ts';
import { REFUSED_TAGS, TAG_NAMES } from './parser.ts';
import { REFUSED } from './refused.ts';
import { TESTS } from './tests/index.ts';

export type CatalogKind =
  | 'tag'
  | 'filter'
  | 'test'
  | 'lookup'
  | 'function'
  | 'str method'
  | 'list method'
  | 'dict method';

/**
 * - `works`: as in Ansible
 * - `differs`: `note` says how
 * - `refused`: a mistake when the playbook is loaded, which says what `note` says
 */
export type CatalogStatus = 'works' | 'differs' | 'refused';

export interface CatalogEntry {
  readonly kind: CatalogKind;
  readonly name: string;
  readonly status: CatalogStatus;
  readonly note?: string;
}

const ONE_SECOND = 'patterns that JavaScript cannot match as Python does are errors; one use may take 1 s';
const SEEDS = 'the same as in Ansible for a seed that is an int or a str; other seeds are errors';
const OWN_ONLY = 'only on what the template itself wrote as a literal: variables belong to all hosts';
const WAITS = 'the command may take 60 s; all hosts wait for it';

const DIFFERENCES: Partial<Readonly<Record<CatalogKind, Readonly<Record<string, string>>>>> = {
  filter: {
    fileglob: 'the paths are sorted',
    from_yaml_all: 'gives a list at once',
    password_hash:
      'without `rounds` the 5000 rounds of crypt(3); bcrypt is an error, as is a salt that crypt(3) does not take',
    random: SEEDS,
    shuffle: SEEDS,
    regex_findall: ONE_SECOND,
    regex_replace: ONE_SECOND,
    regex_search: ONE_SECOND,
    safe: 'nothing is ever escaped, so it does nothing',
    strftime: '`%Z` names the local zone as JavaScript does',
    vault: '`wrap_object` does nothing',
    xmlattr: 'names with spaces, `/`, `>` or `=` are errors, as in later versions of Jinja',
  },
  test: {
    match: ONE_SECOND,
    regex: ONE_SECOND,
    search: ONE_SECOND,
    escaped: 'nothing is ever escaped: always false',
  },
  lookup: {
    fileglob: 'the paths are sorted',
    lines: WAITS,
    pipe: WAITS,
    template: 'always gives text; `convert_data` does nothing',
    random_choice: 'chosen anew each time',
  },
  function: { lipsum: 'an error when it is called: it makes random text' },
  'list method': Object.fromEntries(
    ['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort'].map((name) => [name, OWN_ONLY]),
  ),
  'dict method': {
    pop: OWN_ONLY,
    setdefault: OWN_ONLY,
    update: OWN_ONLY,
    keys: 'gives a list at once',
    values: 'gives a list at once',
    items: 'gives a list at once',
  },
};

/** All tags, filters, tests, lookups, functions and methods, by kind and name. */
export function templateCatalog(): readonly CatalogEntry[] {
  return [
    ...entriesOf('tag', [...TAG_NAMES, 'raw'], REFUSED_TAGS),
    ...entriesOf('filter', FILTERS.keys(), REFUSED.filter),
    ...entriesOf('test', TESTS.keys(), REFUSED.test),
    ...entriesOf('lookup', LOOKUP_NAMES, REFUSED.lookup),
    ...entriesOf('function', GLOBALS.keys(), new Map()),
    ...entriesOf('str method', TEXT_METHODS.keys(), new Map()),
    ...entriesOf('list method', LIST_METHODS.keys(), new Map()),
    ...entriesOf('dict method', DICT_METHODS.keys(), new Map()),
  ];
}

function entriesOf(
  kind: CatalogKind,
  names: Iterable<string>,
  refused: ReadonlyMap<string, string>,
): readonly CatalogEntry[] {
  const notes = DIFFERENCES[kind] ?? {};
  const here = Array.from(names, (name): CatalogEntry => {
    const note = notes[name];
    return note === undefined ? { kind, name, status: 'works' } : { kind, name, status: 'differs', note };
  });
  const not = Array.from(refused, ([name, note]): CatalogEntry => ({ kind, name, status: 'refused', note }));
  return [...here, ...not].sort((a, b) => (a.name < b.name ? -1 : 1));
}
