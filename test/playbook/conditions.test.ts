import { describe, expect, test } from 'vitest';
import { compileExpression, scopeOf, truthy } from '../../src/template/index.ts';
import { taskFindings, taskOf } from './helpers.ts';

describe('when', () => {
  test.each([
    ['when: a == 1', ['a == 1']],
    ['when: [a, "b or c", true]', ['a', 'b or c', true]],
    ['when: no', [false]],
    ['when: 1', ['1']],
    ['when:', []],
  ])('%s', (line, texts) => {
    expect(taskOf('- ping:', `  ${line}`).when.map(({ text }) => text)).toEqual(texts);
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ['"{{ a }}"', { a: 'false' }, false],
    ['"{{ a }}"', { a: 'True' }, true],
    ['"{{ a }}"', { a: null }, false],
    ['"{{ a }}"', { a: [1] }, true],
    ['"{{- a | d({}) -}}"', {}, false],
    [`"{{ a }} == 0"`, { a: '0' }, true],
    [`"{{ a }} == 0"`, { a: 0 }, true],
    [`"{{ a }} == 'x'"`, { a: 'x' }, true],
    [`"'{{ a }}' == 'x-{{ b }}'"`, { a: 'x-5', b: 5 }, true],
    [`'"{{ a }}\\n" == b'`, { a: 'x', b: 'x\n' }, true],
    [`"a == '}}' or {{ b['}}'] }}"`, { a: 1, b: { '}}': true } }, true],
    [`"{{ a }}"`, { a: "lookup('pipe', 'false')" }, true],
  ])('%s with %j is %s', (text, values, expected) => {
    const [condition] = taskOf('- ping:', `  when: ${text}`).when;
    const value = compileExpression(String(condition?.text)).evaluate(scopeOf(values));
    expect(truthy(value)).toBe(expected);
  });

  test('stands where its text stands, behind quotes and braces', () => {
    const columns = ['when: a', 'when: "a"', 'when: "{{ a }}"', 'when: [x, a]'].map(
      (line) => taskOf('- ping:', `  ${line}`).when.at(-1)?.source.column,
    );
    expect(columns).toEqual([13, 14, 17, 17]);
  });
});

describe('a syntax error in a template', () => {
  test.each([
    ['when', ['- ping:', '  when: a ==']],
    ['a list of conditions', ['- ping:', '  when:', '    - a', '    - b ==']],
    ['name', ['- ping:', '  name: "{{ a + }}"']],
    ['an argument', ['- debug:', '    msg: "{{ a + }}"']],
    ['free text', ['- command: ls {{ a + }}']],
    ['a deep variable', ['- ping:', '  vars: {a: [{b: "{{ c + }}"}]}']],
    ['loop', ['- ping:', '  loop: "{{ a + }}"']],
    ['the label of a loop', ['- ping:', '  loop: [1]', '  loop_control: {label: "{{ a + }}"}']],
    ['changed_when', ['- ping:', '  changed_when: a ==']],
    ['ignore_errors', ['- ping:', '  ignore_errors: "{{ a + }}"']],
  ])('in %s is found at load', (_place, lines) => {
    const findings = taskFindings(...lines);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(/^TEMPLATE_SYNTAX /);
  });

  test.each([
    ['a block text', ['- shell: |', '    echo one', '      echo {{ a + }}', '    echo two'], '5:23'],
    ['a folded text', ['- debug:', '    msg: >-', '', '      one', '      two {{ a + }}'], '7:22'],
    ['a text in double quotes with escapes', ['- debug:', '    msg: "its \\"x\\"\\n {{ a + }}"'], '4:34'],
    ['a text in single quotes over two lines', ['- debug:', "    msg: 'it''s {{ a", "      + }}'"], '5:13'],
    ['plain text over two lines', ['- debug:', '    msg: one', '      {{ a + }}'], '5:18'],
    ['a condition of several parts', ['- ping:', '  when: "{{ a }} == {{ b + }}"'], '4:32'],
    ['a flag', ['- ping:', '  no_log: "{{ a + }}"'], '4:23'],
  ])('has its true place in %s', (_style, lines, place) => {
    expect(taskFindings(...lines)[0]).toBe(`TEMPLATE_SYNTAX ${place} Expected a value, found '}}'`);
  });

  test('does not matter in text that is marked !unsafe', () => {
    expect(taskOf('- debug:', '    msg: !unsafe "{{ a + }}"').args.msg).toBe("{{ '{{' }} a + }}");
  });
});
