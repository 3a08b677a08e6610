/** `reboot` of hosts that are real sshds: a command takes the server down with its sessions, and starts it again. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/event.ts';
import { readEvents } from '../cli/embedded-fleet.ts';
import { runCli } from '../cli/run-cli.ts';
import { mustRun } from './process.ts';
import { createLabUser, type LabUser, startSshd } from './sshd.ts';

const PLAYBOOK = `- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - name: reboot
      reboot:
        boot_time_command: cat {{ place }}/boot_id
        reboot_command: sudo {{ place }}/reboot
        reboot_timeout: "{{ limit }}"
        connect_timeout: 2
      when: limit is defined
    - name: after
      shell: cat {{ place }}/boot_id
`;

test('hosts come back with another boot, without one, or not at all, and none delays the others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const user = await createLabUser(folder, []);
  onTestFinished(() => user.remove());
  const hosts = await Promise.all([
    startHost(folder, user, 'back', 'sleep 2; echo second >boot_id; serve', 40),
    startHost(folder, user, 'same', 'sleep 1; serve', 6),
    startHost(folder, user, 'gone', 'true', 10),
    startHost(folder, user, 'calm', 'true'),
  ]);
  await writeFile(join(folder, 'hosts'), `${hosts.join('\n')}\n`);
  await writeFile(join(folder, 'play.yml'), PLAYBOOK);
  const reach = ['-i', 'hosts', '-u', user.name, '--private-key', user.keyFile, '--host-keys', 'off'];
  const words = ['run', 'play.yml', ...reach, '--report', 'ndjson=events', '--command-timeout', '20s'];
  const { code, stdout, stderr } = await runCli(words, { cwd: folder });
  expect(code, stdout + stderr).toBe(2);

  const results = (await readEvents<RunEvent>(join(folder, 'events'))).flatMap((event) =>
    event.type === 'host:result' ? [event] : [],
  );
  const of = (host: string) =>
    results.filter((event) => event.host === host).map(({ status, result }) => ({ status, result }));
  const rebooted = { changed: true, rebooted: true, elapsed: expect.any(Number) as number };
  expect(of('back')).toMatchObject([
    { status: 'changed', result: rebooted },
    { status: 'changed', result: { stdout: 'second' } },
  ]);
  expect(of('back')[0]?.result.elapsed).toBeGreaterThanOrEqual(2);
  const same = "no boot within 6 s; the last attempt: the host did not boot: it still says 'first'";
  expect(of('same')).toMatchObject([{ status: 'failed', result: { rebooted: false, msg: same } }]);
  const gone = expect.stringMatching(/^no boot within 10 s; the last attempt: Connection refused by 127\.0\.0\.1:\d+$/);
  expect(of('gone')).toMatchObject([{ status: 'failed', result: { rebooted: false, msg: gone } }]);
  expect(of('gone')[0]?.result.elapsed).toBeGreaterThanOrEqual(10);
  // All that the others did had ended before this one was given up.
  const order = results.map(({ host }) => host);
  expect(order.indexOf('gone')).toBeGreaterThan(order.lastIndexOf('back'));
  expect(order.indexOf('gone')).toBeGreaterThan(order.lastIndexOf('calm'));
});

// A line of the inventory, for a host whose boot goes as a shell text says.
async function startHost(
  folder: string,
  user: LabUser,
  name: string,
  boot: string,
  limitSeconds?: number,
): Promise<string> {
  const place = join(folder, name);
  const sshd = await startSshd(place, user, {});
  onTestFinished(() => sshd.stop());
  await writeFile(join(place, 'boot_id'), 'first\n');
  const script = `#!/bin/sh
cd ${place} || exit
serve() { echo $$ >pid; exec /usr/sbin/sshd -D -f sshd_config; }
# Nobody who sees the sessions end is to be among them.
if [ "$1" != down ]; then
  echo $$ >session
  setsid "$0" down </dev/null >/dev/null 2>&1 &
  exec sleep 20
fi
servers=$(ps -o pid= --ppid ${sshd.pid})
kill -KILL ${sshd.pid} $servers $(ps -o pid= --ppid "$(echo $servers)") $(cat session)
${boot}
`;
  await writeFile(join(place, 'reboot'), script, { mode: 0o755 });
  onTestFinished(async () => {
    const pid = await readFile(join(place, 'pid'), 'utf8').catch(() => '');
    if (pid !== '') await mustRun('kill', [pid.trim()]);
  });
  const limit = limitSeconds === undefined ? '' : ` limit=${limitSeconds}`;
  return `${name} ansible_host=127.0.0.1 ansible_port=${sshd.port} place=${place}${limit}`;
}
