/**
 * Ansible's levels of precedence, each against all below it: the variable of a level is defined there and at every level
 * beneath, so that taking levels away one by one is reading the next variable.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ansibleAccount, ourAccount } from './account.ts';
import { MAIN } from './places.ts';

/** Lowest first. Command line values are no variables; facts cannot be given by hand. */
const LEVELS = [
  'role defaults',
  'inventory all:vars',
  'inventory parent:vars',
  'inventory child:vars',
  'inventory group_vars/all',
  'playbook group_vars/all',
  'inventory group_vars/parent',
  'inventory group_vars/child',
  'playbook group_vars/parent',
  'playbook group_vars/child',
  'inventory host',
  'inventory host_vars',
  'playbook host_vars',
  'play vars',
  'vars_prompt',
  'vars_files',
  'role vars',
  'block vars',
  'task vars',
  'include_vars',
  'set_fact',
  'role params',
  'include params',
  'extra vars',
] as const;

type Level = (typeof LEVELS)[number];

/** The variables that a level defines: its own and those of all levels above it. */
function varsOf(level: Level): [name: string, value: string][] {
  const index = LEVELS.indexOf(level);
  return LEVELS.flatMap((_, own) => (own >= index ? [[`v${own}`, level]] : [])) as [string, string][];
}

/** A map that every level defines, for the merging of maps. */
const shared = (level: Level) => ({ [level]: 1, deep: { by: level } });

/** Maps and what is none: a text hides what is below it, and a template for a map is no map. */
const OTHERS: Partial<Record<Level, Readonly<Record<string, unknown>>>> = {
  'role defaults': { text: { hidden: 1 }, templated: { hidden: 1 } },
  'role vars': { text: 'plain', templated: "{{ {'a': 1} }}" },
  include_vars: { text: { included: 1 } },
  set_fact: { text: { of: 'set_fact' } },
};

const yaml = (level: Level) =>
  JSON.stringify({ ...Object.fromEntries(varsOf(level)), shared: shared(level), ...OTHERS[level] });
const ini = (level: Level) => [
  ...varsOf(level).map(([name, value]) => `${name}="${value}"`),
  // A Python literal; a line of a host is words, of a group it is not.
  level === 'inventory host' ? `shared='${JSON.stringify(shared(level))}'` : `shared=${JSON.stringify(shared(level))}`,
];

const FILES: Readonly<Record<string, string>> = {
  'inventory/hosts': [
    `[child]\nh ${ini('inventory host').join(' ')}`,
    '[parent:children]\nchild',
    // Of one depth: the priority decides, then the name that sorts last.
    '[a_first]\nh\n[b_second]\nh\n[c_low]\nh',
    '[a_first:vars]\nranked=a\nansible_group_priority=10',
    '[b_second:vars]\nnamed=b\nranked=b',
    '[c_low:vars]\nnamed=c\nranked=c',
    ...(['all', 'parent', 'child'] as const).map(
      (group) => `[${group}:vars]\n${ini(`inventory ${group}:vars`).join('\n')}`,
    ),
    '',
  ].join('\n'),
  ...Object.fromEntries(
    (['all', 'parent', 'child'] as const).flatMap((group) => [
      [`inventory/group_vars/${group}.yml`, yaml(`inventory group_vars/${group}`)],
      [`site/group_vars/${group}.yml`, yaml(`playbook group_vars/${group}`)],
    ]),
  ),
  'inventory/host_vars/h.yml': yaml('inventory host_vars'),
  'site/host_vars/h.yml': yaml('playbook host_vars'),
  'site/files.yml': yaml('vars_files'),
  'site/included.yml': yaml('include_vars'),
  'extra.yml': yaml('extra vars'),
  'site/roles/r/defaults/main.yml': yaml('role defaults'),
  'site/roles/r/vars/main.yml': yaml('role vars'),
  'site/roles/r/tasks/main.yml': `
- include_vars: {file: "{{ playbook_dir }}/included.yml"}
- set_fact: ${yaml('set_fact')}
- vars: ${yaml('block vars')}
  block:
    - include_tasks: show.yml
      vars: ${yaml('include params')}
`,
  'site/roles/r/tasks/show.yml': `
- debug:
    msg: ${JSON.stringify(Object.fromEntries(LEVELS.map((level, i) => [level, `{{ v${i} }}`])))}
  vars: ${yaml('task vars')}
- debug: {msg: "{{ named }} {{ ranked }}"}
- debug: {msg: {shared: "{{ shared }}", text: "{{ text }}", templated: "{{ templated }}"}}
`,
  'site/play.yml': `
- hosts: all
  gather_facts: false
  vars: ${yaml('play vars')}
  vars_prompt: ${JSON.stringify(varsOf('vars_prompt').map(([name, value]) => ({ name, default: value })))}
  vars_files: [files.yml]
  roles: ${JSON.stringify([{ role: 'r', ...JSON.parse(yaml('role params')) }])}
`,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmend-levels-'));
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(behaviour: string, program: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: 'C.UTF-8',
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_HASH_BEHAVIOUR: behaviour,
  };
  const common = ['-i', 'inventory/hosts', '-c', 'local', '-e', '@extra.yml', 'site/play.yml'];
  return execFileSync(program, [...args, ...common], { cwd: folder, env, encoding: 'utf8', input: '' });
}

function shownBoth(behaviour: string) {
  const text = run(behaviour, 'ansible-playbook');
  const theirs = ansibleAccount(JSON.parse(text.slice(text.search(/^\{/m))));
  const report = join(folder, 'report.json');
  run(behaviour, process.execPath, MAIN, 'run', '--state-dir', folder, '--report', `json=${report}`);
  const ours = ourAccount(JSON.parse(readFileSync(report, 'utf8')));
  return { theirs, ours };
}

it('each level beats all below it, as in Ansible', () => {
  const { theirs, ours } = shownBoth('replace');
  expect(ours).toEqual(theirs);
  expect(ours.shown.h?.slice(0, 2)).toEqual([Object.fromEntries(LEVELS.map((level) => [level, level])), 'c a']);
  expect(ours.shown.h?.[2]).toEqual({
    shared: shared('extra vars'),
    text: { of: 'set_fact' },
    templated: { a: 1 },
  });
});

it('hash_behaviour: merge joins the maps of all levels, as in Ansible', () => {
  const { theirs, ours } = shownBoth('merge');
  expect(ours).toEqual(theirs);
  const { shared, text, templated } = (ours.shown.h?.[2] ?? {}) as Record<string, unknown>;
  // A question has no map for its default; the task has no variables; those of the include hide those of the block.
  const levels = LEVELS.filter((level) => !['vars_prompt', 'task vars', 'block vars'].includes(level));
  expect(shared).toEqual({ deep: { by: 'extra vars' }, ...Object.fromEntries(levels.map((level) => [level, 1])) });
  expect(text).toEqual({ of: 'set_fact', included: 1 });
  expect(templated).toEqual({ a: 1 });
});
