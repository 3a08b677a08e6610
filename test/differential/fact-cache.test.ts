/** Facts that are kept between runs: each program reads the files of the other and shows the same. */

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ansibleAccount, ourAccount } from './account.ts';
import { MAIN } from './places.ts';

const PLAYBOOKS = {
  keeps: `
- hosts: all
  gather_facts: true
  gather_subset: [min]
  tasks:
    - set_fact: {release: 7, note: "of {{ inventory_hostname }}", deep: {list: [1, true, "ü"]}, cacheable: true}
    - set_fact: {volatile: 1}
    - debug: {msg: "{{ ansible_facts.release }} {{ release }} {{ ansible_facts.volatile | default('none') }}"}
`,
  reads: `
- hosts: a
  gather_facts: false
  vars: {release: play, own: "{{ ansible_system | default('none') }}"}
  tasks:
    - debug: {msg: "{{ ansible_facts.release }} {{ release }} {{ note }} {{ deep.list }} {{ own }}"}
    - debug: {msg: "{{ hostvars.b.note }} {{ hostvars.b.ansible_facts.note }} {{ hostvars.b.ansible_system }} {{ volatile | default('gone') }}"}
    - set_fact: {release: 8}
    - debug: {msg: "{{ ansible_facts.release }} {{ release }}"}
    - meta: clear_facts
    - debug: {msg: "{{ ansible_facts.note | default('none') }} {{ release }} {{ hostvars.b.note }}"}
`,
  gathers: `
- hosts: all
  tasks:
    - debug: {msg: "{{ note | default('none') }} {{ ansible_facts.note | default('none') }} {{ ansible_system | default('none') }}"}
`,
};

type Name = keyof typeof PLAYBOOKS;

interface Seen {
  readonly shown: unknown;
  readonly files: readonly string[];
}

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetmend-fact-cache-'));
  for (const [name, text] of Object.entries(PLAYBOOKS)) writeFileSync(join(dir, `${name}.yml`), text);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const environment = (cache: string, gathering: string) => ({
  PATH: process.env.PATH,
  HOME: dir,
  LANG: 'C.UTF-8',
  ANSIBLE_CACHE_PLUGIN: 'jsonfile',
  ANSIBLE_CACHE_PLUGIN_CONNECTION: cache,
  ANSIBLE_GATHERING: gathering,
});

const HOSTS = ['-i', 'a,b,', '-c', 'local'];

function seen(account: { readonly shown?: unknown }, cache: string): Seen {
  return { shown: account.shown, files: readdirSync(cache).sort() };
}

function ours(name: Name, cache: string, gathering: string, ...args: string[]): Seen {
  const report = join(dir, 'report.json');
  execFileSync(
    process.execPath,
    [MAIN, 'run', '--state-dir', dir, '--report', `json=${report}`, ...HOSTS, ...args, `${name}.yml`],
    { cwd: dir, env: environment(cache, gathering), stdio: 'pipe' },
  );
  return seen(ourAccount(JSON.parse(readFileSync(report, 'utf8'))), cache);
}

function theirs(name: Name, cache: string, gathering: string, ...args: string[]): Seen {
  const text = execFileSync('ansible-playbook', [...HOSTS, ...args, `${name}.yml`], {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment(cache, gathering),
      ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    },
  });
  return seen(ansibleAccount(JSON.parse(text.slice(text.indexOf('{')))), cache);
}

function folder(name: string, from?: string): string {
  const path = join(dir, name);
  mkdirSync(path);
  for (const file of from === undefined ? [] : readdirSync(from))
    copyFileSync(join(from ?? '', file), join(path, file));
  return path;
}

it('variables and facts of an earlier run are there, in the files of either program', () => {
  const [our, their] = [folder('our'), folder('their')];
  const kept = ours('keeps', our, 'smart');
  expect(kept).toEqual(theirs('keeps', their, 'smart'));
  expect(kept.files).toEqual(['a', 'b']);
  for (const file of ['a', 'b']) expect(statSync(join(our, file)).mode & 0o777).toBe(0o600);

  const [ourCopy, theirCopy] = [folder('our-copy', our), folder('their-copy', their)];
  // Each reads what the other kept.
  const read = ours('reads', theirCopy, 'smart');
  expect(read).toEqual(theirs('reads', ourCopy, 'smart'));
  expect(read.shown).toMatchObject({ a: expect.arrayContaining(["7 play of a [1, True, 'ü'] Linux", '7 8']) });
  expect(read.files).toEqual(['b']);

  // What one of them changed and the other did not make.
  for (const gathering of ['smart', 'explicit', 'implicit']) {
    const gathered = ours('gathers', folder(`gathers-${gathering}`, theirCopy), gathering);
    expect(gathered).toEqual(theirs('gathers', folder(`theirs-${gathering}`, ourCopy), gathering));
  }
  const flushed = ours('gathers', theirCopy, 'explicit', '--flush-cache');
  expect(flushed).toEqual(theirs('gathers', ourCopy, 'explicit', '--flush-cache'));
  expect(flushed.files).toEqual([]);
});
