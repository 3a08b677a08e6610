/** The faults that servers in this process can play, each through the whole program beside two good hosts. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  type EmbeddedSshHost,
  type EmbeddedSshHostOptions,
  startEmbeddedSshHost,
} from '../../src/cli/demo/embedded-ssh-host.ts';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';
import { PLAYED_FAULTS } from '../faults/faults.ts';
import { type FaultScene, processesWith, proveFault, type Vars } from '../faults/run-fault.ts';
import { startStallingProxy } from './stalling-proxy.ts';

const key = newKeyPair();
let folder: string;
let keyFile: string;
let mark: string;
let goods: readonly [EmbeddedSshHost, EmbeddedSshHost];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-faults-'));
  keyFile = join(folder, 'key');
  mark = `FAULT_HOSTS=${folder}`;
  await writeFile(keyFile, key.private, { mode: 0o600 });
  goods = [await startHost({}), await startHost({})];
});

afterAll(async () => {
  await Promise.all(goods.map((good) => good.close()));
  await rm(folder, { recursive: true, force: true });
});

function startHost(options: Partial<EmbeddedSshHostOptions>): Promise<EmbeddedSshHost> {
  const environment = { PATH: process.env.PATH, FAULT_HOSTS: folder };
  return startEmbeddedSshHost({ directory: folder, environment, authorizedKeys: [key.public], ...options });
}

/** A host for one test; gives the variables that lead there. */
async function bad(options: Partial<EmbeddedSshHostOptions>): Promise<Vars> {
  const host = await startHost(options);
  onTestFinished(() => host.close());
  return at(host.port);
}

const at = (port: number): Vars => ({ ansible_host: '127.0.0.1', ansible_port: port });

/** A server that speaks no SSH, or not all of it. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<Vars> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return at(bound.port);
}

async function waitFor(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** One scene for each fault. */
const SCENES: Readonly<Record<keyof typeof PLAYED_FAULTS, () => Promise<FaultScene>>> = {
  refused: async () => {
    const host = await startHost({});
    await host.close();
    return { vars: at(host.port) };
  },
  unknownName: async () => ({ vars: { ansible_host: 'no-such-host.invalid' } }),
  silentBanner: async () => ({ vars: await bad({ behaviour: 'silent-banner' }), isSlow: true }),
  garbageBanner: async () => ({
    vars: await rawServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
  }),
  binaryBanner: async () => ({
    vars: await rawServer((socket) => {
      const pour = () => socket.write(Buffer.alloc(4096, 0xff));
      const timer = setInterval(pour, 20);
      socket.resume().once('close', () => clearInterval(timer));
    }),
  }),
  silentKeyExchange: async () => ({
    vars: await rawServer((socket) => socket.resume().write('SSH-2.0-OpenSSH_9.2\r\n')),
    isSlow: true,
  }),
  noCommonAlgorithm: async () => {
    const algorithms = { kex: ['diffie-hellman-group1-sha1'] as const };
    const server = new ssh2.Server({ hostKeys: [newKeyPair().private], algorithms: { kex: [...algorithms.kex] } });
    server.on('connection', (client) => client.on('error', () => {}));
    return { vars: await rawServer((socket) => server.injectSocket(socket)) };
  },
  changedKey: async () => {
    const vars = await bad({});
    const file = join(folder, 'changed_known_hosts');
    const lines = goods.map((good) => `[127.0.0.1]:${good.port} ${good.hostKey}`);
    await writeFile(file, [...lines, `[127.0.0.1]:${vars.ansible_port} ${newKeyPair().public}`, ''].join('\n'));
    return { vars, args: ['--host-keys', 'strict', '--known-hosts', file] };
  },
  silentAuth: async () => ({ vars: await bad({ behaviour: 'silent-auth' }), isSlow: true }),
  authRefused: async () => ({ vars: await bad({ behaviour: 'refuse-auth' }) }),
  noSession: async () => ({ vars: await bad({ maxSessions: 0 }) }),
  cutInCommand: async () => ({ vars: { ...(await bad({ behaviour: 'cut-mid-command' })), script: 'sleep 3' } }),
  halfOpen: async () => {
    const host = await startHost({});
    const proxy = await startStallingProxy(host.port);
    onTestFinished(() => host.close());
    onTestFinished(() => proxy.close());
    const began = join(folder, 'half-open-began');
    return {
      vars: { ...at(proxy.port), script: `touch ${began}; sleep 8` },
      args: ['--keep-alive', '1'],
      during: async () => {
        await waitFor(began);
        proxy.stall();
      },
      // Until its own TCP gives up, the host believes in the connection.
      after: () => proxy.close(),
      isSlow: true,
    };
  },
  noNewline: async () => ({
    vars: { ...(await bad({})), script: 'printf out; printf err >&2' },
    result: { stdout: 'out', stderr: 'err' },
  }),
  stderrFlood: async () => ({
    vars: { ...(await bad({})), script: 'yes "an error" | head -c 50000000 >&2; echo end' },
    result: { stdout: 'end', truncated: true },
    isSlow: true,
    withinMs: 60_000,
  }),
  invalidUtf8: async () => ({
    vars: { ...(await bad({})), script: "printf 'a\\377\\376b\\303\\n'" },
    result: { stdout: 'a\ufffd\ufffdb\ufffd' },
  }),
  killedBySignal: async () => ({ vars: { ...(await bad({})), script: 'kill -9 $$' } }),
  loginNoise: async () => ({
    vars: { ...(await bad({ profileText: '*** Welcome ***\nno newline: ' })), script: 'echo out; echo err >&2' },
    result: { stdout: 'out', stderr: 'err' },
  }),
  clockSteps: async () => ({
    vars: { ...(await bad({})), script: 'sleep 30' },
    args: ['--command-timeout', '2'],
    preload: 'stepping-clock.mjs',
    isSlow: true,
  }),
};

test.each(Object.entries(PLAYED_FAULTS))('%s', { timeout: 90_000 }, async (id, fault) => {
  const scene = await SCENES[id as keyof typeof PLAYED_FAULTS]();
  const reached = ['--private-key', keyFile, ...(scene.args?.includes('--host-keys') ? [] : ['--host-keys', 'off'])];
  const [good1, good2] = goods.map((good) => at(good.port));
  if (good1 === undefined || good2 === undefined) throw new Error('no good hosts');
  await proveFault(fault, { ...scene, args: [...reached, ...(scene.args ?? [])] }, [good1, good2]);
  // There: what was cut off ends by itself; nothing else may be left.
  await expect.poll(() => processesWith(mark), { timeout: 15_000 }).toEqual([]);
});
