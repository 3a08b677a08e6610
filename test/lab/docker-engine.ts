/** A real Docker engine of its own: data, sockets, network namespace; and the ways to make its containers dead. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, type Ran, run, type Server, startServer, waitUntil } from './process.ts';

/** The image of all containers; it holds nothing but /bin/busybox. */
export const LAB_IMAGE = 'bb:1';

export interface DockerEngine {
  readonly socket: string;
  docker(...args: string[]): Promise<Ran>;
  /** As {@link docker}, but it must succeed. @returns its stdout, trimmed */
  mustDocker(...args: string[]): Promise<string>;
  /** Starts a container that sleeps. @returns its full ID */
  runContainer(name: string, ...options: string[]): Promise<string>;
  /** Starts a container that ends at once with a status. @returns its full ID */
  exitContainer(name: string, ...options: string[]): Promise<string>;
  /**
   * Makes containers dead as a crash in mid-removal leaves them: their state is edited while the engine is down. They can
   * be removed at the first try. Everything that runs is stopped by this.
   */
  makeDead(ids: readonly string[]): Promise<void>;
  /**
   * Makes a container dead as a failed removal leaves it: a file in it cannot be deleted, so `rm` fails. `ps` then says
   * `removing`, `inspect` says `dead`.
   *
   * @returns frees the file, so that the next `rm` succeeds
   */
  makePinned(id: string): Promise<() => Promise<void>>;
  stateOf(id: string): Promise<string>;
  /** Sends the daemon a signal; one that is stopped must be let go on before {@link stop}. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** Starts an engine in a folder of its own; the folder must not exist yet. */
export async function startDockerEngine(folder: string): Promise<DockerEngine> {
  await mkdir(folder, { recursive: true });
  const engine = new LabEngine(folder);
  try {
    await engine.start();
    await engine.importImage();
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return engine;
}

class LabEngine implements DockerEngine {
  readonly socket: string;
  readonly #folder: string;
  readonly #unpin = new Map<string, () => Promise<void>>();
  #server: Server | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.socket = join(folder, 'docker.sock');
  }

  async start(): Promise<void> {
    const folder = this.#folder;
    await writeFile(join(folder, 'daemon.json'), '{}');
    const flags = [`--config-file=${folder}/daemon.json`, `--data-root=${folder}/data`, `--exec-root=${folder}/exec`];
    flags.push('-H', `unix://${this.socket}`, '-p', `${folder}/docker.pid`);
    // A network namespace of its own leaves the machine's bridges and firewall alone.
    const server = startServer('unshare', [
      '-n',
      'sh',
      '-c',
      'ip link set lo up; exec dockerd "$@"',
      'dockerd',
      ...flags,
    ]);
    this.#server = server;
    await waitUntil(
      async () => (await this.docker('info')).exitCode === 0,
      () => `dockerd: ${server.log()}`,
    );
  }

  async importImage(): Promise<void> {
    const tree = join(this.#folder, 'tree');
    await mkdir(join(tree, 'bin'), { recursive: true });
    await mustRun('cp', ['/bin/busybox', join(tree, 'bin/busybox')]);
    await mustRun('tar', ['-C', tree, '-cf', `${tree}.tar`, '.']);
    await this.mustDocker('import', `${tree}.tar`, LAB_IMAGE);
  }

  docker(...args: string[]): Promise<Ran> {
    return run('docker', ['-H', `unix://${this.socket}`, ...args]);
  }

  mustDocker(...args: string[]): Promise<string> {
    return mustRun('docker', ['-H', `unix://${this.socket}`, ...args]);
  }

  runContainer(name: string, ...options: string[]): Promise<string> {
    return this.mustDocker('run', '-d', '--name', name, ...options, LAB_IMAGE, '/bin/busybox', 'sleep', '3600');
  }

  async exitContainer(name: string, ...options: string[]): Promise<string> {
    const command = ['/bin/busybox', 'sh', '-c', 'exit 3'];
    const id = await this.mustDocker('run', '-d', '--name', name, ...options, LAB_IMAGE, ...command);
    await this.mustDocker('wait', id);
    return id;
  }

  async makeDead(ids: readonly string[]): Promise<void> {
    await this.#stopServer();
    for (const id of ids) {
      const path = join(this.#folder, 'data/containers', id, 'config.v2.json');
      const config = JSON.parse(await readFile(path, 'utf8')) as { State: { Dead: boolean } };
      config.State.Dead = true;
      await writeFile(path, JSON.stringify(config));
    }
    await this.start();
  }

  async makePinned(id: string): Promise<() => Promise<void>> {
    await this.mustDocker('start', id);
    await this.mustDocker('exec', id, '/bin/busybox', 'sh', '-c', 'echo data > /pinned');
    const layer = await this.mustDocker('inspect', id, '--format', '{{.GraphDriver.Data.UpperDir}}');
    const file = join(layer, 'pinned');
    await mustRun('chattr', ['+i', file]);
    const unpin = async () => {
      this.#unpin.delete(id);
      await mustRun('chattr', ['-i', file]);
    };
    this.#unpin.set(id, unpin);
    const { exitCode } = await this.docker('rm', '-f', id);
    if (exitCode === 0) throw new Error('a pinned container was removed: the file system knows no immutable files');
    return unpin;
  }

  stateOf(id: string): Promise<string> {
    return this.mustDocker('inspect', '--format', '{{.State.Status}}', id);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#server !== undefined) process.kill(this.#server.pid, name);
  }

  async stop(): Promise<void> {
    for (const unpin of [...this.#unpin.values()]) await unpin();
    await this.#stopServer();
    // A bind of the data root on itself is left behind by some versions; not mounted is fine.
    await run('umount', [join(this.#folder, 'data')]);
  }

  // The engine gives each container ten seconds to end by itself, and `sleep` as process 1 never does.
  async #stopServer(): Promise<void> {
    const running = await this.docker('ps', '-q');
    const ids = running.stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.docker('kill', ...ids);
    await this.#server?.stop();
  }
}
