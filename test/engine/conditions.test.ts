import { describe, expect, it } from 'vitest';
import { holds } from '../../src/engine/conditions.ts';
import { dataLayer, LayeredScope } from '../../src/vars/scope.ts';
import { runText } from './scripted-fleet.ts';

const magic = { has: () => false, get: () => undefined, names: () => [] };
const source = { file: 'site.yml', line: 1, column: 1 };

function check(text: string, vars: Readonly<Record<string, unknown>>): boolean {
  return holds({ text, source }, new LayeredScope({ magic, layers: [dataLayer('play', vars)] }));
}

describe('conditions that are no booleans', () => {
  it.each([
    ['', false],
    ['false', true],
    [0, false],
    [3, true],
    [[], false],
    [[0], true],
    [null, false],
    [{}, false],
    [{ a: 1 }, true],
  ])('%j counts by the truth of Python: %s', (x, expected) => {
    expect(check('x', { x })).toBe(expected);
  });

  it('text that looks like a list is text', () => {
    expect(check('x == "[]"', { x: '[]' })).toBe(true);
    expect(check("('[' ~ ']') is string", {})).toBe(true);
  });
});

describe('where broken conditionals are not allowed', () => {
  const strict = (task: string) =>
    runText(
      `- hosts: web1\n  gather_facts: false\n  vars: {list: [1], word: x}\n  tasks:\n    - {name: t, ${task}}\n`,
      {
        allowBrokenConditionals: false,
      },
    );

  it.each([
    ['debug: {msg: x}, when: list', 'list'],
    ['debug: {msg: x}, when: [true, word]', 'str'],
    ['debug: {msg: x}, failed_when: list | length', 'int'],
    ['debug: {msg: x}, register: r, until: none, retries: 1, delay: 0', 'NoneType'],
    ['assert: {that: [true, vars]}', 'dict'],
    ['debug: {msg: x}, loop: [1, 2], loop_control: {break_when: list}', 'list'],
  ])('%s is an error', async (task, kind) => {
    const { failure } = (await strict(task)).resultOf('t', 'web1');
    expect(failure?.message).toContain(
      `Expected the condition to be true or false, found a value of type '${kind}'; compare it`,
    );
    expect(failure?.message).toMatch(/^play\.yml:5:\d+: /);
  });

  it.each([
    'debug: {msg: x}, when: list | length > 0, failed_when: false',
    'debug: {msg: x}, ignore_errors: "{{ word }}"',
    'assert: {that: [word is truthy, true]}',
  ])('%s is none', async (task) => {
    expect((await strict(task)).resultOf('t', 'web1').status).toBe('ok');
  });

  it('else they count by their truth', async () => {
    const run = await runText('- hosts: web1\n  tasks:\n    - {name: t, debug: {msg: x}, vars: {l: []}, when: l}\n');
    expect(run.resultOf('t', 'web1').status).toBe('skipped');
  });
});
