/** The connection into containers: what it says of those that are not there, stopped, or whose daemon hangs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDockerTransport } from '../../src/transport/docker/docker-transport.ts';
import { createLocalTransport, createSshTransport } from '../../src/transport/index.ts';
import type { ContainerTarget, Target } from '../../src/transport/types.ts';
import { testTarget } from '../transport/targets.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { mustRun } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const signal = new AbortController().signal;
const local = createLocalTransport();
const ssh = createSshTransport();
const transport = createDockerTransport({
  openProcesses: (target, abort) => (target.kind === 'ssh' ? ssh : local).openProcesses(target, abort),
});

let folder: string;
let user: LabUser;
let sshd: LabSshd;
let engine: DockerEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await mustRun('chmod', ['711', folder]);
  user = await createLabUser(folder, []);
  engine = await startDockerEngine(join(folder, 'engine'));
  sshd = await startSshd(join(folder, 'sshd'), user, { DOCKER_HOST: `unix://${engine.socket}` });
  await engine.runWithPrograms('up', '--network=none');
  await engine.exitContainer('down', '--network=none');
});

afterAll(async () => {
  await transport.close();
  await ssh.close();
  await sshd?.stop();
  await engine?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

function containerTarget(
  container: string,
  changes: Partial<Target> = {},
  more: Partial<ContainerTarget> = {},
): Target {
  const docker = { container, exe: 'docker', args: ['-H', `unix://${engine.socket}`], ...more };
  return testTarget({
    kind: 'docker',
    name: 'app1',
    address: container,
    password: undefined,
    connectTimeoutMs: 30_000,
    docker,
    ...changes,
  });
}

const exec = async (target: Target, script: string, timeoutMs = 15_000) => {
  const connection = await transport.connect(target, signal);
  try {
    return await connection.exec({ script, timeoutMs, signal });
  } finally {
    await connection.close();
  }
};

test('a script runs in the container, as the user that was asked for', async () => {
  expect((await exec(containerTarget('up'), 'id -u; hostname')).stdout).toMatch(/^0\n[0-9a-f]{12}\n$/);
  expect((await exec(containerTarget('up', {}, { user: '1234' }), 'id -u')).stdout).toBe('1234\n');
});

test('a container on another host is reached through it', async () => {
  const node = testTarget({
    name: 'node1',
    port: sshd.port,
    user: 'root',
    password: undefined,
    privateKeyFiles: [user.keyFile],
  });
  const target = containerTarget('up', {}, { args: [], via: node });
  expect(await exec(target, 'hostname; exit 3')).toMatchObject({
    exitCode: 3,
    stdout: expect.stringMatching(/^[0-9a-f]{12}\n$/),
  });
  await expect(exec(containerTarget('nope', {}, { args: [], via: node }), 'true')).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: "There is no container 'nope' on node1, which app1 is",
  });
});

test('what a deadline kills in the container is gone', async () => {
  const result = await exec(containerTarget('up'), "trap '' TERM; sleep 71 & while :; do sleep 1; done", 1500);
  expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
  expect(await engine.mustDocker('top', 'up', '-o', 'pid,args')).not.toContain('sleep 71');
});

test.each([
  ['nope', "There is no container 'nope' on this machine, which app1 is"],
  ['down', "The container 'down' of app1 is exited, not running"],
])('the container %s is refused with what to do', async (container, message) => {
  const connecting = transport.connect(containerTarget(container), signal);
  await expect(connecting).rejects.toMatchObject({ code: 'CONNECT_FAILED', message, hint: expect.any(String) });
});

test('a paused container is refused, not waited for', async () => {
  await engine.mustDocker('pause', 'up');
  try {
    const connecting = transport.connect(containerTarget('up'), signal);
    await expect(connecting).rejects.toMatchObject({ hint: 'unpause it on this machine: docker unpause up' });
  } finally {
    await engine.mustDocker('unpause', 'up');
  }
});

test('a program that is not there is named', async () => {
  const connecting = transport.connect(containerTarget('up', {}, { exe: 'no-such-docker' }), signal);
  await expect(connecting).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: "'no-such-docker' was not found on this machine, to reach app1",
  });
});

test('a daemon that is not there is said to be so', async () => {
  const target = containerTarget('up', {}, { args: ['-H', 'unix:///nowhere/docker.sock'] });
  await expect(transport.connect(target, signal)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: expect.stringContaining('Cannot connect to the Docker daemon'),
    hint: 'start the daemon on this machine, or set ansible_docker_host',
  });
});

test('a daemon that hangs is given up at the deadline', async () => {
  await engine.signal('SIGSTOP');
  try {
    const startedMs = performance.now();
    const connecting = transport.connect(containerTarget('up', { connectTimeoutMs: 1000 }), signal);
    await expect(connecting).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT', phase: 'connect' });
    expect(performance.now() - startedMs).toBeLessThan(4000);
  } finally {
    await engine.signal('SIGCONT');
  }
});

test('a container that stops loses the connection, and no script seems to have ended by itself', async () => {
  const id = 'stopping';
  await engine.runWithPrograms(id, '--network=none');
  const connection = await transport.connect(containerTarget(id), signal);
  connection.prepare(undefined);
  await connection.exec({ script: 'true', timeoutMs: 15_000, signal });
  const running = [1, 2].map((i) => connection.exec({ script: `echo ${i}; sleep 60`, timeoutMs: 30_000, signal }));
  const ends = Promise.allSettled(running);
  await connection.exec({ script: 'sleep 1', timeoutMs: 15_000, signal });
  await engine.mustDocker('kill', id);
  for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_LOST' } });
  expect(connection.isOpen).toBe(false);
  await connection.close();
});
