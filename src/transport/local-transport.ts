/** The transport to this machine itself: processes of our own, with the same shells, become, deadlines and kills. */
import { type ChildProcess, spawn } from 'node:child_process';
import { errorMessage, TransportError } from '../errors.ts';
import { isOutOfFiles, OPEN_FILES_HINT } from './open-files.ts';
import type { OpenedProcesses, ProcessTransport } from './process-transport.ts';
import {
  type ChannelListener,
  ChannelRefusedError,
  type ProcessChannel,
  type ProcessCommand,
  type ProcessOpener,
} from './shell/channel.ts';
import { ShellConnection } from './shell/shell-connection.ts';
import type { Connection, Target } from './types.ts';

/**
 * Runs things where fleetmend runs. Every process gets a session and process group of its own.
 *
 * @param options - `environment`: what its processes see; default: the environment of this process
 */
export function createLocalTransport(
  options: { readonly environment?: Readonly<Record<string, string | undefined>> } = {},
): ProcessTransport {
  const openProcesses = async (target: Target, signal: AbortSignal): Promise<OpenedProcesses> => {
    if (signal.aborted) throw new TransportError('INTERRUPTED', `Interrupted before ${target.name} was connected`);
    return { opener: new LocalOpener(target.name, options.environment), user: target.user };
  };
  return {
    kind: 'local',
    openProcesses,
    async connect(target: Target, signal: AbortSignal): Promise<Connection> {
      const { opener } = await openProcesses(target, signal);
      return new ShellConnection(target, opener);
    },
    async close(): Promise<void> {},
  };
}

class LocalOpener implements ProcessOpener {
  isOpen = true;
  readonly #host: string;
  readonly #environment: Readonly<Record<string, string | undefined>> | undefined;
  readonly #channels = new Set<LocalChannel>();

  constructor(host: string, environment: Readonly<Record<string, string | undefined>> | undefined) {
    this.#host = host;
    this.#environment = environment;
  }

  async open(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel> {
    const [program = 'sh', ...rest] = command.kind === 'words' ? command.words : ['/bin/sh', '-c', command.line];
    const child = spawn(program, rest, { detached: true, stdio: 'pipe', env: this.#environment });
    const channel = new LocalChannel(child, listener, () => this.#channels.delete(channel));
    this.#channels.add(channel);
    try {
      await channel.spawned;
    } catch (error) {
      this.#channels.delete(channel);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        // What a remote shell would have said, so that a missing sudo reads the same on every transport.
        listener.onStderr(Buffer.from(`${program}: not found\n`));
        listener.onExit({ code: 127 });
        listener.onClose();
        return channel;
      }
      throw new ChannelRefusedError(`Could not start '${program}' for ${this.#host}: ${errorMessage(error)}`, {
        hint: isOutOfFiles(error) ? OPEN_FILES_HINT : undefined,
        cause: error,
      });
    }
    return channel;
  }

  async close(): Promise<void> {
    this.destroy();
  }

  destroy(): void {
    this.isOpen = false;
    for (const channel of this.#channels) channel.drop();
  }
}

class LocalChannel implements ProcessChannel {
  readonly spawned: Promise<void>;
  readonly #child: ChildProcess;
  readonly #onGone: () => void;

  constructor(child: ChildProcess, listener: ChannelListener, onGone: () => void) {
    this.#child = child;
    let isGone = false;
    this.#onGone = () => {
      if (isGone) return;
      isGone = true;
      onGone();
      listener.onClose();
    };
    const spawned = Promise.withResolvers<void>();
    this.spawned = spawned.promise;
    child.once('spawn', () => spawned.resolve());
    child.on('error', (error) => spawned.reject(error));
    // The process may end without reading its stdin: EPIPE is no news.
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', (chunk: Buffer) => listener.onStdout(chunk)).on('error', () => {});
    child.stderr?.on('data', (chunk: Buffer) => listener.onStderr(chunk)).on('error', () => {});
    child.once('exit', (code, signal) => {
      // A negative code is a failed spawn, which `error` reports.
      if (code === null || code >= 0) listener.onExit({ code, signal: signal?.slice(3) });
    });
    child.once('close', (code) => {
      if (code === null || code >= 0) this.#onGone();
    });
  }

  write(bytes: string | Uint8Array): void {
    this.#child.stdin?.write(bytes);
  }

  end(bytes?: string | Uint8Array): void {
    if (bytes === undefined) this.#child.stdin?.end();
    else this.#child.stdin?.end(bytes);
  }

  signal(name: 'TERM' | 'KILL'): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, `SIG${name}`);
    } catch {
      // Gone already, or another user's by now (sudo): then the kill script does it.
    }
  }

  /** Ends the process with the session it belongs to. */
  drop(): void {
    this.signal('TERM');
    this.close();
    this.#onGone();
  }

  close(): void {
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
  }
}
