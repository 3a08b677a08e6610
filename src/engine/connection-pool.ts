/**
 * The connections of a run: one a host (and user), opened when first needed, closed when the host needs it no more, or
 * when this machine may open no more files and another host needs one.
 */

import { TransportError } from '../errors.ts';
import type { Connection, Target, Transports } from '../transport/types.ts';

interface Entry {
  readonly hostName: string;
  readonly key: string;
  readonly opening: Promise<Connection>;
  /** Once it stands. */
  connection: Connection | undefined;
  /** Tasks that work with it, or wait until it is open. */
  userCount: number;
  /** To be closed as soon as nobody uses it. */
  isLeaving: boolean;
  /** Its place among the idle ones; -1 while it is used. */
  idleIndex: number;
}

/** A connection in use; to be released once. */
export interface HeldConnection {
  readonly connection: Connection;
  readonly release: () => void;
}

/** Does the connecting when it is not done already: a host gives its place to others meanwhile. */
export type Connecting = <T>(connect: () => Promise<T>) => Promise<T>;

/** Opens each connection once, however many tasks ask for it at the same time. */
export class ConnectionPool {
  readonly #transports: Transports;
  readonly #maxOpen: number;
  /** By name of the host: nothing is searched among all hosts. */
  readonly #hosts = new Map<string, Entry[]>();
  readonly #closing = new Set<Promise<unknown>>();
  /** Open ones that nobody uses; one of them makes room when no more may be open. */
  readonly #idle: Entry[] = [];
  /** Whoever waits for room. */
  readonly #waiting: (() => void)[] = [];
  /** Connections that are open, being opened or being closed. */
  #openCount = 0;

  /** @param maxOpen - connections that may be open at once; default: no limit */
  constructor(transports: Transports, maxOpen = Number.POSITIVE_INFINITY) {
    this.#transports = transports;
    this.#maxOpen = maxOpen;
  }

  /**
   * Works with the connection to a target; a lost one is opened anew.
   *
   * @param connecting - called when the connection is not open yet
   * @throws {@link TransportError} those of Transport.connect, and what the work throws
   */
  async use<T>(
    target: Target,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
    connecting?: Connecting,
  ): Promise<T> {
    const { connection, release } = await this.hold(target, signal, connecting);
    try {
      return await work(connection);
    } finally {
      release();
    }
  }

