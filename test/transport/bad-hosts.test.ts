import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type EmbeddedSshHost,
  type EmbeddedSshHostOptions,
  startEmbeddedSshHost,
} from '../../src/cli/demo/embedded-ssh-host.ts';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';
import { createSshTransport } from '../../src/transport/index.ts';
import { connectFailed } from '../../src/transport/ssh/connect-errors.ts';
import { type Connection, KILL_GRACE_MS, type Target, type Transport } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';
import { startStallingProxy } from './stalling-proxy.ts';
import { EMBEDDED_PASSWORD, testTarget } from './targets.ts';

function hashedName(name: string): string {
  const salt = Buffer.from('twenty bytes of salt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

let folder: string;
let knownHosts: string;
let transport: Transport;
const hosts: EmbeddedSshHost[] = [];
const connections: Connection[] = [];
const signal = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-bad-'));
  knownHosts = join(folder, 'known_hosts');
  transport = createSshTransport();
});

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await transport.close();
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  await rm(folder, { recursive: true, force: true });
});

async function startHost(options: Partial<EmbeddedSshHostOptions> = {}): Promise<EmbeddedSshHost> {
  const base = { directory: folder, password: EMBEDDED_PASSWORD, environment: process.env };
  const host = await startEmbeddedSshHost({ ...base, ...options });
  hosts.push(host);
  return host;
}

async function connect(changes: Partial<Target>, by: AbortSignal = signal): Promise<Connection> {
  const connection = await transport.connect(testTarget(changes), by);
  connections.push(connection);
  return connection;
}

