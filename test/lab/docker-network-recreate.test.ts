import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dockerNetworkRecreate } from '../../src/modules/docker-network-recreate.ts';
import { withLocalConnection } from '../util/local-connection.ts';
import { type ModuleRun, runModule } from '../util/module-runner.ts';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { waitUntil } from './process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let lab: DockerLab;
let engine: DockerEngine;
let journals: string;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 1 });
  engine = lab.host(1).engine;
  const bridge = ['--subnet', '172.42.0.0/24', '--gateway', '172.42.0.254', '--ip-range', '172.42.0.128/25'];
  const flags = ['--label', 'com.example=a b', '--opt', 'com.docker.network.bridge.enable_icc=true', '--attachable'];
  await engine.mustDocker('network', 'create', ...bridge, ...flags, 'front');
  await engine.runContainer('fixed', '--network', 'front', '--ip', '172.42.0.9', '--network-alias', 'db');
  await engine.runContainer('any', '--network', 'front', '--network-alias', 'web', '--restart', 'always');
  await engine.runContainer('beside', '--network', 'container:any');
  await engine.runContainer('stopped', '--network', 'front', '--ip', '172.42.0.10');
  await engine.mustDocker('kill', 'stopped');
});

afterAll(() => lab?.stop());

let tests = 0;

// A folder each, so that a test which failed leaves no open journal to the next one.
beforeEach(() => {
  journals = join(lab.folder, `journals${++tests}`);
});

describe('a network with running, stopped and sharing containers', () => {
  test('is made again as it was, each container with its address, aliases and state', async () => {
    const before = await readHost();
    const check = await recreate({}, { checkMode: true });
    expect(check.result.steps.map(({ step }) => step.replaceAll(/ \([0-9a-f]{12}\)/g, ''))).toEqual([
      `save the inspection of network front and of 4 containers below ${journals}`,
      'stop container beside',
      'stop container any',
      'stop container fixed',
      'disconnect container stopped from network front',
      'disconnect container any from network front',
      'disconnect container fixed from network front',
      'remove network front; this is the point of no return',
      expect.stringMatching(
        /^create network front with --driver bridge --attachable --subnet 172.42.0.0\/24 --ip-range 172.42.0.128\/25 --gateway 172.42.0.254 /,
      ),
      'connect container fixed to network front with --ip 172.42.0.9 --alias db',
      `connect container any to network front with --ip ${before.containers.any?.address} --alias web`,
      'connect container stopped to network front with --ip 172.42.0.10',
      'start container fixed',
      'start container any',
      'start container beside',
      'verify network front, addresses, gateways, and that each container runs',
    ]);
    expect(await readHost()).toEqual(before);

    const real = await recreate({});
    expect(real.status).toBe('changed');
    expect(real.result.gateways_reached).toBe(2);
    const after = await readHost();
    expect(after).toEqual({ ...before, networkId: after.networkId });
    expect(after.networkId).not.toBe(before.networkId);
    expect(real.warnings).toEqual([
      expect.stringMatching(/^the bridge of network front was br-\w+ and is br-\w+ now: firewall rules that name it/),
      expect.stringContaining('ask from now on for the address that they happened to have: any;'),
    ]);
    await engine.mustDocker('start', 'stopped');
    expect((await readHost()).containers.stopped?.address).toBe('172.42.0.10');
    await engine.mustDocker('kill', 'stopped');

    const [folder = ''] = await readdir(join(journals, 'front'));
    const saved = await readFile(join(journals, 'front', folder, 'network.json'), 'utf8');
    expect(JSON.parse(saved)).toMatchObject([{ Id: before.networkId }]);
    expect((await recreate({ action: 'resume' })).status).toBe('ok');
  });

  test('is put back as it was when its removal fails', async () => {
    const before = await readHost();
    const failing = await wrapper('"network rm"*) echo "Error response from daemon: no" >&2; exit 1');
    const { status, result } = await recreate({ executable: failing });
    expect(status).toBe('failed');
    expect(result.msg).toMatch(/^could not remove network front .*: no; all was put back as it was$/);
    expect(result.past_point_of_no_return).toBe(false);
    expect(await readHost()).toEqual(before);
    expect((await recreate({ action: 'rollback' })).status).toBe('ok');
  });
});

