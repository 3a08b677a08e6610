import { describe, expect, test } from 'vitest';
import { taskFindings, taskOf } from './helpers.ts';

describe('when', () => {
  test.each([
    ['when: a == 1', ['a == 1']],
    ['when: [a, "b or c", true]', ['a', 'b or c', true]],
    ['when: no', [false]],
    ['when: 1', ['1']],
    ['when:', []],
    ['when: "{{ a }}"', ['a']],
    ['when: "{{- a | d({}) -}}"', ['a | d({})']],
    [`when: "{{ a }} == 'x'"`, ["(a) == 'x'"]],
    [`when: "'{{ a }}' == 'x-{{ b }}'"`, ["(a) == ('x-' ~ (b))"]],
    [`when: '"{{ a }}\\n" == b'`, ['((a) ~ "\\n") == b']],
    [`when: "a == '}}' or {{ b['}}'] }}"`, ["a == '}}' or (b['}}'])"]],
  ])('%s', (line, texts) => {
    expect(taskOf('- ping:', `  ${line}`).when.map(({ text }) => text)).toEqual(texts);
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

  test('is placed on its own line and column of a block text', () => {
    const [finding] = taskFindings('- shell: |', '    echo one', '    echo {{ a + }}', '    echo two');
    expect(finding).toMatch(/^TEMPLATE_SYNTAX 5:/);
    const column = Number(/^\S+ 5:(\d+)/.exec(finding ?? '')?.[1]);
    expect(column).toBeGreaterThanOrEqual(16);
    expect(column).toBeLessThanOrEqual(22);
  });

  test('does not matter in text that is marked !unsafe', () => {
    expect(taskOf('- debug:', '    msg: !unsafe "{{ a + }}"').args.msg).toBe("{{ '{{' }} a + }}");
  });
});
