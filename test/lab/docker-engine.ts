/**
 * A real Docker engine of its own: data, sockets, network namespace; and the ways to make it and its containers sick.
 *
 * There is no systemd: a script in its folder starts and stops it, for the tests and for playbooks that restart it.
 */
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, type Ran, run, type Server, startServer, waitUntil } from './process.ts';

/** The image of all containers; it holds nothing but /bin/busybox. */
export const LAB_IMAGE = 'bb:1';

// `sleep` as process 1 never heeds TERM.
const KILLED_AT_ONCE = ['--stop-signal', 'KILL'];
const SLEEP = ['/bin/busybox', 'sleep', '3600'];

export interface DockerEngine {
  readonly socket: string;
  docker(...args: string[]): Promise<Ran>;
  /** As {@link docker}, but it must succeed. @returns its stdout, trimmed */
  mustDocker(...args: string[]): Promise<string>;
  /** Starts a container that sleeps. @returns its full ID */
  runContainer(name: string, ...options: string[]): Promise<string>;
  /** Starts a container that sleeps and has all programs of busybox. @returns when they are there */
  runWithPrograms(name: string, ...options: string[]): Promise<void>;
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
  /** Of the process that runs now. */
  daemonPid(): Promise<number>;
  /** Sends the daemon a signal, and waits until it is stopped, or gone. */
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP' | 'SIGUSR1' | 'SIGKILL'): Promise<void>;
  /** Starts the daemon where it is down and waits until it answers. @returns how long that took, in milliseconds */
  start(): Promise<number>;
  /** Stops the daemon as a service manager would; without live-restore its containers end. @returns milliseconds */
  stopDaemon(): Promise<number>;
  /** What daemon.json holds. */
  readConfig(): Promise<Record<string, unknown>>;
  /** Writes daemon.json; the daemon takes it at SIGHUP or at its next start. */
  writeConfig(config: Readonly<Record<string, unknown>>): Promise<void>;
  readonly configFile: string;
  /** What the daemon logged, over all its starts. */
  readonly logFile: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  /** A shell command for playbooks that need one in place of systemctl; to be run as root. */
  readonly commands: Readonly<Record<'start' | 'stop' | 'restart', string>>;
  /** A process whose network namespace is the engine's: bridges, published ports, `nsenter -t PID -n`. */
  readonly networkPid: number;
  /** Ends the daemon and all that it started, whatever state they are in. */
  stop(): Promise<void>;
}

