import { expect, test } from 'vitest';
import { checkArgumentSpec } from '../../src/modules/argument-spec.ts';

const spec = {
  count: { type: 'int', required: true },
  mode: { choices: ['fast', 'slow'], aliases: ['m'] },
  names: { type: 'list', elements: 'str' },
  nested: { type: 'dict', options: { inner: { type: 'bool', required: true } } },
  free: { type: 'raw' },
  password: { type: 'dict', no_log: true },
  pin: { choices: ['1'], no_log: true },
};

test.each([
  ['all that is needed', { count: 1 }, []],
  ['text that is a number', { count: '12', names: 'a,b', nested: { inner: 'yes' }, free: [1] }, []],
  ['an alias', { count: 1, m: 'fast' }, []],
  ['nothing', {}, ["missing required option 'count'"]],
  ['null', { count: null }, ["missing required option 'count'"]],
  ['another type', { count: 'five' }, ["expected option 'count' to be a whole number, found 'five'"]],
  ['no choice', { count: 1, m: 'x' }, ["expected option 'm' to be one of fast, slow, found 'x'"]],
  [
    'a secret of another type',
    { count: 1, password: 'hunter2' },
    ["expected option 'password' to be a map, found another type"],
  ],
  ['a secret that is no choice', { count: 1, pin: '7' }, ["expected option 'pin' to be one of 1, found another value"]],
  ['what is inside', { count: 1, nested: {} }, ["missing required option 'inner' in 'nested'"]],
  [
    'an unknown word inside',
    { count: 1, nested: { inner: true, innr: 1 } },
    ["unknown option 'innr' in 'nested'; did you mean 'inner'?"],
  ],
])('%s', (_what, values, errors) => {
  expect(checkArgumentSpec(spec, values)).toEqual(errors);
});