  /**
   * The connection to a target, which stays open until it is released.
   *
   * @throws {@link TransportError} those of Transport.connect
   */
  async hold(
    target: Target,
    signal: AbortSignal,
    connecting: Connecting = (connect) => connect(),
  ): Promise<HeldConnection> {
    let entry = this.#enterOpen(target);
    for (let tries = 0; entry === undefined; tries++) {
      const connected = await connecting(() => this.#enter(target, signal));
      // It may be lost by the time that the host has its place again.
      if (connected.connection?.isOpen || tries > 0) entry = connected;
      else this.#exit(connected);
    }
    const held = entry;
    return { connection: await held.opening, release: () => this.#exit(held) };
  }

  /** Says that a host needs its connections no more: each is closed when the last task that uses it has ended. */
  leave(hostName: string): void {
    for (const entry of this.#hosts.get(hostName) ?? []) {
      if (entry.userCount === 0) this.#close(entry);
      else entry.isLeaving = true;
    }
    this.#hosts.delete(hostName);
  }

  /** Closes the connections of one host; the next task opens a new one (`meta: reset_connection`). */
  async reset(hostName: string): Promise<void> {
    const entries = this.#hosts.get(hostName) ?? [];
    this.#hosts.delete(hostName);
    await Promise.all(entries.map((entry) => this.#close(entry)));
  }

  /** Closes all. Never rejects. */
  async close(): Promise<void> {
    for (const entry of [...this.#hosts.values()].flat()) this.#close(entry);
    this.#hosts.clear();
    await Promise.all(this.#closing);
  }

  // The entry of a target that is open, with one more user.
  #enterOpen(target: Target): Entry | undefined {
    const entry = this.#find(target.name, keyOf(target));
    if (!entry?.connection?.isOpen) return undefined;
    this.#addUser(entry);
    return entry;
  }

  // The entry of a target, open, with one more user.
  async #enter(target: Target, signal: AbortSignal): Promise<Entry> {
    const key = keyOf(target);
    for (;;) {
      const known = this.#find(target.name, key);
      if (known !== undefined) {
        this.#addUser(known);
        // A failure is kept by nobody: the next task that needs the host tries again.
        const connection = await known.opening.catch(() => undefined);
        if (connection?.isOpen) return known;
        this.#exit(known);
        this.#forget(known);
      } else if (this.#openCount < this.#maxOpen) {
        return await this.#open(target, key, signal);
      } else {
        await this.#makeRoom(signal);
      }
    }
  }

  async #open(target: Target, key: string, signal: AbortSignal): Promise<Entry> {
    const opening = this.#connect(target, signal);
    const entry: Entry = {
      hostName: target.name,
      key,
      opening,
      connection: undefined,
      userCount: 1,
      isLeaving: false,
      idleIndex: -1,
    };
    this.#openCount++;
    this.#hosts.set(target.name, [...(this.#hosts.get(target.name) ?? []), entry]);
    try {
      entry.connection = await opening;
      return entry;
    } catch (error) {
      this.#forget(entry);
      this.#exit(entry);
      throw error;
    }
  }

  async #connect(target: Target, signal: AbortSignal): Promise<Connection> {
    const transport = this.#transports[target.kind];
    if (transport !== undefined) return transport.connect(target, signal);
    const given = Object.keys(this.#transports).join(', ');
    const message = `this run has no transport for the connection '${target.kind}' of '${target.name}'`;
    throw new TransportError('CONNECT_FAILED', message, { hint: `it has ${given}` });
  }

  #find(hostName: string, key: string): Entry | undefined {
    return this.#hosts.get(hostName)?.find((entry) => entry.key === key);
  }

  #addUser(entry: Entry): void {
    entry.userCount++;
    this.#dropIdle(entry);
  }

  #exit(entry: Entry): void {
    entry.userCount--;
    if (entry.userCount > 0) return;
    if (entry.isLeaving) this.#close(entry);
    else if (this.#isKept(entry)) {
      entry.idleIndex = this.#idle.push(entry) - 1;
      this.#waiting.shift()?.();
    }
  }

  #isKept(entry: Entry): boolean {
    return this.#hosts.get(entry.hostName)?.includes(entry) === true;
  }

  // Takes the last one's place, so that nothing is moved.
  #dropIdle(entry: Entry): void {
    if (entry.idleIndex < 0) return;
    const last = this.#idle.pop();
    if (last !== undefined && last !== entry) {
      this.#idle[entry.idleIndex] = last;
      last.idleIndex = entry.idleIndex;
    }
    entry.idleIndex = -1;
  }

  // Closes any one that nobody uses, or waits for one. Not the one used longest ago: each task visits the hosts in the same
  // order, so that would be the very one that is needed next.
  async #makeRoom(signal: AbortSignal): Promise<void> {
    const victim = this.#idle[Math.floor(Math.random() * this.#idle.length)];
    if (victim !== undefined) {
      this.#remove(victim);
      await this.#close(victim);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      const index = this.#waiting.indexOf(resolve);
      if (index >= 0) this.#waiting.splice(index, 1);
      reject(new TransportError('INTERRUPTED', 'Interrupted while waiting to connect', { phase: 'connect' }));
    };
    this.#waiting.push(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    await promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  // An entry whose connection failed or was lost.
  #forget(entry: Entry): void {
    if (!this.#isKept(entry)) return;
    this.#remove(entry);
    this.#dropIdle(entry);
    this.#hasRoom();
  }

  #remove(entry: Entry): void {
    const others = this.#hosts.get(entry.hostName)?.filter((each) => each !== entry) ?? [];
    if (others.length === 0) this.#hosts.delete(entry.hostName);
    else this.#hosts.set(entry.hostName, others);
  }

  #close(entry: Entry): Promise<void> {
    this.#dropIdle(entry);
    const closing = entry.opening
      .then((connection) => connection.close())
      .catch(() => {})
      .then(() => {
        this.#closing.delete(closing);
        this.#hasRoom();
      });
    this.#closing.add(closing);
    return closing;
  }

  #hasRoom(): void {
    this.#openCount--;
    this.#waiting.shift()?.();
  }
}

function keyOf(target: Target): string {
  return `${target.kind}\0${target.address}\0${target.port}\0${target.user}`;
}
