/** The five hosts of the demo: where they live, what is on them, and the files that a run needs to reach them. */

import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedSshHost } from './embedded-ssh-host.ts';
import { newKeyPair } from './key-pair.ts';
import { containerFile, STAND_IN_DOCKER, type StandInContainer } from './stand-in-docker.ts';

export interface DemoFleet {
  readonly inventoryFile: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** How many dead containers are left on the healthy hosts. */
  deadContainers(): Promise<number>;
  stop(): Promise<void>;
}

const HEALTHY = ['demo1', 'demo2', 'demo3'];
const HUNG = 'demo4';
const DOWN = 'demo5';

/** Starts the hosts below `dir`. Nobody listens for the one that is down. */
export async function startDemoFleet(dir: string): Promise<DemoFleet> {
  const key = newKeyPair();
  const keyFile = join(dir, 'demo_key');
  await writeFile(keyFile, key.private, { mode: 0o600 });
  const running: { close(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((host) => host.close()));
  };
  try {
    const inventory: string[] = ['[demo]'];
    const knownHosts: string[] = [];
    for (const [index, name] of [...HEALTHY, HUNG].entries()) {
      const home = await makeHome(join(dir, name), CONTAINERS[index] ?? [], name === HUNG);
      const host = await startEmbeddedSshHost({
        directory: home,
        environment: { PATH: `${join(home, 'bin')}:/usr/local/bin:/usr/bin:/bin`, LANG: 'C' },
        authorizedKeys: [key.public],
      });
      running.push(host);
      inventory.push(`${name} ansible_host=127.0.0.1 ansible_port=${host.port}`);
      knownHosts.push(`[127.0.0.1]:${host.port} ${host.hostKey}`);
    }
    inventory.push(`${DOWN} ansible_host=127.0.0.1 ansible_port=${await closedPort()}`);
    // The hosts run as whoever starts the demo: there is no sudo to go through.
    inventory.push('', '[demo:vars]', 'ansible_become=false', '');
    const inventoryFile = join(dir, 'hosts.ini');
    const knownHostsFile = join(dir, 'known_hosts');
    await writeFile(inventoryFile, inventory.join('\n'));
    await writeFile(knownHostsFile, `${knownHosts.join('\n')}\n`);
    return { inventoryFile, keyFile, knownHostsFile, deadContainers: () => countDead(dir), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// What stands on each host that listens, in the order of the hosts.
const CONTAINERS: readonly (readonly StandInContainer[])[] = [
  [container('a1', 'web-1', 'dead'), container('a2', 'web-2', 'dead'), container('a3', 'proxy', 'running')],
  [container('b1', 'worker-1', 'dead'), container('b2', 'nightly-job', 'exited')],
  [container('c1', 'proxy', 'running')],
  [container('d1', 'web-1', 'dead')],
];

function container(seed: string, name: string, state: StandInContainer['state']): StandInContainer {
  const finishedAt = state === 'running' ? '0001-01-01T00:00:00Z' : '2026-01-02T03:04:05.678901234Z';
  return { id: seed.repeat(32), name, image: 'example/app:1', state, finishedAt };
}

async function makeHome(home: string, containers: readonly StandInContainer[], hangs: boolean): Promise<string> {
  await mkdir(join(home, 'bin'), { recursive: true });
  await mkdir(join(home, 'containers'));
  const docker = join(home, 'bin', 'docker');
  await writeFile(docker, STAND_IN_DOCKER);
  await chmod(docker, 0o755);
  for (const each of containers) await writeFile(join(home, 'containers', each.id), containerFile(each));
  if (hangs) await writeFile(join(home, 'hang'), '');
  return home;
}

async function countDead(dir: string): Promise<number> {
  let dead = 0;
  for (const name of HEALTHY) {
    const folder = join(dir, name, 'containers');
    for (const file of await readdir(folder)) {
      if ((await readFile(join(folder, file), 'utf8')).split('\n')[2] === 'dead') dead++;
    }
  }
  return dead;
}

// A port of loopback on which nobody listens.
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
