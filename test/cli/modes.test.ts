/** Permissions without quotes: the number that YAML reads counts, as with Ansible, and is warned of. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

const PLAYBOOK = `- hosts: all
  connection: local
  gather_facts: false
  tasks:
    - copy: {content: x, dest: "{{ playbook_dir }}/a", mode: 644}
    - copy: {content: x, dest: "{{ playbook_dir }}/b", mode: 0644}
    - include_tasks: more.yml
    - file: {path: "{{ playbook_dir }}/b", mode: "{{ item }}"}
      loop: [640, 0640, "640"]
`;
const STATIC = [
  "site.yml:5:62: `mode: 644` without quotes is a decimal number: the permissions become 01204; write '0644' in quotes",
  '  5 |     - copy: {content: x, dest: "{{ playbook_dir }}/a", mode: 644}',
  '    |                                                              ^',
  "more.yml:1:25: `mode: 1777` without quotes is a decimal number: the permissions become 03361; write '01777' in quotes",
  '  1 | - file: {path: ., mode: 1777, state: directory}',
  '    |                         ^',
];

test('a decimal number that looks like octal is warned of with what to write', async () => {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'site.yml'), PLAYBOOK);
  await writeFile(join(cwd, 'more.yml'), '- file: {path: ., mode: 1777, state: directory}\n  when: false\n');
  const warnings = STATIC.join('\n').replaceAll(/^(?=\w+\.yml)/gm, 'fleetmend: warning: ');
  expect(await runCli(['check', 'site.yml'], { cwd })).toEqual({
    code: 0,
    stdout: 'site.yml: fine\n',
    stderr: `${warnings}\n`,
  });
  // What a template gives is seen once it is there, and said once for all hosts.
  const { code, stdout, stderr } = await runCli(['run', 'site.yml', '-i', 'web1,web2,', '--state-dir', cwd], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: `${warnings}\n` });
  expect(stdout.match(/^\[WARNING\].*$/gm)).toEqual([
    "[WARNING]: site.yml:8:51: `mode: 640` without quotes is a decimal number: the permissions become 01200; write '0640' in quotes",
  ]);
  const modes = await Promise.all(
    ['a', 'b'].map(async (name) => ((await stat(join(cwd, name))).mode & 0o7777).toString(8)),
  );
  expect(modes).toEqual(['1204', '640']);
});
