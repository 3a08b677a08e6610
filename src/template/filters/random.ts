/** Filters that choose by chance, or by a seed as Python does. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { typeName } from '../values/kinds.ts';
import { isInt, toInt } from '../values/numbers.ts';
import { PythonRandom } from '../values/python-random.ts';
import { article, isIterable, iterate } from '../values/sequence.ts';
import { truthy } from '../values/truth.ts';

export const RANDOM_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['random', pure('value start? step? seed?', choose)],
  [
    'shuffle',
    pure('value seed?', (value: unknown, seed: unknown = null) =>
      isIterable(value) ? randomOf(truthy(seed) ? seed : null).shuffled(iterate(value)) : value,
    ),
  ],
];

function choose(value: unknown, start: unknown = null, step: unknown = null, seed: unknown = null): unknown {
  const random = randomOf(seed);
  if (isInt(value) || typeof value === 'boolean') return fromRange(random, value, start, step);
  if (!isIterable(value)) fail(`Expected an int or a list to choose from, got ${article(typeName(value))}`);
  if (truthy(start) || truthy(step)) fail('Expected start and step only with an int to choose below');
  const items = iterate(value);
  if (items.length === 0) fail('Cannot choose from an empty list');
  return items[Number(random.below(items.length))];
}

function fromRange(random: PythonRandom, end: number | bigint | boolean, start: unknown, step: unknown): unknown {
  const first = wholeOr(start, 0n, 'start');
  const stride = wholeOr(step, 1n, 'step');
  const width = BigInt(end) - first;
  const count = stride > 0n ? (width + stride - 1n) / stride : (width + stride + 1n) / stride;
  if (count <= 0n || (stride > 0n ? width <= 0n : width >= 0n)) {
    fail(`Expected a range to choose from, got none from ${first} to ${end} by ${stride}`);
  }
  return toInt(first + stride * random.below(count));
}

function wholeOr(value: unknown, fallback: bigint, what: string): bigint {
  if (!truthy(value)) return fallback;
  if (isInt(value) || typeof value === 'boolean') return BigInt(value);
  return fail(`Expected ${what} to be an int, got ${article(typeName(value))}`);
}

function randomOf(seed: unknown): PythonRandom {
  if (seed === null || seed === undefined) return new PythonRandom(undefined);
  if (typeof seed === 'string' || isInt(seed)) return new PythonRandom(seed);
  if (typeof seed === 'boolean') return new PythonRandom(Number(seed));
  return fail(`Expected the seed to be a str or an int, got ${article(typeName(seed))}`);
}
