import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

/** What a user sees of a play with these tasks beside these files. */
async function seenOf(tasks: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const cwd = await testFolder();
  const playbook = `- hosts: a\n  gather_facts: false\n  vars: {server_name: web, map: {key: 1}}\n  tasks:\n    - ${tasks}\n`;
  for (const [name, text] of Object.entries({ ...files, 'site.yml': playbook })) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  const end = await runCli(['run', '--state-dir', cwd, '-i', 'a,', '-c', 'local', 'site.yml'], { cwd });
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
