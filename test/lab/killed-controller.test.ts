/** What stays on a host when fleetmend is killed and can do nothing about it: docs/connections.md tells users. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { isRunning, textAppears } from '../conformance/place.ts';
import { waitUntil } from './process.ts';
import { createLabUser, startSshd } from './sshd.ts';

// Each is the second task or a later one, so that it shares a shell; the last host has none to do and waits for the others.
const HOSTS = {
  silent: 'sleep 60',
  prints: 'while sleep 0.2; do echo x; done',
  apart: 'while sleep 0.2; do echo x; done; : $$',
  idle: 'true',
};

test.each([false, true])('silent commands go on, others and idle shells end (become: %s)', async (become) => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  const user = await createLabUser(folder, []);
  onTestFinished(() => user.remove());
  const sshd = await startSshd(join(folder, 'sshd'), user, {}, '0.0.0.0');
  onTestFinished(() => sshd.stop());
  const lines = Object.entries(HOSTS).map(([name, does], i) => `${name} ansible_host=127.0.3.${i + 1} does="${does}"`);
  await writeFile(join(folder, 'hosts'), `${lines.join('\n')}\n[all:vars]\nansible_port=${sshd.port}\n`);
  // The pids of the script's shell and of the one that it shares, which is its parent. A program of its own tells them: `$$`
  // in a script gives it a process of its own, and not all are to have one.
  const tell = `sh -c 'echo $PPID $(cut -d" " -f4 /proc/$PPID/stat)' >${folder}/{{ inventory_hostname }}`;
  const tasks = ['true', 'true', '{{ tell }}; {{ does }}', 'true'].map((text) => `    - shell: "${text}"\n`);
  const play = `- hosts: all\n  gather_facts: false\n  become: ${become}\n  vars:\n    tell: ${JSON.stringify(tell)}\n`;
  await writeFile(join(folder, 'play.yml'), `${play}  tasks:\n${tasks.join('')}`);

  const pids = new Map<string, number[]>();
  const reach = ['-i', 'hosts', '-u', user.name, '--private-key', user.keyFile, '--host-keys', 'off'];
  const { code } = await runCli(['run', 'play.yml', ...reach], {
    cwd: folder,
    onStart: async (child) => {
      for (const name of Object.keys(HOSTS))
        pids.set(name, (await textAppears(join(folder, name))).split(' ').map(Number));
      child.kill('SIGKILL');
    },
  });
  expect(code).toBeNull();
  expect(pids.size).toBe(Object.keys(HOSTS).length);
  for (const name of ['prints', 'apart', 'idle']) await haveEnded(pids.get(name));
  const [silent, shared] = pids.get('silent') ?? [];
  expect(await isRunning(shared ?? 0)).toBe(true);
  const sleeping = (await readFile(`/proc/${silent}/task/${silent}/children`, 'utf8')).trim();
  expect(await readFile(`/proc/${sleeping}/comm`, 'utf8')).toBe('sleep\n');
  process.kill(Number(sleeping), 'SIGKILL');
  await haveEnded([silent ?? 0, shared ?? 0]);
});

async function haveEnded(pids: readonly number[] = []): Promise<void> {
  expect(pids).toHaveLength(2);
  for (const pid of pids) {
    await waitUntil(
      async () => !(await isRunning(pid)),
      () => `shell ${pid} still runs`,
    );
  }
}
