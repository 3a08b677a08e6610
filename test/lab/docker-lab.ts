/** Two "hosts": a real sshd each, and a real Docker engine each that its sessions reach through DOCKER_HOST. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { createLabUser, startSshd } from './sshd.ts';

export interface DockerLabHost {
  /** Inventory name: `node1`, `node2`. */
  readonly name: string;
  /** Port of its sshd on 127.0.0.1. */
  readonly port: number;
  readonly engine: DockerEngine;
}

export interface DockerLab {
  readonly hosts: readonly [DockerLabHost, DockerLabHost];
  /** A folder for the test's own files; gone after stop. */
  readonly folder: string;
  readonly keyFile: string;
  /** May use sudo without a password; sudo keeps DOCKER_HOST. Cannot reach the engines without it. */
  readonly user: string;
  /** A known_hosts file with both hosts. */
  readonly knownHosts: string;
  /** An INI inventory of the two hosts, with user, key and known_hosts. */
  readonly inventory: string;
  stop(): Promise<void>;
}

/** Starts everything, or cleans up and throws. */
export async function startDockerLab(): Promise<DockerLab> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  // Last started, first stopped; a step that fails does not keep the others from being done.
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    const errors: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, 'the lab was not cleaned up');
  };
  try {
    // The user must get through to the keys.
    await chmod(folder, 0o711);
    const user = await createLabUser(folder, ['DOCKER_HOST']);
    undo.push(() => user.remove());
    const startHost = async (name: string): Promise<DockerLabHost & { hostKey: string }> => {
      const engine = await startDockerEngine(join(folder, name, 'engine'));
      undo.push(() => engine.stop());
      const sshd = await startSshd(join(folder, name, 'sshd'), user, { DOCKER_HOST: `unix://${engine.socket}` });
      undo.push(() => sshd.stop());
      return { name, port: sshd.port, hostKey: sshd.hostKey, engine };
    };
    const [node1, node2] = await settled([startHost('node1'), startHost('node2')]);
    if (node1 === undefined || node2 === undefined) throw new Error('unreachable: two hosts were started');
    const knownHosts = join(folder, 'known_hosts');
    await writeFile(knownHosts, [node1, node2].map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`).join(''));
    const inventory = join(folder, 'hosts.ini');
    await writeFile(inventory, inventoryText([node1, node2], user.name, user.keyFile, knownHosts));
    return { hosts: [node1, node2], folder, keyFile: user.keyFile, user: user.name, knownHosts, inventory, stop };
  } catch (error) {
    await stop().catch((more: unknown) => {
      throw new AggregateError([error, more]);
    });
    throw error;
  }
}

// Waits for all also when one fails, so that nothing is still being started while everything is stopped.
async function settled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function inventoryText(hosts: readonly DockerLabHost[], user: string, keyFile: string, knownHosts: string): string {
  return [
    '[nodes]',
    ...hosts.map(({ name, port }) => `${name} ansible_host=127.0.0.1 ansible_port=${port}`),
    '',
    '[nodes:vars]',
    `ansible_user=${user}`,
    `ansible_ssh_private_key_file=${keyFile}`,
    `ansible_ssh_common_args='-o UserKnownHostsFile=${knownHosts}'`,
    '',
  ].join('\n');
}
