/** What a value is: `defined`, `none`, `mapping`, `number` … All of them answer for undefined values too. */
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import { calculate } from '../values/arithmetic.ts';
import { isDict } from '../values/dict.ts';
import { asNumeric, isFloat, isInt, numberOf } from '../values/numbers.ts';
import { isCallable } from '../values/object.ts';
import { isIterable } from '../values/sequence.ts';
import { equals, truthy } from '../values/truth.ts';
import { requireDefined, Undefined } from '../values/undefined.ts';

type Holds = (value: unknown) => boolean;

export const KIND_TESTS: readonly (readonly [string, Builtin])[] = [
  ['defined', kind((value) => !(value instanceof Undefined))],
  ['undefined', kind((value) => value instanceof Undefined)],
  ['none', kind((value) => value === null)],
  ['boolean', kind((value) => typeof value === 'boolean')],
  ['true', kind((value) => value === true)],
  ['false', kind((value) => value === false)],
  ['integer', kind(isInt)],
  ['float', kind(isFloat)],
  ['number', kind((value) => asNumeric(value) !== undefined)],
  ['string', kind((value) => typeof value === 'string')],
  ['mapping', kind(isDict)],
  ['sequence', kind(isIterable)],
  ['iterable', kind((value) => isIterable(requireDefined(value)))],
  ['callable', kind(isCallable)],
  ['escaped', kind(() => false)],
  ['nan', kind((value) => Number.isNaN(number(value)))],
  ['isnan', kind((value) => Number.isNaN(number(value)))],
  ['odd', kind((value) => equals(calculate('%', value, 2), 1))],
  ['even', kind((value) => equals(calculate('%', value, 2), 0))],
  ['divisibleby', pure('value num', (value: unknown, num: unknown) => equals(calculate('%', value, num), 0))],
  ['lower', kind((value) => typeof value === 'string' && isCased(value, value.toLowerCase()))],
  ['upper', kind((value) => typeof value === 'string' && isCased(value, value.toUpperCase()))],
  [
    'filter',
    contextual('value', (runtime: Runtime, value: unknown) => typeof value === 'string' && runtime.filters.has(value)),
  ],
  [
    'test',
    contextual('value', (runtime: Runtime, value: unknown) => typeof value === 'string' && runtime.tests.has(value)),
  ],
  ['truthy', pure('value convert_bool?', (value: unknown) => truthy(value))],
  ['falsy', pure('value convert_bool?', (value: unknown) => !truthy(value))],
];

function kind(holds: Holds): Builtin {
  return pure('value', holds, { lenient: true });
}

function number(value: unknown): number {
  const numeric = asNumeric(requireDefined(value));
  return numeric === undefined ? fail('Expected a number to test') : numberOf(numeric);
}

function isCased(text: string, same: string): boolean {
  return text === same && text.toLowerCase() !== text.toUpperCase();
}
