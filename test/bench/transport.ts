/**
 * The ssh transport beside the least that ssh2 can do for the same work, in one run. The hosts are addresses of
 * 127.0.0.0/8 that reach one sshd.
 *
 *   node test/bench/transport.ts --port 2222 --user ops --key FILE [--hosts 200] [--tasks 1] [--forks 50] [--rounds 3]
 *
 * Prints one JSON line for each side: the median of the rounds, in milliseconds.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import ssh2, { type ClientChannel } from 'ssh2';
import { createSshTransport } from '../../src/transport/index.ts';
import type { Target } from '../../src/transport/types.ts';

interface Round {
  readonly connectMs: number;
  readonly tasksMs: number;
  readonly cpuMs: number;
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2222' },
    user: { type: 'string', default: 'ops' },
    key: { type: 'string', default: '' },
    hosts: { type: 'string', default: '200' },
    tasks: { type: 'string', default: '1' },
    forks: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
  },
});
const port = Number(values.port);
const tasks = Number(values.tasks);
const addresses = Array.from(
  { length: Number(values.hosts) },
  (_, i) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`,
);
const limit = pLimit(Number(values.forks));

// One shell for all tasks of a host, with a mark after each: the streams are not apart, but nothing can be faster.
const LOOP = 'while IFS= read -r s; do (eval "$s") </dev/null; echo "@@$?"; done';

const sides = { bareExec, bareShell, transport: ours };
const rounds: Record<string, Round[]> = {};
// Turn about, so that what else the machine does falls on all sides alike.
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, run] of Object.entries(sides)) {
    const cpu = process.cpuUsage();
    const times = await run();
    const { user, system } = process.cpuUsage(cpu);
    rounds[name] ??= [];
    rounds[name].push({ ...times, cpuMs: (user + system) / 1000 });
  }
}
for (const [name, list] of Object.entries(rounds)) {
  const figures = {
    connectMs: median(list, 'connectMs'),
    tasksMs: median(list, 'tasksMs'),
    cpuMs: median(list, 'cpuMs'),
  };
  process.stdout.write(`${JSON.stringify({ name, hosts: addresses.length, tasks, ...figures })}\n`);
}

function median(list: readonly Round[], key: keyof Round): number {
  const sorted = list.map((round) => round[key]).toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

async function measure<C>(connect: (address: string) => Promise<C>, work: (client: C) => Promise<void>) {
  let started = performance.now();
  const clients = await Promise.all(addresses.map((address) => limit(() => connect(address))));
  const connectMs = performance.now() - started;
  started = performance.now();
  await Promise.all(clients.map((client) => limit(() => work(client))));
  return { clients, connectMs, tasksMs: performance.now() - started };
}

function bareConnect(host: string): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  const privateKey = readFileSync(values.key);
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client.setNoDelay(true)));
    client.once('error', reject).connect({ host, port, username: values.user, privateKey, readyTimeout: 60_000 });
  });
}

async function bareExec() {
  const { clients, ...times } = await measure(bareConnect, async (client) => {
    for (let i = 0; i < tasks; i++) await bareCommand(client, `echo hi ${i}`);
  });
  for (const client of clients) client.end();
  return times;
}

function bareCommand(client: ssh2.Client, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error);
      channel.resume();
      channel.stderr.resume();
      channel.on('close', () => resolve());
    });
  });
}

async function bareShell() {
  const { clients, ...times } = await measure(bareConnect, async (client) => {
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec(LOOP, (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
    });
    for (let i = 0; i < tasks; i++) {
      const done = Promise.withResolvers<void>();
      let text = '';
      const onData = (chunk: Buffer) => {
        text += chunk;
        if (text.includes('@@')) done.resolve();
      };
      channel.on('data', onData);
      channel.write(`echo hi ${i}\n`);
      await done.promise;
      channel.off('data', onData);
    }
    channel.end();
  });
  for (const client of clients) client.end();
  return times;
}

async function ours() {
  const transport = createSshTransport();
  const { signal } = new AbortController();
  const target = (address: string): Target => ({
    name: address,
    kind: 'ssh',
    address,
    port,
    user: values.user,
    privateKeyFiles: [values.key],
    hostKeyPolicy: 'off',
    knownHostsFiles: [],
    connectTimeoutMs: 60_000,
    authTimeoutMs: 60_000,
  });
  const { clients, ...times } = await measure(
    (address) => transport.connect(target(address), signal),
    async (connection) => {
      for (let i = 0; i < tasks; i++) {
        const running = connection.exec({ script: `echo hi ${i}`, timeoutMs: 60_000, signal });
        if (i + 1 < tasks) connection.prepare(undefined);
        const { stdout, exitCode } = await running;
        if (stdout !== `hi ${i}\n` || exitCode !== 0) throw new Error(`wrong result: ${stdout}`);
      }
    },
  );
  await Promise.all(clients.map((connection) => connection.close()));
  await transport.close();
  return times;
}
