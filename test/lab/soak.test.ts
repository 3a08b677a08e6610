/** Many runs in one process: memory, descriptors and handles return to where they were. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';
import { type SimulatedHosts, startSimulatedHosts } from './simulated-hosts.ts';
import type { SoakSample } from './soak-runs.ts';

const SOAK_RUNS = fileURLToPath(new URL('soak-runs.ts', import.meta.url));
const RUN_COUNT = 200;
const HOST_COUNT = 50;
const SAMPLE_EVERY = 10;
/** Of 100 runs with 50 hosts each: a single number kept for each host of each run would be more. */
const MAX_GROWTH_BYTES = 32 * 1024;

// Without the optimizing compilers, which keep machine code of their own in the heap for as long as a process runs.
const NODE_FLAGS = ['--expose-gc', '--no-opt', '--no-maglev'];

let folder: string;
let hosts: SimulatedHosts;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-soak-'));
  const keys = newKeyPair();
  await writeFile(join(folder, 'key'), keys.private, { mode: 0o600 });
  await writeFile(join(folder, 'key.pub'), keys.public);
  hosts = await startSimulatedHosts(join(folder, 'key.pub'), folder);
});

afterAll(async () => {
  await hosts?.stop();
  await rm(folder, { recursive: true, force: true });
});

test(`${RUN_COUNT} runs of ${HOST_COUNT} hosts leave nothing behind in their process`, {
  timeout: 600_000,
}, async () => {
  const addresses = Array.from({ length: HOST_COUNT - 1 }, (_, i) => `127.0.1.${1 + i}\n`);
  // One that refuses, so that this way is gone too.
  await writeFile(join(folder, 'hosts'), `${addresses.join('')}127.0.2.1 ansible_port=1\n`);
  await writeFile(
    join(folder, 'play.yml'),
    `
- hosts: all
  gather_facts: false
  tasks:
    - {name: fail, shell: "echo hi; exit 3", register: said, ignore_errors: true, timeout: 60}
    - {name: note, set_fact: {word: "{{ said.stdout }}"}, notify: tell}
  handlers:
    - {name: tell, debug: {msg: "{{ word }}"}}
`,
  );
  const login = ['--port', String(hosts.port), '-u', 'ops', '--private-key', 'key'];
  const trust = ['--host-keys', 'accept-new', '--known-hosts', join(folder, 'known_hosts')];
  const reports = ['--report', `json=${join(folder, 'report.json')}`, '--report', `ndjson=${join(folder, 'journal')}`];
  const bounds = ['--host-timeout', '100s', '--state-dir', folder];
  const words = ['run', 'play.yml', '-i', 'hosts', ...login, ...trust, ...reports, ...bounds];
  const samples = await soak(words);
  expect(samples).toHaveLength(RUN_COUNT / SAMPLE_EVERY);
  for (const sample of samples) expect(sample.exitCode).toBe(4);
  const half = samples.slice(samples.length / 2);
  const [first, last] = [samples[0] as SoakSample, samples.at(-1) as SoakSample];
  const { descriptorCount, resources, listenerCount } = last;
  expect({ descriptorCount, resources, listenerCount }).toEqual({
    descriptorCount: first.descriptorCount,
    resources: first.resources,
    listenerCount: first.listenerCount,
  });
  const growth = (figure: 'heapBytes' | 'otherBytes') =>
    slope(half.map((sample) => sample[figure])) * (half.length - 1);
  expect(growth('heapBytes'), shown(samples)).toBeLessThan(MAX_GROWTH_BYTES);
  expect(growth('otherBytes'), shown(samples)).toBeLessThan(MAX_GROWTH_BYTES);
});

function soak(words: readonly string[]): Promise<SoakSample[]> {
  const args = [...NODE_FLAGS, SOAK_RUNS, String(RUN_COUNT), String(SAMPLE_EVERY), folder, ...words];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      if (code !== 0) return reject(new Error(`exit ${code}: ${texts.stderr}`));
      resolve(
        texts.stdout
          .split('\n')
          .filter(Boolean)
          .map((line): SoakSample => JSON.parse(line)),
      );
    });
  });
}

// Least squares, for each step.
function slope(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = (values.length - 1) / 2;
  const weights = values.map((_, i) => i - middle);
  const along = values.reduce((sum, value, i) => sum + (value - mean) * (weights[i] ?? 0), 0);
  return along / weights.reduce((sum, weight) => sum + weight * weight, 0);
}

function shown(samples: readonly SoakSample[]): string {
  return samples.map(({ runs, heapBytes, otherBytes }) => `${runs}: ${heapBytes} + ${otherBytes}`).join('\n');
}
