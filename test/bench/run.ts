/**
 * `npm run bench`: fleetmend beside the least that any SSH client in Node can do for the same work, in one run, turn about.
 *
 *   npm run bench -- [--hosts 200] [--rounds 5] [--limit FILE] [--tasks 20]
 *
 * Needs root (it starts one sshd that answers on many loopback addresses) and the bare loop, by default
 * ../shared/bench/limit-ssh.mjs beside the checkout. Prints medians of wall and CPU time and their ratio.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLabUser, startSshd } from '../lab/sshd.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    tasks: { type: 'string', default: '20' },
    limit: { type: 'string', default: join(ROOT, '..', 'shared', 'bench', 'limit-ssh.mjs') },
  },
});

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Runs a program to its end; CPU time is its own and its children's. */
function measure(args: readonly string[]): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    // bash's own clock of its children, since Node has none for one child.
    const line = `TIMEFORMAT='%U %S'; time "$0" "$@" >/dev/null 2>&1`;
    const child = spawn('bash', ['-c', line, process.execPath, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const [user = Number.NaN, system = Number.NaN] = text.trim().split(' ').map(Number);
      if (code === 0) resolve({ wallMs: performance.now() - startedMs, cpuMs: (user + system) * 1000 });
      else reject(new Error(`${args.join(' ')}: exit ${code} ${text}`));
    });
  });
}

function median(costs: readonly Cost[], key: keyof Cost): number {
  const sorted = costs.map((cost) => cost[key]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function compare(
  title: string,
  ours: readonly string[],
  limit: readonly string[],
  rounds: number,
): Promise<void> {
  const costs: { ours: Cost[]; limit: Cost[] } = { ours: [], limit: [] };
  for (let round = 0; round < rounds; round++) {
    costs.ours.push(await measure(ours));
    costs.limit.push(await measure(limit));
  }
  const row = (key: keyof Cost) => {
    const [a, b] = [median(costs.ours, key), median(costs.limit, key)];
    return `${String(Math.round(a)).padStart(6)} ms  bare loop ${String(Math.round(b)).padStart(6)} ms  ratio ${(a / b).toFixed(2)}`;
  };
  process.stdout.write(`${title} (median of ${rounds})\n  wall ${row('wallMs')}\n  CPU  ${row('cpuMs')}\n`);
}

if (!existsSync(values.limit))
  throw new Error(`the bare loop '${values.limit}' does not exist; give its path with --limit`);
if (!existsSync(join(ROOT, 'dist', 'bin'))) throw new Error('the build is missing: npm run build');
const folder = await mkdtemp(join(tmpdir(), 'fleetmend-bench-'));
await chmod(folder, 0o755);
const user = await createLabUser(folder, []);
const sshd = await startSshd(folder, user, {}, '0.0.0.0').catch(async (error: unknown) => {
  await user.remove();
  throw error;
});
try {
  const count = Number(values.hosts);
  const addresses = Array.from({ length: count }, (_, i) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`);
  const hosts = join(folder, 'hosts');
  await writeFile(hosts, `${addresses.join('\n')}\n`);
  const few = join(folder, 'few');
  await writeFile(few, `${addresses.slice(0, 50).join('\n')}\n`);
  const tasks = Number(values.tasks);
  const play = join(folder, 'tasks.yml');
  await writeFile(
    play,
    `- hosts: all\n  gather_facts: false\n  strategy: free\n  tasks:\n${Array.from({ length: tasks }, (_, i) => `    - {shell: echo hi ${i}}\n`).join('')}`,
  );
  const reach = [
    '--port',
    String(sshd.port),
    '-u',
    user.name,
    '--private-key',
    user.keyFile,
    '--host-keys',
    'off',
    '--state-dir',
    folder,
  ];
  const cli = join(ROOT, 'bin', 'fleetmend.js');
  const bare = (file: string, ...more: string[]) => [
    values.limit,
    '--hosts',
    file,
    '--port',
    String(sshd.port),
    '--user',
    user.name,
    '--key',
    user.keyFile,
    ...more,
  ];
  const rounds = Number(values.rounds);
  await compare(
    `${count} hosts x 1 command`,
    [cli, 'exec', 'all', '-i', hosts, ...reach, '-q', '--', 'echo hi'],
    bare(hosts, '--mode', 'exec', '--tasks', '1'),
    rounds,
  );
  await compare(
    `50 hosts x ${tasks} tasks, beside one exec a task`,
    [cli, 'run', play, '-i', few, ...reach, '-q'],
    bare(few, '--mode', 'exec', '--tasks', String(tasks)),
    rounds,
  );
} finally {
  await sshd.stop();
  await user.remove();
  await rm(folder, { recursive: true, force: true });
}
