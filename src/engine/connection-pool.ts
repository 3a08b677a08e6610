/** The connections of a run: one a host (and user), opened when first needed, closed when the host needs it no more. */

import { TransportError } from '../errors.ts';
import type { Connection, Target, Transports } from '../transport/types.ts';

interface Entry {
  readonly key: string;
  readonly opening: Promise<Connection>;
  /** Tasks that work with it, or wait until it is open. */
  userCount: number;
  /** To be closed as soon as nobody uses it. */
  isLeaving: boolean;
}

/** Opens each connection once, however many tasks ask for it at the same time. */
export class ConnectionPool {
  readonly #transports: Transports;
  /** By name of the host: nothing is searched among all hosts. */
  readonly #hosts = new Map<string, Entry[]>();
  readonly #closing = new Set<Promise<unknown>>();

  constructor(transports: Transports) {
    this.#transports = transports;
  }

  /**
   * Works with the connection to a target; a lost one is opened anew.
   *
   * @throws {@link TransportError} those of Transport.connect, and what the work throws
   */
  async use<T>(target: Target, signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const entry = await this.#enter(target, signal);
    try {
      return await work(await entry.opening);
    } finally {
      entry.userCount--;
      if (entry.isLeaving && entry.userCount === 0) this.#close([entry]);
    }
  }

  /** Says that a host needs its connections no more: each is closed when the last task that uses it has ended. */
  leave(hostName: string): void {
    const entries = this.#hosts.get(hostName);
    if (entries === undefined) return;
    this.#hosts.delete(hostName);
    for (const entry of entries) entry.isLeaving = true;
    this.#close(entries.filter((entry) => entry.userCount === 0));
  }

  /** Closes the connections of one host; the next task opens a new one (`meta: reset_connection`). */
  async reset(hostName: string): Promise<void> {
    const entries = this.#hosts.get(hostName) ?? [];
    this.#hosts.delete(hostName);
    await Promise.allSettled(entries.map(async (entry) => (await entry.opening).close()));
  }

  /** Closes all. Never rejects. */
  async close(): Promise<void> {
    this.#close([...this.#hosts.values()].flat());
    this.#hosts.clear();
    await Promise.all(this.#closing);
  }

  // The entry of a target, with one more user.
  async #enter(target: Target, signal: AbortSignal): Promise<Entry> {
    const key = `${target.kind}\0${target.address}\0${target.port}\0${target.user}`;
    const known = this.#find(target.name, key);
    if (known !== undefined) {
      known.userCount++;
      // A failure is kept by nobody: the next task that needs the host tries again.
      const connection = await known.opening.catch(() => undefined);
      if (connection?.isOpen) return known;
      known.userCount--;
      this.#forget(target.name, known);
    }
    const current = this.#find(target.name, key);
    if (current !== undefined) {
      current.userCount++;
      return current;
    }
    const opening = this.#connect(target, signal);
    const entry: Entry = { key, opening, userCount: 1, isLeaving: false };
    this.#hosts.set(target.name, [...(this.#hosts.get(target.name) ?? []), entry]);
    opening.catch(() => this.#forget(target.name, entry));
    return entry;
  }

  #connect(target: Target, signal: AbortSignal): Promise<Connection> {
    const transport = this.#transports[target.kind];
    if (transport !== undefined) return transport.connect(target, signal);
    const given = Object.keys(this.#transports).join(', ');
    const message = `this run has no transport for the connection '${target.kind}' of '${target.name}'`;
    throw new TransportError('CONNECT_FAILED', message, { hint: `it has ${given}` });
  }

  #find(hostName: string, key: string): Entry | undefined {
    return this.#hosts.get(hostName)?.find((entry) => entry.key === key);
  }

  #forget(hostName: string, entry: Entry): void {
    const others = this.#hosts.get(hostName)?.filter((each) => each !== entry) ?? [];
    if (others.length === 0) this.#hosts.delete(hostName);
    else this.#hosts.set(hostName, others);
  }

  #close(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const closing = entry.opening
        .then((connection) => connection.close())
        .catch(() => {})
        .finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }
}
