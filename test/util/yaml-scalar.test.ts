import { expect, test } from 'vitest';
import { resolvePlainScalar } from '../../src/util/yaml-scalar.ts';

// Each held against yaml.safe_load of PyYAML 6.
const CASES: readonly [string, unknown][] = [
  ...['yes', 'Yes', 'YES', 'on', 'On', 'true', 'True', 'TRUE'].map((text): [string, unknown] => [text, true]),
  ...['no', 'No', 'NO', 'off', 'Off', 'false', 'False', 'FALSE'].map((text): [string, unknown] => [text, false]),
  ...['y', 'n', 'yEs', 'tRUE', 'nULL', 'oN'].map((text): [string, unknown] => [text, text]),
  ...['', '~', 'null', 'Null', 'NULL'].map((text): [string, unknown] => [text, null]),
  ['0644', 420],
  ['+0644', 420],
  ['08', '08'],
  ['0o17', '0o17'],
  ['0x1F', 31],
  ['-0x1f', -31],
  ['0b101', 5],
  ['0b12', '0b12'],
  ['1_000', 1000],
  ['-0', 0],
  ['1:30', 90],
  ['-1:30', -90],
  ['1:60', '1:60'],
  ['0:30', '0:30'],
  ['1.', 'float 1'],
  ['2.0', 'float 2'],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['-.5', '-.5'],
  ['1.5e+3', 'float 1500'],
  ['1.5e3', '1.5e3'],
  ['1e3', '1e3'],
  ['1:30.5', 90.5],
  ['.inf', Number.POSITIVE_INFINITY],
  ['-.INF', Number.NEGATIVE_INFINITY],
  ['.nan', Number.NaN],
  ['1.2.3', '1.2.3'],
  ['-', '-'],
  ['.', '.'],
  ['2001-01-01', '2001-01-01'],
  ['text', 'text'],
];

test.each(CASES)('%j is %j', (text, value) => {
  expect(resolvePlainScalar(text, (float) => `float ${float}`)).toEqual(value);
});

test('an integer beyond 2^53 is a bigint', () => {
  expect(resolvePlainScalar('9007199254740993')).toBe(9007199254740993n);
  expect(resolvePlainScalar('-1_000_000_000_000_000_000_000')).toBe(-(10n ** 21n));
});
