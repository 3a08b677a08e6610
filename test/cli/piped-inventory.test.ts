import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

const PLAYBOOK = `- hosts: web
  connection: local
  gather_facts: false
  tasks:
    - debug: {msg: "{{ inventory_hostname }} {{ level }}"}
    - meta: refresh_inventory
- hosts: web
  connection: local
  gather_facts: false
  tasks:
    - debug: {msg: "again {{ level }}"}
`;

/** Runs the playbook with `-i <(command)`, as bash gives it. */
async function runWith(command: string) {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'play.yml'), PLAYBOOK);
  const wrapper = ['bash', '-c', `exec "$@" -i <(${command})`, 'bash'];
  return await runCli(['run', 'play.yml', '--state-dir', cwd], { cwd, wrapper });
}

test.each([
  ['INI', `printf '[web]\\nw1 level=low\\n'`],
  ['YAML', `printf 'web:\\n  hosts:\\n    w1: {level: low}\\n'`],
  ['JSON', `echo '{"web": {"hosts": {"w1": {"level": "low"}}}}'`],
])('an inventory as %s through <(command) is read, and read again by refresh_inventory', async (_, command) => {
  const { code, stdout, stderr } = await runWith(command);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('ok: w1 => w1 low');
  expect(stdout).toContain('ok: w1 => again low');
});

test('a command that fails starts no run', async () => {
  const { code, stdout, stderr } = await runWith('exit 1');
  expect(stderr).toMatch(/^fleetmend: the pipe \/dev\/fd\/\d+ gave nothing: did its command fail\?\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});
