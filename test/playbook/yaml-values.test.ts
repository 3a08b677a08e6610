import { describe, expect, test } from 'vitest';
import { parseVarsFile } from '../../src/playbook/index.ts';
import { compileTemplate, PyFloat, scopeOf } from '../../src/template/index.ts';
import { findingsOf } from './helpers.ts';

const varsOf = (...lines: string[]) => parseVarsFile(`${lines.join('\n')}\n`, 'vars.yml').values;

test('plain values mean what they mean to PyYAML', () => {
  expect(varsOf('a: yes', 'b: "yes"', 'c: 0644', 'd: ~', 'e:', 'f: 1.5', 'g: 2001-01-01', 'h: y', "i: '1'")).toEqual({
    a: true,
    b: 'yes',
    c: 420,
    d: null,
    e: null,
    f: 1.5,
    g: '2001-01-01',
    h: 'y',
    i: '1',
  });
});

test('a float that is a whole number stays a float', () => {
  expect(varsOf('a: 1.0')).toEqual({ a: new PyFloat(1) });
});

test('an explicit tag decides the type', () => {
  expect(varsOf('a: !!str 5', 'b: !!int "5"', 'c: !!float 5')).toEqual({ a: '5', b: 5, c: new PyFloat(5) });
});

test('a map with a key that is no text is a Map', () => {
  expect(varsOf('a: {1: x, b: y}')).toEqual({
    a: new Map<unknown, string>([
      [1, 'x'],
      ['b', 'y'],
    ]),
  });
});

test('block and folded texts keep their line breaks as YAML says', () => {
  expect(varsOf('a: |', '  x', '   y', 'b: >-', '  x', '  y', 'c: |+', '  x', '')).toEqual({
    a: 'x\n y\n',
    b: 'x y',
    c: 'x\n\n',
  });
});

test.each([
  ['a: x', 1, 4],
  ['a: "x"', 1, 5],
  ['a:\n  - x', 2, 3],
  ['a: |\n  x', 2, 3],
  ['a: >-\n\n  x', 2, 1],
  ['a: !unsafe "x"', 1, 13],
  ['a: &anchor x', 1, 12],
  ['a:', 1, 1],
  ['\uFEFFa: x', 1, 4],
  ['b: |\r\n  y\r\na: x', 3, 4],
])('the value of a in %j stands at %i:%i', (text, line, column) => {
  expect(parseVarsFile(text, 'vars.yml').positions.a).toEqual({ file: 'vars.yml', line, column });
});

test('a bracket may close where its key begins', () => {
  expect(varsOf('a: {', '  b: 1', '}', 'c: [', '  2', ']')).toEqual({ a: { b: 1 }, c: [2] });
});

describe('merge keys', () => {
  test('bring the other map in, and the own keys win wherever they stand', () => {
    expect(varsOf('base: &base {a: 1, b: 2}', 'c: {b: 3, <<: *base}').c).toEqual({ a: 1, b: 3 });
  });

  test('take a list, of which the earlier wins', () => {
    expect(varsOf('x: &x {a: 1}', 'y: &y {a: 2, b: 2}', 'c: {<<: [*x, *y]}').c).toEqual({ a: 1, b: 2 });
  });

  test('are plain text in quotes', () => {
    expect(varsOf('c: {"<<": 1}').c).toEqual({ '<<': 1 });
  });

  test('need a map', () => {
    expect(findingsOf('- hosts: all\n  vars: {<<: 5}\n')[0]).toMatchObject({
      code: 'YAML_SYNTAX',
      message: "expected '<<' to merge a map or a list of maps",
    });
  });
});

test('aliases that stand for millions of values are refused, quickly and once', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  expect(() => varsOf(...lines)).toThrow(/aliases up to here stand for more than 1000000 values/);
});

test.each([
  '{{ raw }}',
  'it\'s {{ x }} \\ and "y"',
  '{% if %}',
  '{{{#',
  '{{',
  'back\\\\slash {{ \\\\',
  'line\n{{ two }}\n',
  "{{ '}}' }}",
])('!unsafe keeps %j as it is when it is templated', (text) => {
  const { value } = varsOf(`value: !unsafe ${JSON.stringify(text)}`);
  expect(compileTemplate(String(value)).evaluate(scopeOf({}))).toBe(text);
});

test('!unsafe reaches into lists and maps, and plain values keep their type', () => {
  expect(varsOf('a: !unsafe [{b: "{{ c }}"}, 5]', 'd: !unsafe 5', 'e: !unsafe plain')).toEqual({
    a: [{ b: "{{ '{{' }} c }}" }, 5],
    d: 5,
    e: 'plain',
  });
});

describe('a vars file', () => {
  test('may be empty', () => {
    expect(parseVarsFile('---\n# nothing\n', 'vars.yml').values).toEqual({});
  });

  test('must be a map', () => {
    expect(() => varsOf('- a')).toThrow('vars.yml:1:1: expected a map of variables, found a list');
  });

  test('may hold names and templates that nothing reads', () => {
    expect(varsOf('a-b: "{{ x + }}"')).toEqual({ 'a-b': '{{ x + }}' });
  });

  test('that was decrypted shows no line of itself', () => {
    expect(() => parseVarsFile('a: [hush', 'vars.yml', { isSecret: true })).toThrow(
      'vars.yml:1:4: the bracket [ that opens here is never closed',
    );
    expect(() => parseVarsFile('a: [hush', 'vars.yml', { isSecret: true })).not.toThrow('hush');
  });
});