describe('connecting to a bad host', () => {
  test('a host without an address fails with the reason that the inventory has', async () => {
    const connecting = connect({ address: null, noAddressReason: 'its node is not ready' });
    await expect(connecting).rejects.toMatchObject({
      code: 'NO_ADDRESS',
      message: 'testhost has no address: its node is not ready',
    });
  });

  test('a closed port is refused, by name', async () => {
    const { port, close } = await startHost();
    await close();
    const message = `Connection refused by 127.0.0.1:${port}`;
    await expect(connect({ port })).rejects.toMatchObject({ code: 'CONNECT_REFUSED', phase: 'connect', message });
  });

  test('a name that does not resolve is said to be not found', async () => {
    const connecting = connect({ address: 'no-such-host.invalid' });
    await expect(connecting).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      phase: 'resolve',
      message: "Host name 'no-such-host.invalid' not found",
    });
  });

  test('a host that sends no banner fails at the connect deadline', async () => {
    const { port } = await startHost({ behaviour: 'silent-banner' });
    const connecting = connect({ port, connectTimeoutMs: 200 });
    await expect(connecting).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
      phase: 'banner',
      message: `127.0.0.1:${port} accepted the connection but sent no SSH banner within 200 ms`,
    });
  });

  test('a host that never answers the authentication fails at the authentication deadline', async () => {
    const { port } = await startHost({ behaviour: 'silent-auth' });
    await expect(connect({ port, authTimeoutMs: 200 })).rejects.toMatchObject({ code: 'AUTH_TIMEOUT', phase: 'auth' });
  });

  test.each([
    ['closes at once', ''],
    ['speaks another protocol', 'HTTP/1.0 400 Bad Request\r\n\r\n'],
  ])('a port that %s fails, and nothing is left unhandled', async (_title, text) => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(text),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    await expect(connect({ port })).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await new Promise((resolve) => server.close(resolve));
  });

  test('a host that has too many at its door is asked again', async () => {
    const host = await startHost();
    let callers = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (callers++ < 2) return void socket.resume().end('Exceeded MaxStartups\r\n');
      const behind = dial(host.port, '127.0.0.1').on('error', () => {});
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    expect((await connect({ port })).isOpen).toBe(true);
    expect(callers).toBe(3);
    callers = Number.NEGATIVE_INFINITY;
    await expect(connect({ port, connectTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringMatching(
        /^127.0.0.1:\d+ closed the connection before its SSH banner; it says: Exceeded MaxStartups \(2 attempts\)$/,
      ),
      hint: 'too many others connect to that sshd: raise its MaxStartups, or lower --connecting',
    });
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await new Promise((resolve) => server.close(resolve));
  });

  test('connecting is tried again as often as wanted after a failure that may pass, and the last one says how often', async () => {
    const host = await startHost();
    let callers = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (++callers % 3 !== 0) return void socket.resume().end();
      const behind = dial(host.port, '127.0.0.1').on('error', () => {});
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    await expect(connect({ port, connectRetries: 1 })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      attempts: 2,
      phase: 'banner',
      message: `127.0.0.1:${port} closed the connection before its SSH banner (2 attempts)`,
    });
    expect(callers).toBe(2);
    callers = 0;
    expect((await connect({ port, connectRetries: 2 })).isOpen).toBe(true);
    expect(callers).toBe(3);
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await new Promise((resolve) => server.close(resolve));
  });

  test('what cannot pass is not tried again: a refused password, an unknown key', async () => {
    const host = await startHost();
    const { port } = host;
    const connectRetries = 5;
    const wrongPassword = connect({ port, connectRetries, password: new Secret('wrong') });
    await expect(wrongPassword).rejects.toMatchObject({ code: 'AUTH_FAILED', mayPass: false });
    const unknownKey = connect({ port, connectRetries, hostKeyPolicy: 'strict', knownHostsFiles: [knownHosts] });
    await expect(unknownKey).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN', mayPass: false });
    expect(host.connectionCount).toBe(2);
  });

  test('a signal ends the wait before another attempt', async () => {
    const { port, close } = await startHost();
    await close();
    const controller = new AbortController();
    const connecting = connect({ port, connectRetries: 100 }, controller.signal);
    setTimeout(() => controller.abort(), 100);
    await expect(connecting).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  test('hosts that are silent do not keep others from connecting', async () => {
    const silent = await startHost({ behaviour: 'silent-banner' });
    const good = await startHost();
    const narrow = createSshTransport({ limits: { atOnce: 2, atOncePerJump: 2 } });
    const controller = new AbortController();
    const hung = Array.from({ length: 4 }, () => narrow.connect(testTarget({ port: silent.port }), controller.signal));
    const ended = Promise.allSettled(hung);
    const startedMs = performance.now();
    connections.push(await narrow.connect(testTarget({ port: good.port }), signal));
    expect(performance.now() - startedMs).toBeLessThan(5000);
    controller.abort();
    for (const each of await ended) expect(each).toMatchObject({ reason: { code: 'INTERRUPTED', phase: 'banner' } });
  });

  test('the limit of open files of this machine is not taken for a fault of the host', () => {
    const error = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
    expect(connectFailed({ address: 'web1', port: 22 }, 'connect', error)).toMatchObject({
      message: 'Could not connect to web1:22: too many open files',
      hint: expect.stringContaining('ulimit -n'),
    });
  });

  test('a signal ends the dialing, the silence at the banner and at the authentication', async () => {
    const silent = await startHost({ behaviour: 'silent-banner' });
    const silentAuth = await startHost({ behaviour: 'silent-auth' });
    const controller = new AbortController();
    const all = [silent, silentAuth].map(({ port }) => connect({ port }, controller.signal));
    const settled = Promise.allSettled(all);
    controller.abort();
    for (const result of await settled) expect(result).toMatchObject({ reason: { code: 'INTERRUPTED' } });
    await expect(connect({ port: silent.port }, controller.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('authentication', () => {
  test('a wrong password names what was tried and what the server accepts', async () => {
    const { port } = await startHost();
    await expect(connect({ port, password: new Secret('wrong') })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message:
        `127.0.0.1:${port} refused tester: tried password, keyboard-interactive; ` +
        'the server accepts password, keyboard-interactive',
    });
  });

  test('nothing to offer is said, with what the server accepts', async () => {
    const { port } = await startHost();
    await expect(connect({ port, password: undefined })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: `127.0.0.1:${port} refused tester: nothing to offer; the server accepts password, keyboard-interactive`,
      hint: 'give a key with --private-key, start an agent (SSH_AUTH_SOCK), or ask for the password with -k',
    });
  });

  test.each([
    ['ed25519', {}],
    ['ecdsa', { bits: 256 }],
    ['rsa', { bits: 2048 }],
  ] as const)('an %s key lets in, plain and encrypted', async (type, options) => {
    const plain = newKeyPair(type, options);
    const secret = newKeyPair(type, { ...options, cipher: 'aes256-ctr', passphrase: 'let me' });
    await writeFile(join(folder, 'plain'), plain.private);
    await writeFile(join(folder, 'secret'), secret.private);
    const { port } = await startHost({ password: undefined, authorizedKeys: [plain.public, secret.public] });
    const base = { port, password: undefined };
    const first = await connect({ ...base, privateKeyFiles: [join(folder, 'plain')] });
    const passphrase = new Secret('let me');
    const second = await connect({ ...base, privateKeyFiles: [join(folder, 'secret')], passphrase });
    expect([first.isOpen, second.isOpen]).toEqual([true, true]);
  });

  test('keys are tried in order, and one that cannot be read does not stop the others', async () => {
    const stranger = newKeyPair('ed25519');
    const good = newKeyPair('ed25519');
    await writeFile(join(folder, 'stranger'), stranger.private);
    await writeFile(join(folder, 'good'), good.private);
    const { port } = await startHost({ password: undefined, authorizedKeys: [good.public] });
    const privateKeyFiles = ['none', 'stranger', 'good'].map((name) => join(folder, name));
    const agentSocket = join(folder, 'no-agent');
    expect((await connect({ port, privateKeyFiles, agentSocket })).isOpen).toBe(true);
    const refused = connect({ port, privateKeyFiles: privateKeyFiles.slice(0, 2), agentSocket });
    await expect(refused).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining(`tried key ${join(folder, 'stranger')}`),
    });
    await expect(refused).rejects.toThrow('there is no such file');
  });

  test('a key that is not there, or is encrypted, fails before the host is asked', async () => {
    const secret = newKeyPair('ed25519', { cipher: 'aes256-ctr', passphrase: 'let me' });
    const file = join(folder, 'secret');
    await writeFile(file, secret.private);
    await writeFile(join(folder, 'public'), secret.public);
    const host = await startHost();
    const base = { port: host.port, password: undefined };
    const missing = connect({ ...base, privateKeyFiles: [join(folder, 'none')] });
    await expect(missing).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    const encrypted = connect({ ...base, privateKeyFiles: [file] });
    await expect(encrypted).rejects.toMatchObject({ code: 'KEY_ENCRYPTED' });
    const wrong = connect({ ...base, privateKeyFiles: [file], passphrase: new Secret('no') });
    await expect(wrong).rejects.toThrow('the passphrase does not open it');
    const publicKey = connect({ ...base, privateKeyFiles: [join(folder, 'public')] });
    await expect(publicKey).rejects.toThrow('it holds no private key');
    expect(host.connectionCount).toBe(0);
  });
});

describe('host keys', () => {
  const lineOf = (host: EmbeddedSshHost) => `[127.0.0.1]:${host.port} ${host.hostKey}\n`;

  test('strict refuses an unknown host, with its fingerprint and the files looked in', async () => {
    const { port } = await startHost();
    const connecting = connect({ port, hostKeyPolicy: 'strict', knownHostsFiles: [knownHosts] });
    await expect(connecting).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: expect.stringMatching(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}; looked in .*known_hosts$/),
      hint: expect.stringContaining(`ssh-keyscan -p ${port} 127.0.0.1`),
    });
  });

  test('strict lets a known host in', async () => {
    const host = await startHost();
    await writeFile(knownHosts, lineOf(host));
    const connection = await connect({ port: host.port, hostKeyPolicy: 'strict', knownHostsFiles: [knownHosts] });
    expect(connection.isOpen).toBe(true);
  });

  test.each(['strict', 'accept-new'] as const)('%s refuses a changed key and names its line', async (hostKeyPolicy) => {
    const host = await startHost();
    const other = newKeyPair('ed25519').public;
    await writeFile(knownHosts, `# mine\n[127.0.0.1]:${host.port} ${other}\n`);
    const connecting = connect({ port: host.port, hostKeyPolicy, knownHostsFiles: [knownHosts] });
    await expect(connecting).rejects.toMatchObject({
      code: 'HOST_KEY_CHANGED',
      message: expect.stringContaining(`${knownHosts}:2`),
      hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${host.port}'`),
    });
  });

  test('accept-new records a new key once and knows it afterwards', async () => {
    const host = await startHost();
    const policy = { port: host.port, hostKeyPolicy: 'accept-new', knownHostsFiles: [knownHosts] } as const;
    await Promise.all([connect(policy), connect(policy)]);
    expect(await readFile(knownHosts, 'utf8')).toBe(lineOf(host));
    await connect({ ...policy, hostKeyPolicy: 'strict' });
  });

  test.each([
    ['plain', (name: string) => name],
    ['hashed', hashedName],
  ])('a host with several keys is asked for the one that is known, %s', async (_title, nameOf) => {
    const ecdsa = newKeyPair('ecdsa', { bits: 256 });
    const host = await startHost({ moreHostKeys: [ecdsa.private] });
    await writeFile(knownHosts, `${nameOf(`[127.0.0.1]:${host.port}`)} ${ecdsa.public}\n`);
    const connection = await connect({ port: host.port, hostKeyPolicy: 'strict', knownHostsFiles: [knownHosts] });
    expect(connection.isOpen).toBe(true);
  });

  test('a host known by another key type is refused when it does not show that key', async () => {
    const host = await startHost();
    const rsa = newKeyPair('rsa', { bits: 2048 }).public;
    await writeFile(knownHosts, `[127.0.0.1]:${host.port} ${rsa}\n`);
    const connecting = connect({ port: host.port, hostKeyPolicy: 'accept-new', knownHostsFiles: [knownHosts] });
    await expect(connecting).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
  });
});

