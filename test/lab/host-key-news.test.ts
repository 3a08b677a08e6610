/** What a real sshd does when it is, or is not, asked to prove its other host keys. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ignoreHostKeyNews } from '../../src/transport/ssh/host-key-news.ts';
import { clientOutput } from '../transport/client-output.ts';
import { mustRun } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

let folder: string;
let user: LabUser;
let sshd: LabSshd;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await mustRun('chmod', ['755', folder]);
  user = await createLabUser(folder, []);
  sshd = await startSshd(join(folder, 'sshd'), user, {});
});

afterAll(async () => {
  await sshd?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

// Whether ssh2 had the keys proven before a command that was asked for after the login was done, and some time later.
async function hearsOfKeys(isIgnored: boolean): Promise<boolean> {
  const client = new ssh2.Client();
  let heard = false;
  client.on('hostkeys' as 'ready', () => {
    heard = true;
  });
  const privateKey = await readFile(user.keyFile);
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ host: '127.0.0.1', port: sshd.port, username: user.name, privateKey });
    if (isIgnored) ignoreHostKeyNews(client);
  });
  expect(await clientOutput(client, 'echo hi')).toBe('hi\n');
  for (let i = 0; i < 20 && !heard; i++) await sleep(50);
  client.end();
  return heard;
}

test('ssh2 has a server prove its keys after each login, unless they are ignored', async () => {
  expect(await hearsOfKeys(false)).toBe(true);
  expect(await hearsOfKeys(true)).toBe(false);
});
