import { expect, test } from 'vitest';
import {
  changedKeys,
  mergeSettings,
  parseDocument,
  printDocument,
} from '../../../src/modules/docker-daemon-config/document.ts';
import { isReloadable } from '../../../src/modules/docker-daemon-config/keys.ts';
import { isTaken } from '../../../src/modules/docker-daemon-config/taken.ts';

test.each([
  ['{"debug": tru}', ":1:11: 'tru}'"],
  ['{\n  "a": 1,\n}\n', ":3:1: '}'"],
  ['{\n  "a": 1\n', ':3:1: the end of the file'],
  ['{\n  "a": "x\n}', `:2:8: '"x'`],
  ["{'a': 1}", ":1:2: ''a': 1}'"],
  ['{"a": [1 2]}', ":1:10: '2]}'"],
  ['{"a": 01}', ":1:7: '01}'"],
  ['{} {}', ":1:4: '{}'"],
  ['[1]', ':1:1: a list'],
  ['null', ':1:1: a null'],
])('%j is refused at its place', (text, found) => {
  expect(() => parseDocument(text, '/d.json')).toThrow(`expected /d.json to be a JSON object, found /d.json${found}`);
});

test.each(['', ' \n', '\uFEFF{}'])('%j has no settings', (text) => {
  expect(parseDocument(text, '/d.json')).toEqual({});
});

test('maps are merged, lists are replaced, null removes', () => {
  const before = { 'log-opts': { 'max-size': '10m', tag: 'x' }, labels: ['a'], debug: true };
  const after = mergeSettings(before, { 'log-opts': { 'max-size': '5m', tag: null }, labels: ['b'], debug: null });
  expect(after).toEqual({ 'log-opts': { 'max-size': '5m' }, labels: ['b'] });
  expect(changedKeys(before, after)).toEqual(['log-opts', 'labels', 'debug']);
});

test('the order of keys in a map is no change', () => {
  expect(changedKeys({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
});

test('the indentation of before is kept', () => {
  expect(printDocument({ a: 1 }, '{\n\t"b": 2\n}')).toBe('{\n\t"a": 1\n}\n');
});

test('a key that is removed is reloaded only where a reload resets it', () => {
  expect(['debug', 'features', 'log-driver'].map((key) => [isReloadable(key, false), isReloadable(key, true)])).toEqual(
    [
      [true, false],
      [true, true],
      [false, false],
    ],
  );
});

test.each([
  ['debug', true, true],
  ['debug', false, false],
  ['registry-mirrors', ['https://m.example'], true],
  ['insecure-registries', ['reg:5000'], true],
  ['insecure-registries', ['other:5000'], false],
  ['shutdown-timeout', 30, true],
  ['shutdown-timeout', 31, false],
  ['log-level', 'warn', undefined],
])('%s %j is taken: %s', (key, value, taken) => {
  const info = {
    Debug: true,
    RegistryConfig: {
      Mirrors: ['https://m.example/'],
      InsecureRegistryCIDRs: ['127.0.0.0/8'],
      IndexConfigs: { 'docker.io': { Secure: true }, 'reg:5000': { Secure: false } },
    },
  };
  expect(isTaken(key, value, { info, reloaded: { 'shutdown-timeout': '30' } })).toBe(taken);
});
