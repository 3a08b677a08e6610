/** Reaches a host through a program of this machine (ProxyCommand). */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { errorMessage, TransportError } from '../../errors.ts';
import { type Address, placeOf } from './connect-errors.ts';
import type { Dialler } from './dial.ts';
import { JoinedStream } from './joined-stream.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Characters of stderr that are kept, the last ones. */
const STDERR_KEPT_CHARS = 2000;
/** Time between TERM and KILL, and for the last words after the end of the output. */
const GRACE_MS = 500;

/** The programs of a run. */
export class ProxyCommands {
  readonly #running = new Set<Promise<void>>();

  /** Runs the command in a shell of its own; its stdin and stdout are the way to the host. */
  dialler(command: string): Dialler {
    return (at, signal) => this.#dial(command, at, signal);
  }

  /** Resolves when all programs are gone; they are ended with their streams. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
  }

  #dial(command: string, at: Address, signal: AbortSignal): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    // `exec`: no shell stays in between. A group of its own: all that it starts ends with it.
    const child: Child = spawn('/bin/sh', ['-c', `exec ${command}`], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const gone = Promise.withResolvers<void>();
    this.#running.add(gone.promise);
    child.once('exit', () => {
      this.#running.delete(gone.promise);
      gone.resolve();
    });
    child.once('error', (error) => {
      if (child.pid === undefined) gone.resolve();
      this.#running.delete(gone.promise);
      reject(proxyFailed(at, `could not be started: ${errorMessage(error)}`, ''));
    });
    const stream = streamOf(child, at);
    const onAbort = () => {
      stream.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    child.once('spawn', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(stream);
    });
    return promise;
  }
}

function streamOf(child: Child, at: Address): Duplex {
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-STDERR_KEPT_CHARS);
  });
  // It went away: its exit says more.
  child.stdin.on('error', () => {});
  const stream = new JoinedStream(child.stdout, child.stdin, () => endGroup(child));
  // Until somebody listens; an early end is told again by whoever reads.
  stream.on('error', () => {});
  let isOver = false;
  const finish = (how: string) => {
    if (isOver) return;
    isOver = true;
    stream.destroy(proxyFailed(at, how, stderr));
  };
  // The end of the output comes before the exit status and the last words: these are waited for a moment.
  child.stdout.once('end', () => setTimeout(finish, GRACE_MS, 'closed its output').unref());
  child.once('close', (status, signal) =>
    finish(signal === null ? `exited with status ${status}` : `was killed by ${signal}`),
  );
  return stream;
}

function endGroup(child: Child): void {
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone.
    }
  };
  child.stdin.destroy();
  // What it left behind in its group must not outlive it.
  if (child.exitCode !== null || child.signalCode !== null) {
    kill('SIGKILL');
    return;
  }
  kill('SIGTERM');
  const timer = setTimeout(kill, GRACE_MS, 'SIGKILL');
  child.once('exit', () => {
    clearTimeout(timer);
    kill('SIGKILL');
  });
}

function proxyFailed(at: Address, how: string, stderr: string): TransportError {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/[^\x20-\x7e]+/g, ' ').trim())
    .filter((line) => line !== '');
  const words = lines.slice(-3).join(' | ');
  return new TransportError(
    'CONNECT_FAILED',
    `The ProxyCommand to ${placeOf({ ...at, via: undefined })} ${how}${words === '' ? '' : `: ${words}`}`,
    { phase: 'connect' },
  );
}
