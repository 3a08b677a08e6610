import { describe, expect, it } from 'vitest';
import { runText } from './scripted-fleet.ts';

const CODE = "lookup('env', 'HOME') is defined";

// What a host said, as far as the playbook knows.
const play = (task: string) => `
- hosts: web1
  gather_facts: false
  tasks:
    - {set_fact: {said: "{{ words[0] }}", names: [said]}, vars: {words: ["${CODE}"]}}
    - {name: t, ${task}}
`;

async function resultOf(task: string) {
  return (await runText(play(task))).resultOf('t', 'web1');
}

describe('a text that a template gave is never read as code', () => {
  it.each([
    'assert: {that: "{{ said }}"}',
    'assert: {that: ["{{ said }}"]}',
    'assert: {that: "{{ [true, said] }}"}',
    'assert: "{{ {\'that\': said} }}"',
    'debug: {var: "{{ said }}"}',
    'debug: {msg: x}, when: "{{ said }}"',
    'debug: {msg: x}, changed_when: "{{ said }}"',
  ])('%s', async (task) => {
    const { status, failure } = await resultOf(task);
    expect(status).toBe('failed');
    expect(`${failure?.message} ${failure?.hint}`).toMatch(/(such )?a text is not read as an expression/);
    expect(failure?.message).not.toContain('lookup');
  });
});

describe('what is written is', () => {
  it.each([
    'assert: {that: said is string}',
    'assert: {that: ["{{ said is string }}", "\'{{ names[0] }}\' == \'said\'", true]}',
    'assert: {that: "{{ [said is string, true] }}"}',
    'assert: {that: "{{ \'true\' }}"}',
  ])('%s', async (task) => {
    expect(await resultOf(task)).toMatchObject({ status: 'ok' });
  });

  it.each([
    'assert: {that: said is not string}',
    'assert: {that: "{{ [true, false] }}"}',
    'assert: {that: "{{ \'\' }}"}',
  ])('%s does not hold', async (task) => {
    expect((await resultOf(task)).result).toMatchObject({ msg: 'Assertion failed' });
  });

  it.each([
    ['said', 'said'],
    ['"{{ names[0] }}"', 'said'],
    ['"{{ \'names[0]\' }}"', 'names[0]'],
    ['names | first', 'names | first'],
  ])('debug var=%s', async (written, shown) => {
    const value = shown === 'said' ? CODE : 'said';
    expect((await resultOf(`debug: {var: ${written}}`)).result).toMatchObject({ [shown]: value });
  });
});
