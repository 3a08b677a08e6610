/** ssh_config and options of ssh, as a user gives them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

async function home(config: string, file = join('.ssh', 'config')): Promise<string> {
  const dir = await testFolder();
  await mkdir(join(dir, '.ssh'));
  await writeFile(join(dir, file), config, { mode: 0o600 });
  return dir;
}

const ping = ['exec', 'all', '-i', 'web1,', '-m', 'ping'];

it('a mistake in ~/.ssh/config ends the run before it starts, with its place', async () => {
  const cwd = await home('Host web1\n  Prot 22\n');
  const run = await runCli(ping, { cwd });
  expect(run).toMatchObject({ code: 1, stdout: '' });
  expect(run.stderr).toContain(`${cwd}/.ssh/config:2:3: unknown keyword 'Prot'; did you mean 'port'?`);
});

it('--ssh-config none does not read it, and a local run does not either', async () => {
  const cwd = await home('Prot 22\n');
  const none = await runCli([...ping, '--ssh-config', 'none', '--ssh-common-args', '-o HostName=127.0.0.1 -p 1'], {
    cwd,
  });
  expect(none.code).toBe(4);
  expect(none.stderr).toContain('Connection refused by 127.0.0.1:1');
  expect((await runCli([...ping, '-c', 'local'], { cwd })).code).toBe(0);
});

it('a setting of fleetmend.yml names the file, from where fleetmend.yml is', async () => {
  const cwd = await home('Host web1\n HostName 127.0.0.1\n Port 1\n', 'our-config');
  await writeFile(join(cwd, 'fleetmend.yml'), 'ssh_config: our-config\n');
  expect((await runCli(ping, { cwd })).stderr).toContain('Connection refused by 127.0.0.1:1');
});

it('a jump host that is down makes its hosts unreachable, with its name', async () => {
  const cwd = await home('Host web*\n ProxyJump bastion\nHost bastion\n HostName 127.0.0.1\n Port 1\n');
  const run = await runCli(['exec', 'all', '-i', 'web1,web2', '-m', 'ping'], { cwd });
  expect(run.code).toBe(4);
  expect(run.stdout).toContain('web[1-2] (2 hosts): unreachable');
  expect(run.stdout).toContain('The jump host bastion cannot be used: Connection refused by 127.0.0.1:1');
});

it('options of ansible.cfg hold, and wrong ones end the run with their name', async () => {
  const cwd = await testFolder();
  const write = (args: string) => writeFile(join(cwd, 'ansible.cfg'), `[ssh_connection]\nssh_args = ${args}\n`);
  await write('-C -o ControlMaster=auto -o ControlPersist=60s -o HostName=127.0.0.1 -o Port=1');
  expect((await runCli(ping, { cwd })).stderr).toContain('Connection refused by 127.0.0.1:1');
  await write('-o Prot=1');
  const wrong = await runCli(ping, { cwd });
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toContain("`-o Prot` in `--ssh-args`: unknown keyword 'Prot'\n  did you mean 'port'?");
});

it('an option that is not supported fails its host alone, and says what does support it', async () => {
  const cwd = await testFolder();
  await writeFile(
    join(cwd, 'hosts'),
    "web1 ansible_ssh_common_args='-L 1:a:2'\nweb2 ansible_host=127.0.0.1 ansible_port=1\n",
  );
  const run = await runCli(['exec', 'all', '-i', 'hosts', '-m', 'ping'], { cwd });
  expect(run.stderr).toContain('web1: failed: option -L in ansible_ssh_common_args is not supported');
  expect(run.stdout).toContain('ansible_connection: openssh');
  expect(run.stderr).toContain('web2: unreachable: Connection refused by 127.0.0.1:1');
});