describe('a recreation that is broken off', () => {
  test('after the point of no return is refused by a new run and finished by resume', async () => {
    const before = await readHost();
    const killed = await killAt('network create');
    expect((await engine.docker('network', 'inspect', 'front')).exitCode).not.toBe(0);

    const again = await recreate({});
    expect(again.status).toBe('failed');
    expect(again.result.msg).toMatch(/was broken off: 7 of 15 steps are done, the last: remove network front/);
    const back = await recreate({ action: 'rollback' });
    expect(back.status).toBe('failed');
    expect(back.result.msg).toContain('there is no way back');

    const rest = await recreate({ action: 'resume', start: false });
    expect(rest.result.paused).toBe(true);
    expect((await readHost()).containers.any?.state).toBe('exited');
    const resumed = await recreate({ action: 'resume' });
    expect(resumed.status).toBe('changed');
    const after = await readHost();
    expect(after).toEqual({ ...before, networkId: after.networkId });
    await killed.release();
  });

  test('before the point of no return is undone by rollback', async () => {
    const before = await readHost();
    const killed = await killAt('network disconnect');
    expect((await readHost()).containers.any?.state).toBe('exited');
    const { status, result } = await recreate({ action: 'rollback' });
    expect(status).toBe('changed');
    expect(result.rolled_back).toBe(true);
    expect(await readHost()).toEqual(before);
    await killed.release();
  });

  test('by an interrupt says so and leaves the journal open', async () => {
    const before = await readHost();
    const killed = await killAt('network rm', 'SIGINT');
    expect(killed.output()).toContain('broken off at: remove network front');
    await killed.release();
    expect((await recreate({ action: 'resume' })).status).toBe('changed');
    const after = await readHost();
    expect(after).toEqual({ ...before, networkId: after.networkId });
  });
});

test('a network is left as it is that a container needs which its stop would remove', async () => {
  await engine.runContainer('once', '--rm', '--network', 'front');
  const before = await readHost();
  const { status, result } = await recreate({});
  expect(status).toBe('failed');
  expect(result.msg).toMatch(/not recreated: container once was started with --rm: to stop it would remove it$/);
  expect(await readHost()).toEqual(before);
  expect(existsSync(journals)).toBe(false);
  await engine.mustDocker('kill', 'once');
});

interface RecreateResult {
  readonly msg: string;
  readonly steps: readonly { readonly step: string; readonly done: boolean }[];
  readonly gateways_reached: number;
  readonly past_point_of_no_return: boolean;
  readonly paused?: boolean;
  readonly rolled_back?: boolean;
}

interface Host {
  readonly networkId: string;
  readonly network: unknown;
  readonly containers: Readonly<Record<string, { readonly state: string; readonly address: string }>>;
}

// What must be the same before and after.
async function readHost(): Promise<Host> {
  const [network] = JSON.parse(await engine.mustDocker('network', 'inspect', 'front')) as Record<string, unknown>[];
  const { Id, Created, Containers, ...rest } = network ?? {};
  const names = ['fixed', 'any', 'beside', 'stopped'];
  const containers = JSON.parse(await engine.mustDocker('inspect', ...names)) as {
    Name: string;
    State: { Status: string };
    NetworkSettings: { Networks: { front?: { IPAddress: string; Aliases: string[] } } };
  }[];
  return {
    networkId: String(Id),
    network: rest,
    containers: Object.fromEntries(
      containers.map(({ Name, State, NetworkSettings: { Networks } }) => [
        Name.slice(1),
        {
          state: State.Status,
          address: Networks.front?.IPAddress ?? '',
          aliases: Networks.front?.Aliases,
        },
      ]),
    ),
  };
}

let runs = 0;

function argumentsOf(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { name: 'front', journal_dir: journals, stop_timeout: 1, addresses: 'same', ...args };
}

// In this process, which is root on the engine's machine as a playbook with `become` is.
function recreate(
  args: Readonly<Record<string, unknown>>,
  options: { readonly checkMode?: boolean } = {},
): Promise<Omit<ModuleRun, 'result'> & { readonly result: RecreateResult }> {
  const environment = { DOCKER_HOST: `unix://${engine.socket}` };
  return withLocalConnection(environment, async (connection) => {
    const wait = { ...options, connection, sleep: (durationMs: number) => setTimeout(durationMs) };
    const ran = await runModule(dockerNetworkRecreate, argumentsOf(args), wait);
    return { ...ran, result: ran.result as unknown as RecreateResult };
  });
}

// A docker that does something else for some commands. @param pattern - of `case`, with its answer
async function wrapper(pattern: string): Promise<string> {
  const path = join(lab.folder, `docker-${runs++}`);
  await writeFile(path, `#!/bin/sh\ncase "$1 $2" in\n${pattern} ;;\nesac\nexec docker "$@"\n`, { mode: 0o755 });
  return path;
}

// Starts a recreation, and kills the controller when the engine is asked for something, which the engine never hears of.
async function killAt(
  command: string,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<{ output(): string; release(): Promise<void> }> {
  const mark = join(lab.folder, `mark-${runs++}`);
  const executable = await wrapper(`"${command}"*) echo $$ >${mark}; exec sleep 3600`);
  const args = JSON.stringify(argumentsOf({ executable }));
  const words = ['exec', 'node1', '-i', lab.inventory, '-b', '-m', 'docker_network_recreate', '-a', args];
  // A home of its own: no settings of whoever runs the tests.
  const env = { ...process.env, HOME: lab.folder, XDG_CONFIG_HOME: lab.folder, XDG_STATE_HOME: lab.folder };
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await waitUntil(
    async () => existsSync(mark) && (await readFile(mark, 'utf8')).endsWith('\n'),
    () => `'${command}' was never called: ${output}`,
  );
  child.kill(signal);
  await ended;
  return {
    output: () => output,
    async release() {
      const pid = Number(await readFile(mark, 'utf8'));
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Ended with its session.
      }
    },
  };
}
