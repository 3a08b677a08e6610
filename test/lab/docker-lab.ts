/**
 * "Hosts": a real sshd each, and a real Docker engine each that its sessions reach through DOCKER_HOST. The sessions have
 * the engine's network: bridges, published ports and proxies are those of that host alone.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { createLabUser, startSshdInNetwork } from './sshd.ts';

export interface DockerLabHost {
  /** Inventory name: `node1`, `node2`… */
  readonly name: string;
  /** Port of its sshd on 127.0.0.1. */
  readonly port: number;
  readonly engine: DockerEngine;
}

export interface DockerLab {
  /** In order of their names. */
  readonly hosts: readonly [DockerLabHost, ...DockerLabHost[]];
  /** By number from 1 up, as in its name. */
  host(number: number): DockerLabHost;
  /** A folder for the test's own files; gone after stop. */
  readonly folder: string;
  readonly keyFile: string;
  /** May use sudo without a password; sudo keeps DOCKER_HOST. Cannot reach the engines without it. */
  readonly user: string;
  /** A known_hosts file with both hosts. */
  readonly knownHosts: string;
  /** An INI inventory of the hosts (group `nodes`), with user, key and known_hosts. */
  readonly inventory: string;
  /**
   * Writes the inventory of a fleet (group `nodes`): the sick hosts of the lab under names of their own, spread over the
   * fleet, and all others one and the same healthy host. So nothing may change the healthy ones, or only once.
   */
  writeFleet(fleet: Fleet): Promise<WrittenFleet>;
  stop(): Promise<void>;
}

export interface Fleet {
  /** How many hosts the fleet has: 50. */
  readonly size: number;
  /** The host behind all healthy names. */
  readonly healthy: DockerLabHost;
  readonly sick: readonly DockerLabHost[];
}

export interface WrittenFleet {
  /** The INI inventory. */
  readonly inventory: string;
  /** Inventory names of the sick hosts, in the order of {@link Fleet.sick}. */
  readonly sick: readonly string[];
  readonly healthy: readonly string[];
}

export interface DockerLabOptions {
  /** How many; default 2. */
  readonly hosts?: number;
}

/** Starts everything, all hosts at once, or cleans up and throws. */
export async function startDockerLab({ hosts: count = 2 }: DockerLabOptions = {}): Promise<DockerLab> {
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
      const environment = { DOCKER_HOST: `unix://${engine.socket}` };
      const sshd = await startSshdInNetwork(join(folder, name, 'sshd'), user, environment, engine.networkPid);
      undo.push(() => sshd.stop());
      return { name, port: sshd.port, hostKey: sshd.hostKey, engine };
    };
    const names = Array.from({ length: count }, (_, index) => `node${index + 1}`);
    const [first, ...rest] = await settled(names.map(startHost));
    if (first === undefined) throw new Error('a lab needs a host');
    const hosts = [first, ...rest] as const;
    const knownHosts = join(folder, 'known_hosts');
    await writeFile(knownHosts, hosts.map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`).join(''));
    const write = async (file: string, lines: readonly (readonly [string, DockerLabHost])[]) => {
      const inventory = join(folder, file);
      await writeFile(inventory, inventoryText(lines, user.name, user.keyFile, knownHosts));
      return inventory;
    };
    const inventory = await write(
      'hosts.ini',
      hosts.map((host) => [host.name, host]),
    );
    let fleets = 0;
    return {
      hosts,
      host(number) {
        const host = hosts[number - 1];
        if (host === undefined) throw new Error(`the lab has ${hosts.length} hosts, no host ${number}`);
        return host;
      },
      folder,
      keyFile: user.keyFile,
      user: user.name,
      knownHosts,
      inventory,
      async writeFleet(fleet) {
        const lines = fleetLines(fleet);
        const namesOf = (wanted: DockerLabHost) => lines.flatMap(([name, host]) => (host === wanted ? [name] : []));
        return {
          inventory: await write(`fleet${++fleets}.ini`, lines),
          sick: fleet.sick.flatMap(namesOf),
          healthy: namesOf(fleet.healthy),
        };
      },
      stop,
    };
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

// The sick hosts are as far apart as they can be.
function fleetLines({ size, healthy, sick }: Fleet): [string, DockerLabHost][] {
  const step = Math.floor(size / (sick.length + 1));
  const digits = String(size).length;
  return Array.from({ length: size }, (_, index) => {
    const nth = (index + 1) / step - 1;
    return [`fleet${String(index + 1).padStart(digits, '0')}`, sick[nth] ?? healthy];
  });
}

function inventoryText(
  lines: readonly (readonly [string, DockerLabHost])[],
  user: string,
  keyFile: string,
  knownHosts: string,
): string {
  return [
    '[nodes]',
    ...lines.map(([name, { port }]) => `${name} ansible_host=127.0.0.1 ansible_port=${port}`),
    '',
    '[nodes:vars]',
    `ansible_user=${user}`,
    `ansible_ssh_private_key_file=${keyFile}`,
    `ansible_ssh_common_args='-o UserKnownHostsFile=${knownHosts}'`,
    '',
  ].join('\n');
}
