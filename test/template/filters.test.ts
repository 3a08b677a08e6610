import { describe, expect, it } from 'vitest';
import { toText } from '../../src/template/index.ts';
import { evaluate, templateErrorOf } from './helpers.ts';

/** Expressions and the Python text of their results; the lab compares many more with Jinja2 itself. */
const CASES: readonly (readonly [string, string])[] = [
  ['7 // -2', '-4'],
  ['-7 % 3', '2'],
  ['8 / 2', '4.0'],
  ['0.5 + 0.5', '1.0'],
  ['9007199254740991 + 2', '9007199254740993'],
  ['[1, 2] + [3] == [1, 2, 3]', 'True'],
  ['1 < 2 < 3', 'True'],
  ["'a' in {'a': 1}", 'True'],
  ['[] or none or 5', '5'],
  ["'abcdef'[::-2]", 'fdb'],
  ["'😀x' | length", '2'],
  ["'%05.1f|%-4s|%x' % (3.14159, 'ab', 255)", '003.1|ab  |ff'],
  ["'{:>6,.1f}'.format(1234.56)", '1,234.6'],
  ["['b', 'A', 'c'] | sort | join(',')", 'A,b,c'],
  ["[{'n': 2}, {'n': 1}] | sort(attribute='n') | map(attribute='n') | list", '[1, 2]'],
  ["[{'n': 1}, {}] | selectattr('n', 'defined') | list | length", '1'],
  ["[{'g': 1, 'v': 2}, {'g': 1, 'v': 3}] | groupby('g') | map(attribute='list') | first | length", '2'],
  ["{'a': {'x': 1}} | combine({'a': {'y': 2}}, recursive=true)", "{'a': {'x': 1, 'y': 2}}"],
  ["{'b': 1, 'a': [1, 2.0, none]} | to_json", '{"b": 1, "a": [1, 2.0, null]}'],
  ["{'b': [1, 2], 'a': 'yes'} | to_nice_yaml", "a: 'yes'\nb:\n- 1\n- 2\n"],
  ["{'b': [1, 2], 'a': 'x: y'} | to_yaml", "a: 'x: y'\nb: [1, 2]\n"],
  ['\'a: 1.0\nb: [yes, "no"]\' | from_yaml', "{'a': 1.0, 'b': [True, 'no']}"],
  ["'web-12.x' | regex_replace('^(\\\\w+)-(?P<n>\\\\d+).*$', '\\\\g<n>:\\\\1')", '12:web'],
  ["'aaa' | regex_replace('a', 'b', count=2)", 'bba'],
  ["'/a/../b//c/.' | normpath", '/b/c'],
  ["'it\\'s' | quote", `'it'"'"'s'`],
  ['[none] | first', 'None'],
  ["{'a': none} | dict2items", "[{'key': 'a', 'value': None}]"],
  ["'1.10' is version('1.9', '>')", 'True'],
  ["'5.10.0-21-amd64' is version('5.4', '>=')", 'True'],
  ["'1.0.0-rc.2' is version('1.0.0-rc.10', '<', version_type='semver')", 'True'],
  ["{'failed': true} is failed and {} is success and {'changed': true} is changed", 'True'],
  ["{'finished': 1} is finished and {'started': 0} is not started", 'True'],
  ["['a', 'b'] | ansible.builtin.zip([1, 2]) | list", "[('a', 1), ('b', 2)]"],
  ["'YWJj' | b64decode ~ 'abc' | hash('md5')", 'abc900150983cd24fb0d6963f7d28e17f72'],
];

describe('expressions', () => {
  it.each(CASES)('%s', (text, expected) => {
    expect(toText(evaluate(text))).toBe(expected);
  });
});

describe('filters', () => {
  it.each([
    ["'x' | combine({})", "The filter 'combine' expects a dict, got a str"],
    ['{} | combine({}, recursiv=true)', "The filter 'combine' has no argument 'recursiv'"],
    ["'a' | hash('sha-9')", "Unknown hash 'sha-9'"],
    ["'(' | regex_search('(')", "'(' is no regular expression"],
    ["[1] | map('uper')", "Unknown filter 'uper'; did you mean 'upper'?"],
    ["'1' is version('x', '>')", "Cannot compare the versions '1' and 'x'"],
    ['5 is failed', "The test 'failed' expects a registered result (a dict), got an int"],
  ])('%s says what was expected', (text, message) => {
    expect(templateErrorOf(() => evaluate(text)).message).toContain(message);
  });
});
