/** Large files to a host that is far away: a real sshd behind a proxy that delays. */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSshTransport } from '../../src/transport/index.ts';
import type { Become, Connection, Transport } from '../../src/transport/types.ts';
import { testTarget } from '../transport/targets.ts';
import { type DelayingProxy, startDelayingProxy } from './delaying-proxy.ts';
import { waitUntil } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const ONE_WAY_MS = 50;
const signal = new AbortController().signal;
const limits = { timeoutMs: 60_000, signal };
const root: Become = { method: 'sudo', user: 'root' };
const content = Buffer.alloc(34_000_001, 'all of it\n');

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** What staging has left in its place. */
const staged = async () => (await readdir('/var/tmp')).filter((name) => name.startsWith('fleetmend.'));

describe('a large file to a host 100 ms away', () => {
  let folder: string;
  let user: LabUser;
  let files: string;
  let sshd: LabSshd;
  let proxy: DelayingProxy;
  let transport: Transport;
  let connection: Connection;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
    await chmod(folder, 0o755);
    user = await createLabUser(folder, []);
  });

  afterAll(async () => {
    await user?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    files = await mkdtemp(join(folder, 'files-'));
    await chmod(files, 0o777);
    transport = createSshTransport();
  });

  afterEach(async () => {
    await connection?.close();
    await transport.close();
    await proxy?.stop();
    await sshd?.stop();
  });

  async function connect(delayMs = ONE_WAY_MS, config: readonly string[] = []): Promise<void> {
    const sftp = config.some((line) => line.startsWith('Subsystem ')) ? [] : [await countedSftp('')];
    sshd = await startSshd(await mkdtemp(join(folder, 'sshd-')), user, {}, '127.0.0.1', [...sftp, ...config]);
    proxy = await startDelayingProxy(sshd.port, delayMs);
    await open();
  }

  async function open(): Promise<void> {
    const login = { user: user.name, password: undefined, privateKeyFiles: [user.keyFile] };
    connection = await transport.connect(testTarget({ port: proxy.port, ...login }), signal);
  }

  /** A line of sshd_config for an SFTP server that leaves a word behind each time it starts. */
  async function countedSftp(rest: string): Promise<string> {
    const program = join(folder, 'sftp');
    await writeFile(join(folder, 'sessions'), '');
    await chmod(join(folder, 'sessions'), 0o666);
    await writeFile(program, `#!/bin/sh\necho x >>'${folder}/sessions'\n${rest}\nexec /usr/lib/openssh/sftp-server\n`);
    await chmod(program, 0o755);
    return `Subsystem sftp ${program}`;
  }

  const sftpCount = async () => (await stat(join(folder, 'sessions'))).size / 2;

  async function expectWhole(path: string): Promise<void> {
    expect(hashOf(await readFile(path))).toBe(hashOf(content));
    expect(await readdir(files)).toEqual(['file']);
    expect(await staged()).toEqual([]);
  }

  test('goes by SFTP, and nothing is left of the way there', async () => {
    await connect();
    const remotePath = join(files, 'file');
    await connection.upload({ ...limits, content, remotePath, mode: 0o640 });
    await expectWhole(remotePath);
    expect((await stat(remotePath)).mode & 0o7777).toBe(0o640);
    expect(await sftpCount()).toBe(4);
  });

  test('goes by SFTP to root too, who takes it over', async () => {
    await connect();
    const remotePath = join(files, 'file');
    await connection.upload({ ...limits, content, remotePath, become: root });
    await expectWhole(remotePath);
    expect((await stat(remotePath)).uid).toBe(0);
    expect(await sftpCount()).toBe(4);
  });

  test('is the stdin of any script, with the status, streams, umask and traps that the script has anyway', async () => {
    await connect();
    const script = 'umask; trap; cksum; echo to stderr >&2; ls -l /proc/self/fd/0; exit 7';
    const far = await connection.exec({ ...limits, script, stdin: content });
    expect(far).toMatchObject({ exitCode: 7, stderr: 'to stderr\n', ended: 'exited' });
    const near = await connection.exec({ ...limits, script: 'umask; trap; cksum', stdin: content.subarray(0, 1000) });
    const plain = near.stdout.split('\n').slice(0, -2);
    expect(far.stdout.split('\n').slice(0, plain.length)).toEqual(plain);
    expect(far.stdout).toContain(' 34000001\n');
    expect(await sftpCount()).toBe(4);
    expect(await staged()).toEqual([]);
  });

  test('goes through a shell to a user who is not root', async () => {
    await connect();
    const remotePath = join(files, 'file');
    await connection.upload({ ...limits, content, remotePath, become: { method: 'sudo', user: 'daemon' } });
    await expectWhole(remotePath);
    expect(await sftpCount()).toBe(0);
  });

  test('goes through a shell when the host is near', async () => {
    // How far it is, is known from how long a shell takes to open: on a busy machine a near host may look far now and then.
    await connect(0);
    const upload = () => connection.upload({ ...limits, content, remotePath: join(files, 'file') });
    await upload();
    for (let attempt = 1; attempt < 10 && (await sftpCount()) > 0; attempt++) {
      await connection.close();
      await writeFile(join(folder, 'sessions'), '');
      await open();
      await upload();
    }
    await expectWhole(join(files, 'file'));
    expect(await sftpCount()).toBe(0);
  });

  test.each([
    ['has no SFTP', 'exit 1', [], 4],
    ['has an SFTP that says nothing sensible', 'echo motd; cat; exit', [], 4],
    ['has too few sessions for it', '', ['MaxSessions 2'], 1],
    ['lets SFTP write nothing', 'exec /usr/lib/openssh/sftp-server -R', [], 4],
  ])('goes through a shell when the host %s, which is asked once', async (_what, program, config, count) => {
    await connect(ONE_WAY_MS, [await countedSftp(program), ...config]);
    const remotePath = join(files, 'file');
    await connection.upload({ ...limits, content, remotePath });
    await expectWhole(remotePath);
    await connection.upload({ ...limits, content, remotePath, mode: 0o644 });
    await expectWhole(remotePath);
    expect((await stat(remotePath)).mode & 0o7777).toBe(0o644);
    expect(await sftpCount()).toBe(count);
  });

  test.each([
    ['interrupted', 'INTERRUPTED'],
    ['cut', 'CONNECTION_LOST'],
    ['late', 'COMMAND_TIMEOUT'],
  ])('leaves nothing when it is %s on the way', async (how, code) => {
    await connect();
    const controller = new AbortController();
    const timeoutMs = how === 'late' ? 1500 : 60_000;
    const remotePath = join(files, 'file');
    const uploading = connection.upload({ content, remotePath, timeoutMs, signal: controller.signal });
    const outcome = expect(uploading).rejects.toMatchObject({ code });
    await waitUntil(
      async () => (await sftpCount()) === 4,
      () => 'no SFTP sessions',
      10_000,
    );
    expect(await staged()).toHaveLength(1);
    if (how === 'interrupted') controller.abort();
    if (how === 'cut') await proxy.stop();
    await outcome;
    await waitUntil(
      async () => (await staged()).length === 0,
      () => 'the staged file is still there',
      5000,
    );
    expect(await readdir(files)).toEqual([]);
  });
});
