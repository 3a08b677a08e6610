import { describe, expect, test } from 'vitest';
import { pythonLiteralOrText } from '../../src/inventory/python-literal.ts';
import { toRepr } from '../../src/template/values/text.ts';

describe('a value that is a Python literal means what Python means by it', () => {
  test.each([
    ['1', '1'],
    ['-5', '-5'],
    ['+5', '5'],
    ['1_000', '1000'],
    ['00', '0'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['0b101', '5'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.0', '1.0'],
    ['-2.0', '-2.0'],
    ['.5', '0.5'],
    ['1.', '1.0'],
    ['1e3', '1000.0'],
    ['True', 'True'],
    ['None', 'None'],
    ["'a b'", "'a b'"],
    ['"it\'s"', '"it\'s"'],
    ["'a' 'b'", "'ab'"],
    [String.raw`'a\tb\x41\u00e9\101\q'`, String.raw`'a\tbAéA\\q'`],
    [String.raw`r'\d'`, String.raw`'\\d'`],
    ["u'x'", "'x'"],
    ["'''a'b'''", '"a\'b"'],
    ["[1, 'a', None,]", "[1, 'a', None]"],
    ['[]', '[]'],
    ['()', '()'],
    ['(1)', '1'],
    ['(1,)', '(1,)'],
    ['1, 2', '(1, 2)'],
    ["{'a': {1: [True]}, }", "{'a': {1: [True]}}"],
    ['{}', '{}'],
    ['5 # five', '5'],
  ])('%s', (text, repr) => {
    expect(toRepr(pythonLiteralOrText(text))).toBe(repr);
  });
});

describe('any other value is text as it stands', () => {
  test.each([
    '',
    'yes',
    'true',
    'null',
    '010',
    '10.0.0.1',
    '1.2.3',
    '5m',
    '2001-01-01',
    '1 2',
    '-',
    'Trueish',
    "'open",
    '[1, 2',
    '[a]',
    "{'a'}",
    "{'a': }",
    '{{ template }}',
    '[{{ x }}]',
    "'a' + 'b'",
    '__import__("os")',
    '0x',
    '1__0',
    `${'['.repeat(500)}${']'.repeat(500)}`,
  ])('%s', (text) => {
    expect(pythonLiteralOrText(text)).toBe(text);
  });
});
