/**
 * The jump hosts of a run: each is connected once, whoever stands behind it, and kept until the run ends. One that fails is
 * not asked again by every host behind it.
 */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { errorMessage, internalError, TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import type { Target } from '../types.ts';
import { type Address, placeOf } from './connect-errors.ts';
import type { Dialler } from './dial.ts';
import { JoinedStream } from './joined-stream.ts';
import type { Route, Session, SshSessions } from './session.ts';

/** A jump host that failed is not tried again for so long: hosts behind it fail at once. */
const RETRY_AFTER_MS = 15_000;
/** A session that does not say goodbye is dropped after this. */
const CLOSE_LIMIT_MS = 1000;

/** A jump host that is connected. */
export class Jump {
  readonly name: string;
  isOpen = true;
  /** Why it is not. */
  endedBecause: string | undefined;
  readonly #session: Session;
  readonly #closed = Promise.withResolvers<void>();

  constructor(name: string, session: Session) {
    this.name = name;
    this.#session = session;
    const { client, stream } = session;
    client.on('error', (error: Error & { level?: string }) => {
      this.endedBecause ??= error.level === 'client-timeout' ? 'it stopped answering' : errorMessage(error);
    });
    const onClose = () => {
      this.isOpen = false;
      this.#closed.resolve();
    };
    client.once('end', () => {
      this.isOpen = false;
    });
    client.once('close', onClose);
    if (stream.destroyed) onClose();
  }

  /** The one place where a stream through a jump host is opened. */
  open(at: Address, signal: AbortSignal): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const onAnswer = (error: Error | undefined, channel: ClientChannel) => {
      signal.removeEventListener('abort', onAbort);
      if (error !== undefined) reject(this.#refused(at, error));
      else if (signal.aborted) channel.close();
      else resolve(streamOf(channel));
    };
    try {
      // The address that the host would see is not ours to know.
      this.#client.forwardOut('127.0.0.1', 0, at.address, at.port, onAnswer);
    } catch {
      // ssh2 throws when the socket is gone already.
      reject(this.#refused(at, new Error('not connected')));
    }
    return promise;
  }

  /** Calls back when it is gone, at once when it is already. */
  whenClosed(listener: () => void): void {
    void this.#closed.promise.then(listener);
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#client.end();
    const timer = setTimeout(() => this.#session.stream.destroy(), CLOSE_LIMIT_MS);
    await this.#closed.promise;
    clearTimeout(timer);
  }

  get #client(): Client {
    return this.#session.client;
  }

  #refused(at: Address, error: Error & { reason?: number | string }): TransportError {
    const words = errorMessage(error).replace(/^\(SSH\) Channel open failure: /, '');
    const place = placeOf(at);
    if (!this.isOpen || error.reason === undefined) {
      const why = this.endedBecause === undefined ? '' : `: ${this.endedBecause}`;
      return new TransportError('CONNECT_FAILED', `The connection to the jump host ${this.name} is cut${why}`, {
        phase: 'connect',
      });
    }
    // RFC 4254 5.1: 1 is forbidden, 2 is the connection that failed, 4 is a lack of something.
    if (error.reason === 1 || error.reason === 'ADMINISTRATIVELY_PROHIBITED') {
      return new TransportError(
        'CONNECT_FAILED',
        `The jump host ${this.name} does not forward to ${at.address}: ${words}`,
        {
          hint: `its sshd must allow it: AllowTcpForwarding, PermitOpen, DisableForwarding`,
          phase: 'connect',
        },
      );
    }
    if (/refused/i.test(words)) {
      return new TransportError('CONNECT_REFUSED', `Connection refused by ${place}`, {
        hint: 'sshd does not run there, or listens on another port',
        phase: 'connect',
      });
    }
    return new TransportError('CONNECT_FAILED', `Could not connect to ${place}: ${words}`, { phase: 'connect' });
  }
}

interface Entry {
  readonly opening: Promise<Jump>;
  /** By `performance.now()`; until then a failure stands. */
  retryAtMs: number;
}

export class JumpHosts {
  readonly #sessions: SshSessions;
  readonly #findRoute: (target: Target, signal: AbortSignal) => Promise<Route>;
  readonly #entries = new Map<string, Entry>();
  /** Ends what is still connecting; a jump host is nobody's own, so no host's signal ends it. */
  readonly #closing = new AbortController();

  /** @param findRoute - the way to a jump host that has none before it */
  constructor(sessions: SshSessions, findRoute: (target: Target, signal: AbortSignal) => Promise<Route>) {
    this.#sessions = sessions;
    this.#findRoute = findRoute;
  }

  /**
   * The way through jump hosts, first to dial first.
   *
   * @throws TransportError JUMP_FAILED, which names the jump host and the reason; INTERRUPTED
   */
  async route(chain: readonly Target[], signal: AbortSignal): Promise<Route> {
    const jump = await untilAborted(this.#get(chain), signal);
    const dial: Dialler = (at, dialSignal) => jump.open(at, dialSignal);
    return { dial, via: jump.name, jumpKey: jump.name };
  }

  /** Ends all of them. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    // The last of a row first: it says goodbye through those before it.
    for (const { opening } of entries.reverse()) {
      await opening.then(
        (jump) => jump.close(),
        () => {},
      );
    }
  }

  #get(chain: readonly Target[]): Promise<Jump> {
    const key = JSON.stringify(chain.map(identity));
    const known = this.#entries.get(key);
    if (known !== undefined && performance.now() < known.retryAtMs) return known.opening;
    const entry: Entry = { opening: this.#open(chain), retryAtMs: Number.POSITIVE_INFINITY };
    this.#entries.set(key, entry);
    entry.opening.then(
      (jump) => jump.whenClosed(() => this.#forget(key, entry)),
      () => {
        entry.retryAtMs = performance.now() + RETRY_AFTER_MS;
      },
    );
    return entry.opening;
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  async #open(chain: readonly Target[]): Promise<Jump> {
    const target = chain.at(-1);
    if (target === undefined) throw internalError('a row of jump hosts with none in it');
    const before = chain.slice(0, -1);
    const { signal } = this.#closing;
    const findRoute = () => (before.length === 0 ? this.#findRoute(target, signal) : this.route(before, signal));
    try {
      return new Jump(target.name, await this.#sessions.open(target, findRoute, signal));
    } catch (error) {
      // A jump host before this one is what failed.
      if (!(error instanceof TransportError) || error.code === 'JUMP_FAILED' || signal.aborted) throw error;
      const again = formatDuration(RETRY_AFTER_MS);
      throw new TransportError('JUMP_FAILED', `The jump host ${target.name} cannot be used: ${error.message}`, {
        hint: `${error.hint === undefined ? '' : `${error.hint}; `}hosts behind it are not tried for ${again}`,
        phase: error.phase,
        cause: error,
      });
    }
  }
}

// What makes two jump hosts the same.
function identity(target: Target): unknown[] {
  const { name, address, port, user, proxyCommand, privateKeyFiles, knownHostsFiles, hostKeyPolicy } = target;
  return [name, address, port, user, proxyCommand, privateKeyFiles, knownHostsFiles, hostKeyPolicy];
}

function streamOf(channel: ClientChannel): Duplex {
  const stream = new JoinedStream(channel, channel, () => channel.destroy());
  channel.on('end', () => stream.endOfInput());
  channel.on('close', () => stream.destroy());
  channel.on('error', (error: Error) => stream.destroy(error));
  return stream;
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () =>
    aborted.reject(new TransportError('INTERRUPTED', 'Interrupted while connecting to a jump host'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
