/** Comparisons and sets: `eq`, `in`, `sameas`, `contains`, `subset`, `all`, `any`. */
import { type Builtin, pure } from '../builtin.ts';
import { contains } from '../values/contains.ts';
import { iterate } from '../values/sequence.ts';
import { compare, equals, truthy } from '../values/truth.ts';

const EQ = pure('value other', (a: unknown, b: unknown) => equals(a, b));
const NE = pure('value other', (a: unknown, b: unknown) => !equals(a, b));
const LT = pure('value other', (a: unknown, b: unknown) => compare(a, b) < 0);
const LE = pure('value other', (a: unknown, b: unknown) => compare(a, b) <= 0);
const GT = pure('value other', (a: unknown, b: unknown) => compare(a, b) > 0);
const GE = pure('value other', (a: unknown, b: unknown) => compare(a, b) >= 0);
const SUBSET = pure('value other', (a: unknown, b: unknown) => iterate(a).every((item) => contains(iterate(b), item)));
const SUPERSET = pure('value other', (a: unknown, b: unknown) =>
  iterate(b).every((item) => contains(iterate(a), item)),
);

export const COMPARISON_TESTS: readonly (readonly [string, Builtin])[] = [
  ['eq', EQ],
  ['equalto', EQ],
  ['==', EQ],
  ['ne', NE],
  ['!=', NE],
  ['lt', LT],
  ['lessthan', LT],
  ['<', LT],
  ['le', LE],
  ['<=', LE],
  ['gt', GT],
  ['greaterthan', GT],
  ['>', GT],
  ['ge', GE],
  ['>=', GE],
  ['in', pure('value seq', (value: unknown, seq: unknown) => contains(seq, value))],
  ['contains', pure('value item', contains)],
  ['sameas', pure('value other', (a: unknown, b: unknown) => a === b, { lenient: true })],
  ['subset', SUBSET],
  ['issubset', SUBSET],
  ['superset', SUPERSET],
  ['issuperset', SUPERSET],
  ['all', pure('value', (value: unknown) => iterate(value).every(truthy))],
  ['any', pure('value', (value: unknown) => iterate(value).some(truthy))],
];
