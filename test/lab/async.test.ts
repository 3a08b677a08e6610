/** Jobs on a real sshd: they outlive the run that started them, as the login user and through sudo. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { mustRun } from './process.ts';
import { createLabUser, startSshd } from './sshd.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

it.each([false, true])('a job outlives the connection of its run (become: %s)', async (become) => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await mustRun('chmod', ['755', dir]);
  const user = await createLabUser(dir, []);
  onTestFinished(() => user.remove());
  const sshd = await startSshd(join(dir, 'sshd'), user, {});
  onTestFinished(() => sshd.stop());
  const run = async (name: string, tasks: string, ...more: string[]): Promise<string> => {
    const file = join(dir, `${name}.yml`);
    await writeFile(file, `- hosts: all\n  gather_facts: false\n  become: ${become}\n  tasks:\n${tasks}`);
    const target = ['-i', '127.0.0.1,', '--port', String(sshd.port), '-u', user.name, '--private-key', user.keyFile];
    const words = ['run', file, ...target, '--ssh-config', 'none', '--host-keys', 'off', '--state-dir', dir, ...more];
    const env = { ...process.env, HOME: dir };
    return (await promisify(execFile)(process.execPath, [MAIN, ...words], { env, cwd: dir })).stdout;
  };
  const start = `    - shell: sleep 1.5; id -un; echo done
      async: 60
      poll: 0
      register: job
    - command: echo not mixed
    - debug: {msg: "job=<{{ job.ansible_job_id }}>"}
`;
  const started = await run('start', start);
  const jid = /job=<(j[\d.]+)>/.exec(started)?.[1];
  expect(jid, started).toBeDefined();
  const wait = `    - async_status: {jid: "{{ jid }}"}
      register: job
      until: job is finished
      retries: 100
      delay: 0.2
    - debug: {msg: "out=<{{ job.stdout_lines | join(' ') }}> rc={{ job.rc }}"}
    - async_status: {jid: "{{ jid }}", mode: cleanup}
`;
  const ended = await run('wait', wait, '-e', `jid=${jid}`);
  expect(ended).toContain(`out=<${become ? 'root' : user.name} done> rc=0`);
});