/** Starts an engine in a folder of its own; the folder must not exist yet. */
export async function startDockerEngine(folder: string): Promise<DockerEngine> {
  await mkdir(folder, { recursive: true });
  const engine = new LabEngine(folder);
  try {
    await engine.setUp();
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
  readonly configFile: string;
  readonly logFile: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly commands: DockerEngine['commands'];
  readonly #folder: string;
  readonly #unpin = new Map<string, () => Promise<void>>();
  #network: Server | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.socket = join(folder, 'docker.sock');
    this.configFile = join(folder, 'daemon.json');
    this.logFile = join(folder, 'log');
    this.dataRoot = join(folder, 'data');
    this.execRoot = join(folder, 'exec');
    const script = join(folder, 'engine');
    this.commands = { start: `${script} start`, stop: `${script} stop`, restart: `${script} restart` };
  }

  get networkPid(): number {
    if (this.#network === undefined) throw new Error('the engine was not set up');
    return this.#network.pid;
  }

  /** A network namespace of its own leaves the machine's bridges and firewall alone, and outlives the daemon. */
  async setUp(): Promise<void> {
    await this.writeConfig({});
    const network = startServer('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec sleep 36000']);
    this.#network = network;
    await waitUntil(
      async () => (await readFile(`/proc/${network.pid}/comm`, 'utf8').catch(() => '')) === 'sleep\n',
      () => `network namespace: ${network.log()}`,
    );
    await writeFile(join(this.#folder, 'engine'), this.#script(), { mode: 0o755 });
  }

  start(): Promise<number> {
    return this.#timed('start');
  }

  stopDaemon(): Promise<number> {
    return this.#timed('stop');
  }

  async #timed(word: 'start' | 'stop'): Promise<number> {
    const beginMs = performance.now();
    // Not executed itself: a process that is being started beside this one may hold the file open for writing (ETXTBSY).
    const { exitCode, stderr } = await run('sh', [join(this.#folder, 'engine'), word]);
    if (exitCode !== 0) throw new Error(`dockerd ${word}: ${stderr}`);
    return performance.now() - beginMs;
  }

  async readConfig(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(this.configFile, 'utf8')) as Record<string, unknown>;
  }

  writeConfig(config: Readonly<Record<string, unknown>>): Promise<void> {
    return writeFile(this.configFile, JSON.stringify(config));
  }

  // A daemon that was killed takes its containerd along a moment later; one that starts before the machine has reaped it
  // takes it for alive and waits for it in vain.
  #script(): string {
    const { socket, configFile, dataRoot, execRoot, logFile } = this;
    const pidFile = join(this.#folder, 'docker.pid');
    return `#!/bin/sh
alive() { readlink "/proc/$(cat "$1" 2>/dev/null)/exe" >/dev/null 2>&1; }
await_end() {
  tries=0
  while alive "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ]; then return 1; fi
    sleep 0.1
  done
}
start() {
  if alive ${pidFile}; then return 0; fi
  await_end ${execRoot}/containerd/containerd.pid
  rm -f ${pidFile} ${execRoot}/containerd/containerd.pid
  setsid nsenter -t ${this.networkPid} -n dockerd --config-file=${configFile} --data-root=${dataRoot} \\
    --exec-root=${execRoot} -H unix://${socket} -p ${pidFile} >>${logFile} 2>&1 </dev/null &
  daemon=$!
  tries=0
  until timeout 5 docker -H unix://${socket} info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ] || ! readlink "/proc/$daemon/exe" >/dev/null 2>&1; then tail -n 20 ${logFile} >&2; exit 1; fi
    sleep 0.1
  done
}
stop() {
  if ! alive ${pidFile}; then return 0; fi
  pid=$(cat ${pidFile})
  kill -TERM "$pid"
  kill -CONT "$pid"
  await_end ${pidFile} || kill -KILL "$pid"
}
case $1 in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  *) echo "unknown word '$1'" >&2; exit 64 ;;
esac
`;
  }

  async importImage(): Promise<void> {
    const tree = join(this.#folder, 'tree');
    await mkdir(join(tree, 'bin'), { recursive: true });
    await mustRun('cp', ['/bin/busybox', join(tree, 'bin/busybox')]);
    await mustRun('tar', ['-C', tree, '-cf', `${tree}.tar`, '.']);
    await this.mustDocker('import', `${tree}.tar`, LAB_IMAGE);
  }

  docker(...args: string[]): Promise<Ran> {
    // A daemon that is stopped answers nobody.
    return run('timeout', ['-k', '5', '50', 'docker', '-H', `unix://${this.socket}`, ...args]);
  }

  mustDocker(...args: string[]): Promise<string> {
    return mustRun('docker', ['-H', `unix://${this.socket}`, ...args]);
  }

  runContainer(name: string, ...options: string[]): Promise<string> {
    return this.mustDocker('run', '-d', '--name', name, ...KILLED_AT_ONCE, ...options, LAB_IMAGE, ...SLEEP);
  }

  async runWithPrograms(name: string, ...options: string[]): Promise<void> {
    const start = '/bin/busybox mkdir -p /usr /root; /bin/busybox --install -s /bin; exec sleep 3600';
    await this.mustDocker('run', '-d', '--name', name, ...options, LAB_IMAGE, '/bin/busybox', 'sh', '-c', start);
    // They are made in the order of their names.
    await waitUntil(
      async () => (await this.docker('exec', name, 'sh', '-c', 'command -v zcat')).exitCode === 0,
      () => `the container ${name} has no programs`,
    );
  }

  async exitContainer(name: string, ...options: string[]): Promise<string> {
    const command = ['/bin/busybox', 'sh', '-c', 'exit 3'];
    const id = await this.mustDocker('run', '-d', '--name', name, ...options, LAB_IMAGE, ...command);
    await this.mustDocker('wait', id);
    return id;
  }

  async makeDead(ids: readonly string[]): Promise<void> {
    await this.#killContainers();
    await this.stopDaemon();
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

  async daemonPid(): Promise<number> {
    return Number(await readFile(join(this.#folder, 'docker.pid'), 'utf8'));
  }

  async signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP' | 'SIGUSR1' | 'SIGKILL'): Promise<void> {
    const pid = await this.daemonPid();
    process.kill(pid, name);
    const wanted = { SIGSTOP: 'T', SIGKILL: 'Z' }[name as string];
    if (wanted === undefined) return;
    await waitUntil(
      async () => {
        const state = await stateOfProcess(pid);
        return state === undefined || state === wanted;
      },
      () => `the daemon did not take ${name}`,
    );
  }

  async stop(): Promise<void> {
    for (const unpin of [...this.#unpin.values()]) await unpin();
    if (this.#network === undefined) return;
    const pid = await this.daemonPid().catch(() => undefined);
    if (pid !== undefined && (await stateOfProcess(pid)) === 'T') process.kill(pid, 'SIGCONT');
    await this.#killContainers();
    await this.stopDaemon().catch(() => undefined);
    await this.#killLeft();
    // Binds of the data root and layers of containers that outlived their daemon.
    const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.filter((path) => path.startsWith(`${this.#folder}/`)).reverse())
      await run('umount', ['-l', mount]);
    await this.#network.stop();
  }

  // The engine gives each container ten seconds to end by itself.
  async #killContainers(): Promise<void> {
    const running = await this.docker('ps', '-q');
    const ids = running.stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.docker('kill', ...ids);
  }

  // Shims, their containers and proxies of a daemon that was killed.
  async #killLeft(): Promise<void> {
    const ours = new Set<number>();
    const parents = new Map<number, number>();
    const network = await readlink(`/proc/${this.networkPid}/ns/net`);
    for (const name of await readdir('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid === this.networkPid) continue;
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]));
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const space = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
      const isProxy = space === network && /^[^\0]*docker-proxy\0/.test(commandLine);
      if (isProxy || commandLine.includes(`${this.execRoot}/`)) ours.add(pid);
    }
    for (const [pid, parent] of parents) if (ours.has(parent)) ours.add(pid);
    for (const pid of ours) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
  }
}

// The letter of /proc/PID/stat; undefined when it is gone.
async function stateOfProcess(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? undefined : stat[stat.lastIndexOf(')') + 2];
}