describe('commands on a bad host', () => {
  const script = 'sleep 30';

  test('a connection that is cut in mid-command is lost, and says so from then on', async () => {
    const { port } = await startHost({ behaviour: 'cut-mid-command' });
    const connection = await connect({ port });
    const running = connection.exec({ script, timeoutMs: 20_000, signal });
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(connection.isOpen).toBe(false);
    await expect(connection.exec({ script, timeoutMs: 20_000, signal })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
  });

  test('a host that answers no command ends at the deadline, and the connection is given up', async () => {
    const { port } = await startHost({ behaviour: 'hang-command' });
    const connection = await connect({ port });
    connection.prepare(undefined);
    const result = await connection.exec({ script, timeoutMs: 300, signal });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'unknown', exitCode: null });
    expect(result.durationMs).toBeLessThan(300 + 3 * KILL_GRACE_MS);
    expect(connection.isOpen).toBe(false);
  });

  test('a host that opens no channel fails in its time, and says that nothing ran', async () => {
    const { port } = await startHost({ behaviour: 'hang-command' });
    const impatient = createSshTransport({ channelTimeoutMs: 200 });
    const connection = await impatient.connect(testTarget({ port }), signal);
    connections.push(connection);
    await expect(connection.exec({ script, timeoutMs: 20_000, signal })).rejects.toMatchObject({
      code: 'CHANNEL_TIMEOUT',
      phase: 'channel',
      message: 'testhost opened no channel for a command within 200 ms',
    });
    expect(connection.isOpen).toBe(false);
  });

  test('a connection on which nothing arrives any more is lost after its keepalives, others go on', async () => {
    const host = await startHost();
    const proxy = await startStallingProxy(host.port);
    const keepAlive = { intervalMs: 100, countMax: 2 };
    const [halfOpen, good] = await Promise.all([
      connect({ port: proxy.port, keepAlive }),
      connect({ port: host.port, keepAlive }),
    ]);
    const lost = halfOpen.exec({ script: 'sleep 30', timeoutMs: 20_000, signal });
    const lostInTime = expect(lost).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      phase: 'command',
      message: expect.stringContaining('the host stopped answering'),
    });
    // A command that is silent for longer than all keepalives is no dead one.
    const running = good.exec({ script: 'sleep 1; echo done', timeoutMs: 20_000, signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stalledMs = performance.now();
    proxy.stall();
    await lostInTime;
    expect(performance.now() - stalledMs).toBeLessThan(5000);
    expect(halfOpen.isOpen).toBe(false);
    expect(await running).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    await proxy.close();
  });

  test('a slow host is waited for', async () => {
    const { port } = await startHost({ behaviour: 'slow', slowMs: 200 });
    const connection = await connect({ port });
    expect(await connection.exec({ script: 'echo late', timeoutMs: 20_000, signal })).toMatchObject({
      stdout: 'late\n',
    });
  });

  test('a flood is drained and capped', async () => {
    const { port } = await startHost({ behaviour: 'flood', floodBytes: 30_000_000 });
    const connection = await connect({ port });
    const result = await connection.exec({ script: 'echo mine', timeoutMs: 20_000, signal });
    expect(result).toMatchObject({ exitCode: 0, stdoutTruncated: true });
    expect(result.stdout.length).toBeLessThan(1_100_000);
  });

  test('text that a login profile prints is in no result', async () => {
    const { port } = await startHost({ profileText: 'Welcome to the host\nno newline here: ' });
    const connection = await connect({ port });
    connection.prepare(undefined);
    for (let i = 0; i < 2; i++) {
      const result = await connection.exec({ script: 'echo out; echo err >&2', timeoutMs: 20_000, signal });
      expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
    }
  });

  test('raw keeps what comes together with the start of the command, and runs it once', async () => {
    const { port } = await startHost({ profileText: 'banner\n' });
    const connection = await connect({ port });
    for (let i = 1; i <= 20; i++) {
      const script = 'echo x >>ran; wc -l <ran';
      const result = await connection.exec({ script, raw: true, timeoutMs: 20_000, signal });
      expect(result.stdout.replaceAll(' ', '')).toBe(`banner\n${i}\n`);
    }
  });

  test('a waiting shell that died is replaced, and the script runs once', async () => {
    const { port } = await startHost();
    const connection = await connect({ port });
    const first = await connection.exec({ script: 'echo $$; echo x >>ran', timeoutMs: 20_000, signal });
    expect(first.exitCode).toBe(0);
    connection.prepare(undefined);
    // The host runs in this process, so the waiting shell is the child of it that is not the killer itself.
    // It is waited for until this process has reaped it: a busy machine takes its time to carry out a kill.
    const script = [
      `for p in $(pgrep -P ${process.pid} sh); do`,
      '[ "$p" != $$ ] && kill -9 "$p" && echo "$p" && while kill -0 "$p" 2>/dev/null; do sleep 0.02; done',
      'done; :',
    ].join('\n');
    const killing = await connection.exec({ script, raw: true, timeoutMs: 20_000, signal });
    expect(killing.stdout).toMatch(/^(\d+\n)+$/);
    // By the end of one more command the news of the death has come before it on the same connection.
    await connection.exec({ script: 'true', raw: true, timeoutMs: 20_000, signal });
    const second = await connection.exec({ script: 'echo x >>ran; wc -l <ran', timeoutMs: 20_000, signal });
    expect(second).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^ *2\n$/) });
  });

  test('a host that allows one session at a time is worked with one at a time', async () => {
    const { port } = await startHost({ maxSessions: 1 });
    const connection = await connect({ port });
    connection.prepare(undefined);
    // The waiting shell is in the way of a script of another kind, and is let go for it.
    const raw = await connection.exec({ script: 'echo raw', raw: true, timeoutMs: 20_000, signal });
    expect(raw.stdout).toBe('raw\n');
    const running = connection.exec({ script: 'sleep 1; echo first', timeoutMs: 20_000, signal });
    connection.prepare(undefined);
    expect((await running).stdout).toBe('first\n');
    expect((await connection.exec({ script: 'echo second', timeoutMs: 20_000, signal })).stdout).toBe('second\n');
  });

  test('commands that find no free session wait for one', async () => {
    const { port } = await startHost({ maxSessions: 2 });
    const connection = await connect({ port });
    const words = Array.from({ length: 12 }, (_, index) => `word ${index}`);
    const results = await Promise.all(
      words.map((word) => connection.exec({ script: `echo ${word}`, timeoutMs: 20_000, signal })),
    );
    expect(results.map((result) => result.stdout.trim())).toEqual(words);
  });

  test('a command that finds no free session in its time fails with CHANNEL_FAILED', async () => {
    const { port } = await startHost({ maxSessions: 1 });
    const connection = await connect({ port });
    const controller = new AbortController();
    const running = connection.exec({ script, timeoutMs: 20_000, signal: controller.signal });
    const second = connection.exec({ script, timeoutMs: 300, signal });
    await expect(second).rejects.toMatchObject({ code: 'CHANNEL_FAILED' });
    controller.abort();
    expect(await running).toMatchObject({ ended: 'interrupted' });
  });

  test('a host that never opens a session is given up', async () => {
    const { port } = await startHost({ maxSessions: 0 });
    const connection = await connect({ port });
    await expect(connection.exec({ script, timeoutMs: 20_000, signal })).rejects.toMatchObject({
      code: 'CHANNEL_FAILED',
    });
  });

  test('a login shell that runs no commands is shown with its own words', async () => {
    const bin = await mkdtemp(join(folder, 'bin-'));
    const { port } = await startHost({ environment: { PATH: bin } });
    const connection = await connect({ port });
    const running = connection.exec({ script, timeoutMs: 20_000, signal });
    await expect(running).rejects.toMatchObject({
      code: 'CHANNEL_FAILED',
      message: expect.stringMatching(/^The login shell of tester on testhost ended with exit status 127 .*not found/),
    });
  });
});
