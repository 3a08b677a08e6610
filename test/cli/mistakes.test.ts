import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

/** What a user sees of a play with these tasks beside these files. */
async function seenOf(tasks: string, files: Readonly<Record<string, string>> = {}, hosts = 'a'): Promise<string> {
  const cwd = await testFolder();
  const playbook = `- hosts: all\n  gather_facts: false\n  vars: {server_name: web, map: {key: 1}}\n  tasks:\n    - ${tasks}\n`;
  for (const [name, text] of Object.entries({ ...files, 'site.yml': playbook })) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  const end = await runCli(['run', '--state-dir', cwd, '-i', `${hosts},`, '-c', 'local', 'site.yml'], { cwd });
  expect(end.code).not.toBe(0);
  return `${end.stdout}${end.stderr}`.replaceAll(cwd, '.');
}

it('an undefined variable of a template of a role names the template, its line and a near name, once', async () => {
  const seen = await seenOf('include_role: {name: r}', {
    'roles/r/tasks/main.yml': '- {name: write it, template: {src: t.j2, dest: out}}\n',
    'roles/r/templates/t.j2': 'one\ntwo {{ servername }}\n',
  });
  expect(seen).toContain("roles/r/templates/t.j2:2:8: 'servername' is undefined; did you mean 'server_name'?");
  expect(seen).toContain("in task 'r : write it'");
  expect(seen).not.toContain('hint:');
});

it('an attribute that a variable of the play misses is told where it is written', async () => {
  const seen = await seenOf('{name: reads, debug: {msg: "{{ outer }}"}, vars: {outer: "{{ map.kay }}"}}');
  expect(seen).toMatch(/site\.yml:5:\d+: 'map' \(dict\) has no attribute 'kay'; did you mean 'key'\?/);
});

it.each([
  ['debug: {msg: "{{ 1 | uper }}"}', "Unknown filter 'uper'; did you mean 'upper'?"],
  ['{debug: {msg: x}, when: map.key = 1}', "Unexpected '='; write '==' to compare"],
  ['import_role: {name: nosuch}', "role 'nosuch' does not exist; looked in"],
  ['user: {name: x}', "module 'user' of Ansible is not supported"],
  ['import_tasks: inc.yml', "inc.yml:1:10: module 'copy' has no argument 'contnt'; did you mean 'content'?"],
  ['import_tasks: self.yml', 'the files import each other in a circle: self.yml -> self.yml'],
])('%s is refused before the run, with a caret', async (task, message) => {
  const seen = await seenOf(task, {
    'inc.yml': '- copy: {contnt: x, dest: y}\n',
    'self.yml': '- import_tasks: self.yml\n',
  });
  expect(seen).toContain(message);
  expect(seen).toMatch(/^ +\| +\^$/m);
  expect(seen).not.toContain('PLAY');
});

describe('what fails while the play runs is shown with a caret', () => {
  it.each([
    ['{debug: {msg: x}, when: servername == 1}', 'servername'],
    ['{debug: {msg: {a: ["{{ servername }}"]}}}', 'servername'],
    ['{assert: {that: [1 == 1, server_name is none]}}', 'server_name is none'],
    ['{command: echo, register: r, failed_when: r.rc == 0}', 'r.rc'],
    ['{command: echo, register: r, until: r.rc == 1, retries: 1, delay: 0}', 'r.rc'],
  ])('%s', async (task, part) => {
    const seen = await seenOf(task);
    const line = `    - ${task}`;
    expect(seen).toContain(`    5 | ${line}\n      | ${' '.repeat(line.indexOf(part))}^`);
    expect(seen).toContain(`site.yml:5:${line.indexOf(part) + 1}`);
  });

  it('in a template file, and only once for all hosts', async () => {
    const seen = await seenOf(
      'template: {src: t.j2, dest: out}',
      { 't.j2': 'one\ntwo {{ servername }}\n' },
      'web1,web2',
    );
    expect(seen.match(/t\.j2:2:8: 'servername' is undefined/g)).toHaveLength(3);
    expect(seen.match(/ {4}2 \| two \{\{ servername \}\}\n {6}\| {8}\^/g)).toHaveLength(1);
  });

  it('but not under no_log, nor from an encrypted file, nor beside a secret', async () => {
    const cwd = await testFolder();
    await writeFile(join(cwd, 'pw'), 'x');
    await writeFile(join(cwd, 'v.yml'), 'a: "hunter2 {{ nope }}"\n');
    await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', 'v.yml'], { cwd });
    const tasks = [
      'debug: {msg: "{{ nope }} hunter2"}\n      no_log: true',
      'debug: {msg: "{{ a }}"}',
      'debug: {msg: "{{ b }}"}\n      vars:\n        b: "{{ nope }} x"',
      'debug: {msg: "{{ password }}"}\n      vars:\n        password: "{{ nope }}hunter2"',
    ];
    const text = `- hosts: a\n  gather_facts: false\n  vars_files: [v.yml]\n  tasks:\n${tasks.map((each) => `    - ${each}\n      ignore_errors: true\n`).join('')}`;
    await writeFile(join(cwd, 'site.yml'), text);
    const args = ['-i', 'a,', '-c', 'local', '--vault-password-file', 'pw', '--report', 'json=r.json', 'site.yml'];
    const end = await runCli(['run', '--state-dir', cwd, ...args], { cwd });
    const report = await readFile(join(cwd, 'r.json'), 'utf8');
    const results = JSON.parse(report).plays[0].tasks.map((task: { hosts: { a: unknown } }) => task.hosts.a);
    expect(results).toMatchObject([
      { failure: { source: { line: 5, column: 24 } } },
      { failure: { source: { file: join(cwd, 'v.yml') } } },
      { failure: { excerpt: '        b: "{{ nope }} x"', source: { line: 12, column: 16 } } },
      { failure: { source: { line: 16 } } },
    ]);
    expect(`${end.stdout}${end.stderr}${report}`).not.toContain('hunter2');
  });
});
