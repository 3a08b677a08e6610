/**
 * Random expressions from a seed: well formed, with values of all kinds and all operators but `%`, for Python takes an
 * undefined value after `%` for a mapping and never asks it.
 */

const ATOMS = [
  '0',
  '1',
  '2',
  '-3',
  '7',
  '1.0',
  '2.5',
  '-0.5',
  '0.1',
  'true',
  'false',
  'none',
  "''",
  "'a'",
  "'b'",
  "'10'",
  "'ab c'",
  '[]',
  '[1]',
  "[1, 'a']",
  '[3, 1, 2]',
  '()',
  '(1, 2)',
  '{}',
  "{'a': 1}",
  "{'b': [1]}",
  'a',
  'i',
  'x',
  'n',
  't',
  'f',
  'empty',
  'nums',
  'words',
  'd',
  'nested',
  'nope',
  'd.a',
  'd.zz',
  'd.c.deep',
  'users[0].name',
];
const BINARY = ['+', '-', '*', '/', '//', '~', '==', '!=', '<', '<=', '>', '>=', 'in', 'not in', 'and', 'or'];
const FILTERS = [
  'length',
  'first',
  'last',
  'string',
  'int',
  'float',
  'list',
  'abs',
  'upper',
  'lower',
  'title',
  'trim',
  'default(1)',
  "default('x', true)",
  'sum',
  'sort',
  'min',
  'max',
  'reverse | list',
  "join('-')",
  'unique | list',
  'round(1)',
  'bool',
  'to_json',
  'flatten',
  'type_debug',
  "replace('a', 'b')",
  'capitalize',
  'quote',
  "split('a')",
];
const TESTS = [
  'defined',
  'none',
  'string',
  'number',
  'mapping',
  'sequence',
  'boolean',
  'integer',
  'float',
  'odd',
  'even',
  'divisibleby(2)',
  'eq(1)',
  "in([1, 'a'])",
  'truthy',
  'sameas(none)',
  'iterable',
];

/** The same expressions for the same seed. */
export function randomExpressions(seed: number, count: number): string[] {
  const random = generator(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const make = (depth: number): string => {
    const kind = random();
    if (depth <= 0 || kind < 0.2) return pick(ATOMS);
    if (kind < 0.5) return `(${make(depth - 1)} ${pick(BINARY)} ${make(depth - 1)})`;
    if (kind < 0.7) return `(${make(depth - 1)}) | ${pick(FILTERS)}`;
    if (kind < 0.78) return `(${make(depth - 1)} is ${random() < 0.3 ? 'not ' : ''}${pick(TESTS)})`;
    if (kind < 0.83) return `(not ${make(depth - 1)})`;
    if (kind < 0.88) return `(${make(depth - 1)} if ${make(depth - 1)} else ${make(depth - 1)})`;
    if (kind < 0.93) return `[${make(depth - 1)}, ${make(depth - 1)}]`;
    if (kind < 0.97) return `(${make(depth - 1)})[${pick(['0', '-1', '1:', '::-1', "'a'", '1'])}]`;
    return `{'k': ${make(depth - 1)}}`;
  };
  return Array.from({ length: count }, () => make(3));
}

// mulberry32
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
