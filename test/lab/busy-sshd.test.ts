/** Many names on one sshd that turns most of them away. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/event.ts';
import { readEvents } from '../cli/embedded-fleet.ts';
import { runCli } from '../cli/run-cli.ts';
import { mustRun } from './process.ts';
import { createLabUser, startSshd } from './sshd.ts';

const HOST_COUNT = 150;
/** Each login takes its time, so that most are turned away, and the last one waits longer than the connect timeout. */
const BUSY = ['MaxStartups 10:30:60', 'AuthorizedKeysFile none', 'AuthorizedKeysCommandUser root'];

test(`${HOST_COUNT} names on an sshd with too few MaxStartups: none fails for it`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mustRun('chmod', ['755', folder]);
  const user = await createLabUser(folder, []);
  onTestFinished(() => user.remove());
  const keys = `AuthorizedKeysCommand /bin/sh -c "sleep 3; cat ${user.authorizedKeysFile}"`;
  const sshd = await startSshd(join(folder, 'sshd'), user, {}, '0.0.0.0', [...BUSY, keys]);
  onTestFinished(() => sshd.stop());
  const lines = Array.from({ length: HOST_COUNT }, (_, i) => `h${i} ansible_host=127.0.2.${i + 1}`);
  const vars = `[all:vars]\nansible_port=${sshd.port}\nansible_user=${user.name}\n`;
  await writeFile(join(folder, 'hosts.ini'), `${lines.join('\n')}\n${vars}`);
  const events = join(folder, 'events.ndjson');
  const args = ['exec', 'all', '-i', join(folder, 'hosts.ini'), '--private-key', user.keyFile, '--host-keys', 'off'];
  const words = [...args, '--connecting', '64', '--auth-timeout', '60s', '--report', `ndjson=${events}`, '--', 'true'];
  const run = await runCli(words, { cwd: folder });
  const journal = await readEvents<RunEvent>(events);
  const failures = journal.flatMap((event) => (event.type === 'host:result' && event.failure) || []);
  expect(failures).toEqual([]);
  expect(run.code, run.stderr).toBe(0);
  const end = journal.find((event) => event.type === 'run:end');
  // Or the test would show nothing.
  expect(end?.durationMs).toBeGreaterThan(11_000);
});
