/**
 * Measures ways for one file to a real sshd, near and behind a proxy with a round trip of 100 ms: a program's stdin, and SFTP
 * with 64 requests of 32 KiB on the way in each of 1, 2 or 4 sessions. As root: `node test/bench/uploads.ts [MB ...]`.
 */
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client, type SFTPWrapper } from 'ssh2';
import { startDelayingProxy } from '../lab/delaying-proxy.ts';
import { createLabUser, startSshd } from '../lab/sshd.ts';

const ONE_WAY_MS = [0, 50];
const SESSIONS = [1, 2, 4];
const REQUESTS = 64;
const REQUEST_BYTES = 32_768;
const ROUNDS = 3;

const sizesMb = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 20, 200];
const folder = await mkdtemp(join(tmpdir(), 'fleetmend-bench-'));
await chmod(folder, 0o755);
const user = await createLabUser(folder, []);
const sshd = await startSshd(join(folder, 'sshd'), user, {});
try {
  process.stdout.write(`| round trip | MB | stdin | ${SESSIONS.map((count) => `SFTP, ${count}`).join(' | ')} |\n`);
  for (const delayMs of ONE_WAY_MS) for (const sizeMb of sizesMb) await measureSize(delayMs, sizeMb);
} finally {
  await sshd.stop();
  await user.remove();
  await rm(folder, { recursive: true, force: true });
}

async function measureSize(delayMs: number, sizeMb: number): Promise<void> {
  const content = Buffer.alloc(sizeMb * 1e6, 'some text\n');
  const cells = [await measure(delayMs, content, throughStdin)];
  for (const count of SESSIONS) {
    cells.push(await measure(delayMs, content, (client, path) => throughSftp(client, path, content, count)));
  }
  process.stdout.write(
    `| ${2 * delayMs} ms | ${sizeMb} | ${cells.map((ms) => (ms / 1000).toFixed(2)).join(' | ')} |\n`,
  );
}

type Way = (client: Client, path: string, content: Buffer) => Promise<void>;

/** The least time of some rounds, each over a connection of its own. */
async function measure(delayMs: number, content: Buffer, way: Way): Promise<number> {
  const path = join(folder, 'home', 'file');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const proxy = await startDelayingProxy(sshd.port, delayMs);
    const client = new ssh2.Client();
    client.connect({
      host: '127.0.0.1',
      port: delayMs === 0 ? sshd.port : proxy.port,
      username: user.name,
      privateKey: await readFile(user.keyFile),
    });
    await once(client, 'ready');
    client.setNoDelay(true);
    const startedMs = performance.now();
    await way(client, path, content);
    times.push(performance.now() - startedMs);
    client.end();
    await once(client, 'close');
    await proxy.stop();
    if ((await stat(path)).size !== content.length) throw new Error(`${path} is not whole`);
    await rm(path);
  }
  return Math.min(...times);
}

async function throughStdin(client: Client, path: string, content: Buffer): Promise<void> {
  const channel = await answer<ssh2.ClientChannel>((done) => client.exec(`exec cat >${path}`, done));
  channel.resume();
  channel.stderr.resume();
  channel.end(content);
  await once(channel, 'close');
}

async function throughSftp(client: Client, path: string, content: Buffer, sessionCount: number): Promise<void> {
  const open = () => answer<SFTPWrapper>((done) => client.sftp(done));
  const sessions = await Promise.all(Array.from({ length: sessionCount }, open));
  let nextOffset = 0;
  const writeParts = async (session: SFTPWrapper, handle: Buffer) => {
    while (nextOffset < content.length) {
      const offset = nextOffset;
      const sizeBytes = Math.min(REQUEST_BYTES, content.length - offset);
      nextOffset += sizeBytes;
      await answer((done) => session.write(handle, content, offset, sizeBytes, offset, done));
    }
  };
  await Promise.all(
    sessions.map(async (session) => {
      // 'a+' would ignore the offsets; 'w' of a second session would cut what the first has written.
      const flags = ssh2.utils.sftp.OPEN_MODE.WRITE | ssh2.utils.sftp.OPEN_MODE.CREAT;
      const handle = await answer<Buffer>((done) => session.open(path, flags, done));
      await Promise.all(Array.from({ length: REQUESTS }, () => writeParts(session, handle)));
      await answer((done) => session.close(handle, done));
      session.end();
    }),
  );
}

function answer<T>(ask: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, value) => (error === undefined || error === null ? resolve(value as T) : reject(error)));
  });
}
