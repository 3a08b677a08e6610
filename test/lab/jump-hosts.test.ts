/** Hosts behind jump hosts and proxy commands, with real sshds. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSshTransport } from '../../src/transport/index.ts';
import type { Connection, Target, Transport } from '../../src/transport/types.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run, waitUntil } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const signal = new AbortController().signal;
let folder: string;
let user: LabUser;
let gate: LabSshd;
let inner: LabSshd;
let hosts: LabSshd;
let transport: Transport;
const open: Connection[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-jump-'));
  await mustRun('chmod', ['755', folder]);
  user = await createLabUser(folder, []);
  gate = await startSshd(join(folder, 'gate'), user, {}, '127.0.0.1', ['LogLevel VERBOSE']);
  inner = await startSshd(join(folder, 'inner'), user, {}, '127.0.0.1', ['LogLevel VERBOSE']);
  // Answers on all of 127.0.0.0/8: as many hosts as are wanted.
  hosts = await startSshd(join(folder, 'hosts'), user, {}, '0.0.0.0', ['LogLevel VERBOSE']);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
  await transport?.close();
});

afterAll(async () => {
  for (const sshd of [gate, inner, hosts]) await sshd?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

const through = (changes: Partial<Target>): Target =>
  testTarget({ user: user.name, password: undefined, privateKeyFiles: [user.keyFile], ...changes });
const jump = (sshd: LabSshd, name: string, changes: Partial<Target> = {}): Target =>
  through({ name, port: sshd.port, ...changes });
const host = (index: number, changes: Partial<Target>): Target =>
  through({ name: `host${index}`, address: `127.0.9.${index}`, port: hosts.port, ...changes });

async function connect(target: Target): Promise<Connection> {
  const connection = await transport.connect(target, signal);
  open.push(connection);
  return connection;
}

const sh = (connection: Connection, script: string) => connection.exec({ script, timeoutMs: 20_000, signal });
const accepted = (sshd: LabSshd) => sshd.log().split('Accepted publickey').length - 1;

// Processes that serve the connections of an sshd, those with rights and those without.
async function sessionsOf(sshd: LabSshd): Promise<string[]> {
  const childrenOf = async (pids: string) => (await run('pgrep', ['-P', pids])).stdout.split('\n').filter(Boolean);
  const monitors = await childrenOf(String(sshd.pid));
  return [...monitors, ...(await childrenOf(monitors.join(',')))];
}

describe('jump hosts', () => {
  test('two in a row are connected once for all hosts behind them', async () => {
    transport = createSshTransport();
    const before = { gate: accepted(gate), inner: accepted(inner), hosts: accepted(hosts) };
    const jumps = [jump(gate, 'gate'), jump(inner, 'inner')];
    const indices = Array.from({ length: 12 }, (_, i) => i + 1);
    const connections = await Promise.all(indices.map((i) => connect(host(i, { jumps }))));
    const results = await Promise.all(connections.map((connection) => sh(connection, 'echo "$SSH_CONNECTION"')));
    expect(results.map((result) => result.stdout.split(' ')[2])).toEqual(indices.map((i) => `127.0.9.${i}`));
    expect(accepted(gate) - before.gate).toBe(1);
    expect(accepted(inner) - before.inner).toBe(1);
    expect(accepted(hosts) - before.hosts).toBe(12);
  });

  test('large outputs and files go through whole', async () => {
    transport = createSshTransport();
    const connection = await connect(host(1, { jumps: [jump(gate, 'gate'), jump(inner, 'inner')] }));
    const script = 'head -c 3000000 /dev/zero | tr "\\0" x | cksum; yes 0123456789 | head -c 4000000';
    const result = await connection.exec({ script, timeoutMs: 30_000, signal, maxOutputBytes: 8_000_000 });
    expect(result).toMatchObject({ exitCode: 0, stdoutTruncated: false });
    expect(Buffer.byteLength(result.stdout)).toBeGreaterThan(4_000_000);
    const content = Buffer.alloc(5_000_000, 'abc');
    const remotePath = join(folder, 'uploaded');
    await mustRun('chmod', ['777', folder]);
    await connection.upload({ content, remotePath, timeoutMs: 30_000, signal });
    expect((await sh(connection, `cat ${remotePath} | wc -c`)).stdout.trim()).toBe('5000000');
    await sh(connection, `rm ${remotePath}`);
    await mustRun('chmod', ['755', folder]);
  });

  test('are gone from the server when the transport is closed', async () => {
    transport = createSshTransport();
    const connection = await connect(host(1, { jumps: [jump(gate, 'gate'), jump(inner, 'inner')] }));
    await connection.close();
    await transport.close();
    for (const sshd of [gate, inner, hosts]) {
      await waitUntil(
        async () => (await run('pgrep', ['-P', String(sshd.pid)])).stdout === '',
        () => 'a session is left',
      );
    }
  });

  test("a jump host's key is checked", async () => {
    transport = createSshTransport();
    const knownHostsFile = join(folder, 'known_hosts');
    await writeFile(knownHostsFile, `[127.0.0.1]:${inner.port} ${gate.hostKey}\n`);
    const strict = { hostKeyPolicy: 'strict', knownHostsFiles: [knownHostsFile] } as const;
    await expect(connect(host(1, { jumps: [jump(gate, 'gate', strict)] }))).rejects.toMatchObject({
      code: 'JUMP_FAILED',
      message: expect.stringContaining('The jump host gate cannot be used: The host key of [127.0.0.1]:'),
    });
    await expect(connect(host(1, { jumps: [jump(gate, 'a'), jump(inner, 'inner', strict)] }))).rejects.toMatchObject({
      code: 'JUMP_FAILED',
      message: expect.stringMatching(/The jump host inner cannot be used: The host key of .* changed/),
    });
    const aliasFile = join(folder, 'known_aliases');
    await writeFile(aliasFile, `gate-alias ${gate.hostKey}\n`);
    const alias = { hostKeyPolicy: 'strict', knownHostsFiles: [aliasFile], hostKeyAlias: 'gate-alias' } as const;
    expect((await connect(host(1, { jumps: [jump(gate, 'aliased', alias)] }))).isOpen).toBe(true);
  });

  test('a dead one fails all hosts behind it at once, and was tried once', async () => {
    transport = createSshTransport();
    let tries = 0;
    const deaf: Server = createServer((socket) => {
      tries++;
      socket.on('error', () => {});
      socket.destroy();
    });
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const address = deaf.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const jumps = [through({ name: 'dead', port })];
      const attempts = Array.from({ length: 20 }, (_, i) => connect(host(i + 1, { jumps })).catch((error) => error));
      for (const error of await Promise.all(attempts)) {
        expect(error).toMatchObject({ code: 'JUMP_FAILED', message: expect.stringContaining('The jump host dead') });
      }
      const late = await connect(host(21, { jumps })).catch((error) => error);
      expect(late.code).toBe('JUMP_FAILED');
      expect(tries).toBe(1);
      // A host that stands elsewhere is not disturbed.
      expect((await connect(host(1, {}))).isOpen).toBe(true);
    } finally {
      deaf.close();
    }
  });

  test('a hung one costs its deadline once, for all hosts together', async () => {
    transport = createSshTransport();
    const hung = createServer(() => {});
    await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
    const address = hung.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const jumps = [through({ name: 'hung', port, connectTimeoutMs: 1000 })];
      const startedAt = performance.now();
      for (let i = 1; i <= 10; i++) {
        const error = await connect(host(i, { jumps })).catch((caught) => caught);
        expect(error.message).toMatch(/The jump host hung cannot be used: .* sent no SSH banner within 1.0 s/);
      }
      expect(performance.now() - startedAt).toBeLessThan(3000);
    } finally {
      hung.close();
    }
  });

  test('what fails behind one says so, and says through whom', async () => {
    transport = createSshTransport();
    const jumps = [jump(gate, 'gate')];
    await expect(connect(host(1, { port: 1, jumps }))).rejects.toMatchObject({
      code: 'CONNECT_REFUSED',
      message: 'Connection refused by 127.0.9.1:1 (through gate)',
    });
    await expect(connect(host(1, { user: 'nobody-at-all', jumps }))).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining(`127.0.9.1:${hosts.port} (through gate) refused nobody-at-all`),
    });
    // The jump host is none the worse for it.
    expect((await connect(host(2, { jumps }))).isOpen).toBe(true);
  });

  test('one that forbids forwarding is named', async () => {
    transport = createSshTransport();
    const closed = await startSshd(join(folder, 'closed'), user, {}, '127.0.0.1', ['AllowTcpForwarding no']);
    try {
      await expect(connect(host(1, { jumps: [jump(closed, 'closed')] }))).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        message: expect.stringContaining('The jump host closed does not forward to 127.0.9.1'),
        hint: expect.stringContaining('AllowTcpForwarding'),
      });
    } finally {
      await closed.stop();
    }
  });

  test('one that dies in mid-command ends it, and is connected anew for the next', async () => {
    transport = createSshTransport();
    const dying = await startSshd(join(folder, 'dying'), user, {}, '127.0.0.1', ['LogLevel VERBOSE']);
    try {
      const jumps = [jump(dying, 'dying')];
      const connection = await connect(host(1, { jumps }));
      const lost = expect(sh(connection, 'echo started; sleep 60')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await waitUntil(
        async () => (await run('pgrep', ['-f', '-u', user.name, 'sleep 60'])).stdout !== '',
        () => 'the command does not run',
      );
      for (const pid of await sessionsOf(dying)) await run('kill', ['-KILL', pid]);
      await lost;
      expect(connection.isOpen).toBe(false);
      expect((await sh(await connect(host(1, { jumps })), 'echo again')).stdout).toBe('again\n');
    } finally {
      await run('pkill', ['-KILL', '-u', user.name, '-x', 'sleep']);
      await dying.stop();
    }
  });

  test('one that hangs in mid-run: the deadline of a command holds, and closing does not wait for it', async () => {
    transport = createSshTransport();
    const hanging = await startSshd(join(folder, 'hanging'), user, {});
    const connection = await transport.connect(host(1, { jumps: [jump(hanging, 'hanging')] }), signal);
    const all = await sessionsOf(hanging);
    try {
      for (const pid of all) await run('kill', ['-STOP', pid]);
      const startedAt = performance.now();
      await connection.exec({ script: 'echo x', timeoutMs: 1000, signal }).then(
        (result) => expect(result.ended).toBe('timed_out'),
        (error) => expect(error).toMatchObject({ code: 'CONNECTION_LOST' }),
      );
      const behind = connect(host(2, { jumps: [jump(hanging, 'hanging')], connectTimeoutMs: 1000 }));
      await expect(behind).rejects.toMatchObject({
        code: 'CONNECT_TIMEOUT',
        message: expect.stringContaining('(through hanging)'),
      });
      await connection.close();
      await transport.close();
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    } finally {
      for (const pid of all) await run('kill', ['-CONT', pid]);
      await hanging.stop();
    }
  });
});

describe('ProxyCommand', () => {
  test('its stdin and stdout are the way to the host; it is gone afterwards', async () => {
    transport = createSshTransport();
    const config = join(folder, 'ssh_config');
    await writeFile(config, `IdentityFile ${user.keyFile}\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n`);
    const proxyCommand = `ssh -F ${config} -q -p ${gate.port} -W 127.0.9.3:${hosts.port} ${user.name}@127.0.0.1`;
    const connection = await connect(host(3, { proxyCommand }));
    expect(
      (await sh(connection, 'echo "$SSH_CONNECTION" | cut -d" " -f3; head -c 2000000 /dev/zero | wc -c')).stdout,
    ).toBe('127.0.9.3\n2000000\n');
    expect((await run('pgrep', ['-f', `ssh -F ${config}`])).stdout).not.toBe('');
    await connection.close();
    await transport.close();
    expect((await run('pgrep', ['-f', `ssh -F ${config}`])).stdout).toBe('');
  });

  test.each([
    ['echo "no such bastion" >&2; exit 7', /ProxyCommand to 127\.0\.9\.1:\d+ exited with status 7: no such bastion/],
    ['true', /exited with status 0/],
    ['/no/such/program', /exited with status 127: .*\/no\/such\/program: not found/],
    ['kill -9 $$', /was killed by SIGKILL/],
  ])('%j fails the host with its last words', async (command, message) => {
    transport = createSshTransport();
    const proxyCommand = command.includes('/no/such') ? command : `sh -c '${command}'`;
    const startedAt = performance.now();
    await expect(connect(host(1, { proxyCommand }))).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringMatching(message),
    });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('one that says nothing ends at the deadline, with all that it started', async () => {
    transport = createSshTransport();
    const pids = join(folder, 'pids');
    const proxyCommand = `sh -c 'echo $$ >> ${pids}; sleep 600 & echo $! >> ${pids}; trap "" TERM; wait'`;
    await expect(connect(host(1, { proxyCommand, connectTimeoutMs: 1000 }))).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
    });
    await transport.close();
    const started = (await readFile(pids, 'utf8')).trim().split('\n');
    expect(started).toHaveLength(2);
    for (const pid of started) expect((await run('kill', ['-0', pid])).exitCode).not.toBe(0);
  });

  test('an interrupt ends it', async () => {
    transport = createSshTransport();
    const controller = new AbortController();
    const connecting = transport.connect(host(1, { proxyCommand: 'sleep 777' }), controller.signal);
    setTimeout(() => controller.abort(), 300);
    await expect(connecting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await transport.close();
    expect((await run('pgrep', ['-f', '^sleep 777$'])).stdout).toBe('');
  });

  test('a jump host may stand behind one', async () => {
    transport = createSshTransport();
    const proxy = join(folder, 'proxy.sh');
    await writeFile(
      proxy,
      `#!/bin/sh\nexec ssh -F none -i ${user.keyFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -q -p ${gate.port} -W "$1:$2" ${user.name}@127.0.0.1\n`,
    );
    await chmod(proxy, 0o755);
    const first = jump(inner, 'inner', { proxyCommand: `${proxy} 127.0.0.1 ${inner.port}` });
    expect((await sh(await connect(host(4, { jumps: [first] })), 'echo there')).stdout).toBe('there\n');
  });
});
