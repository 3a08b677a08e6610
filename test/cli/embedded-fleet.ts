/** A fleet of embedded SSH hosts, with the files that a run needs to reach them. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EmbeddedHostBehaviour, startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';

/** How a host behaves; beyond the embedded ones: nobody listens, or it shows another key than known_hosts has. */
export type HostKind = EmbeddedHostBehaviour | 'refused' | 'wrong-key';

export interface EmbeddedFleet {
  readonly dir: string;
  /** Options that reach the fleet: inventory, key, known_hosts, state directory. */
  readonly args: readonly string[];
  readonly keyFile: string;
  /** Folder of a host: where its commands run. */
  home(name: string): string;
}

/** Starts hosts; all is gone when the test ends. */
export async function startFleet(dir: string, hosts: Readonly<Record<string, HostKind>>): Promise<EmbeddedFleet> {
  const key = newKeyPair();
  const keyFile = join(dir, 'key');
  await writeFile(keyFile, key.private, { mode: 0o600 });
  const inventory: string[] = [];
  const knownHosts: string[] = [];
  for (const [name, kind] of Object.entries(hosts)) {
    const home = join(dir, name);
    await mkdir(home);
    if (kind === 'refused') {
      inventory.push(`${name} ansible_host=127.0.0.1 ansible_port=${await closedPort()}`);
      continue;
    }
    const host = await startEmbeddedSshHost({
      directory: home,
      environment: { PATH: process.env.PATH },
      authorizedKeys: [key.public],
      behaviour: kind === 'wrong-key' ? 'normal' : kind,
    });
    onTestFinished(() => host.close());
    inventory.push(`${name} ansible_host=127.0.0.1 ansible_port=${host.port}`);
    const shown = kind === 'wrong-key' ? newKeyPair().public : host.hostKey;
    knownHosts.push(`[127.0.0.1]:${host.port} ${shown}`);
  }
  await writeFile(join(dir, 'hosts.ini'), `${inventory.join('\n')}\n`);
  await writeFile(join(dir, 'known_hosts'), `${knownHosts.join('\n')}\n`);
  return {
    dir,
    keyFile,
    args: [
      '-i',
      join(dir, 'hosts.ini'),
      '--private-key',
      keyFile,
      '--known-hosts',
      join(dir, 'known_hosts'),
      '--state-dir',
      join(dir, 'state'),
    ],
    home: (name) => join(dir, name),
  };
}

/** The events of an ndjson report. */
export async function readEvents<T>(path: string): Promise<T[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
