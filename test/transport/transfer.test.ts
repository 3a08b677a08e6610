import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { createLocalTransport, createSshTransport } from '../../src/transport/index.ts';
import { cksum } from '../../src/transport/shell/cksum.ts';
import type { Connection } from '../../src/transport/types.ts';
import { EMBEDDED_PASSWORD, testTarget } from './targets.ts';

const signal = new AbortController().signal;
const limits = { timeoutMs: 15_000, signal };
let folder: string;
let files: string;
let bin: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-transfer-'));
  [files, bin] = [join(folder, 'files'), join(folder, 'bin')];
  await mkdir(files);
  await mkdir(bin);
  for (const name of ['sh', 'cat', 'wc', 'cksum', 'chmod', 'chown', 'mv', 'rm', 'sync']) {
    await symlink(`/bin/${name}`, join(bin, name));
  }
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A host that has only the programs of `bin`. */
function connectBare(): Promise<Connection> {
  const transport = createLocalTransport({ environment: { PATH: bin } });
  return transport.connect(testTarget({ kind: 'local', address: null }), signal);
}

const CONTENTS = [Buffer.alloc(0), Buffer.from("it's\\n\0 100%\n"), randomBytes(15_000), randomBytes(300_000)];

test.each(CONTENTS)('a file %# is checked by cksum where there is no sha256sum', async (content) => {
  const connection = await connectBare();
  await connection.upload({ ...limits, content, remotePath: join(files, 'file') });
  expect((await readFile(join(files, 'file'))).equals(content)).toBe(true);
  await connection.close();
});

test.each(CONTENTS)('a file %# that does not arrive as it was sent fails and leaves nothing', async (content) => {
  await writeFile(join(bin, 'sha256sum'), '#!/bin/sh\necho 00000000  -\n', { mode: 0o755 });
  const connection = await connectBare();
  const remotePath = join(files, 'file');
  await expect(connection.upload({ ...limits, content, remotePath })).rejects.toMatchObject({
    code: 'TRANSFER_FAILED',
    message: `Could not write '${remotePath}' on testhost: what was written there has another checksum than what was sent`,
  });
  expect(await readdir(files)).toEqual([]);
  await connection.close();
});

test('an owner is set before the file has its name, and one that is not there fails', async () => {
  const connection = await connectBare();
  const remotePath = join(files, 'file');
  const content = Buffer.from('x');
  const owner = `${process.getuid?.()}:${process.getgid?.()}`;
  await connection.upload({ ...limits, content, remotePath, owner });
  expect(await readdir(files)).toEqual(['file']);
  const refused = connection.upload({ ...limits, content, remotePath: join(files, 'other'), owner: 'no-such-user' });
  await expect(refused).rejects.toMatchObject({ code: 'TRANSFER_FAILED', message: expect.stringContaining('chown') });
  expect(await readdir(files)).toEqual(['file']);
  await connection.close();
});

test('cksum is that of POSIX', () => {
  expect([cksum(Buffer.alloc(0)), cksum(Buffer.from('a\n')), cksum(Buffer.alloc(70_000, 7))]).toEqual([
    '4294967295 0',
    '2418082923 2',
    '638236592 70000',
  ]);
});

test('small files and small stdin need no session of the server beside the shared one', async () => {
  const host = await startEmbeddedSshHost({
    directory: files,
    password: EMBEDDED_PASSWORD,
    environment: process.env,
    maxSessions: 1,
  });
  const transport = createSshTransport();
  const connection = await transport.connect(testTarget({ port: host.port }), signal);
  connection.prepare(undefined);
  const parent = async () => (await connection.exec({ ...limits, script: 'echo $PPID' })).stdout;
  const first = await parent();
  const content = randomBytes(15_000);
  await connection.upload({ ...limits, content, remotePath: join(files, 'file') });
  expect((await readFile(join(files, 'file'))).equals(content)).toBe(true);
  const stdin = randomBytes(40_000);
  const sum = await connection.exec({ ...limits, script: 'cksum', stdin });
  expect(sum.stdout).toBe(`${cksum(stdin)}\n`);
  expect(await parent()).toBe(first);
  await connection.close();
  await transport.close();
  await host.close();
});
