/** Where the conformance tests run: a connection, and a folder that both ends see. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Become, Connection, ExecRequest, ExecResult } from '../../src/transport/types.ts';

/** A place to connect to, on this very machine, so that files and processes can be looked at from outside. */
export interface TransportFixture {
  connect(signal?: AbortSignal): Promise<Connection>;
  /** Cuts all connections as a crash in between would; undefined where nothing can be cut. */
  cut?(): Promise<void>;
  /** Ends what the place needs. */
  stop(): Promise<void>;
}

/** What differs between the places, beside how they are reached. */
export interface TransportTraits {
  /** Bytes of the largest flood; less where both ends are this process. */
  readonly floodBytes: number;
  /** The largest file that is sent and fetched. */
  readonly largestFileBytes: number;
  /** Whether {@link TransportFixture.cut} is there. */
  readonly canBeCut: boolean;
  /** Whether what starts processes tells a death by a signal from the exit status that stands for it. */
  readonly tellsSignals: boolean;
  /** Users to become without a password, of which the first is not root; none where the place has no such program. */
  readonly becomes: readonly Become[];
}

export const DEADLINE_MS = 15_000;

/** One test's place; a new one for each test. */
export class Place {
  /** World-writable: the login user need not be ours. */
  folder = '';
  readonly signal = new AbortController().signal;
  readonly traits: TransportTraits;
  #fixture: TransportFixture | undefined;
  #connection: Connection | undefined;
  readonly #more: Connection[] = [];

  constructor(traits: TransportTraits) {
    this.traits = traits;
  }

  get fixture(): TransportFixture {
    if (this.#fixture === undefined) throw new Error('the place is not set up');
    return this.#fixture;
  }

  get connection(): Connection {
    if (this.#connection === undefined) throw new Error('the place is not set up');
    return this.#connection;
  }

  exec(script: string, more: Partial<ExecRequest> = {}): Promise<ExecResult> {
    return this.connection.exec({ script, timeoutMs: DEADLINE_MS, signal: this.signal, ...more });
  }

  upload(remotePath: string, content: Uint8Array, more: { mode?: number; become?: Become } = {}): Promise<void> {
    return this.connection.upload({ remotePath, content, timeoutMs: DEADLINE_MS, signal: this.signal, ...more });
  }

  download(remotePath: string, maxBytes = 10_000_000, become?: Become): Promise<Buffer> {
    return this.connection.download({ remotePath, maxBytes, timeoutMs: DEADLINE_MS, signal: this.signal, become });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A second connection to the same place; closed after the test. */
  async connectAgain(): Promise<Connection> {
    const connection = await this.fixture.connect();
    this.#more.push(connection);
    return connection;
  }

  async setUp(make: () => Promise<TransportFixture>): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'fleetmend-transport-'));
    await chmod(this.folder, 0o777);
    this.#fixture = await make();
    this.#connection = await this.#fixture.connect();
  }

  async tearDown(): Promise<void> {
    await Promise.all(this.#more.splice(0).map((each) => each.close()));
    await this.#connection?.close();
    await this.#fixture?.stop();
    await rm(this.folder, { recursive: true, force: true });
    this.#connection = undefined;
    this.#fixture = undefined;
  }
}

/** Has the tests of the current block run in a new place each. */
export function usePlace(make: () => Promise<TransportFixture>, traits: TransportTraits): Place {
  const place = new Place(traits);
  beforeEach(() => place.setUp(make));
  afterEach(() => place.tearDown());
  return place;
}

/** The text of a file once there is some. */
export async function textAppears(path: string): Promise<string> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text !== '') return text;
    if (Date.now() > endMs) throw new Error(`${path} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a process of this machine lives. Zombies count as gone: only their parent can take them away. */
export async function isRunning(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}

/** Whether a process is gone within a time; milliseconds. */
export async function isGoneWithin(pid: number, limitMs: number): Promise<boolean> {
  const endMs = Date.now() + limitMs;
  while (await isRunning(pid)) {
    if (Date.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
