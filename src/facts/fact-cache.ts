/** Facts of hosts as files, one JSON file a host, in the format of Ansible's cache plugin `jsonfile`. */

import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { errorMessage, FleetmendError } from '../errors.ts';
import { writeFileAtomic } from '../util/atomic-file.ts';
import type { FactStore, StoredFacts } from '../vars/host-vars.ts';

export interface FactCacheOptions {
  /** Made when it is not there. */
  readonly folder: string;
  /** Before the host's name in names of files. */
  readonly prefix: string;
  /** Older files are as good as none; 0: any age. */
  readonly maxAgeMs: number;
  readonly nowMs: () => number;
  /** Told of each file that cannot be read or written; the run goes on without it. */
  readonly onWarning: (message: string, host: string) => void;
  /** Opens the text of an encrypted value. */
  readonly openVault: (text: string) => string;
}

export interface FactCache {
  of(host: string): FactStore;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

/** By this key Ansible's smart gathering knows that a host's facts are there. */
const GATHERED = '_ansible_facts_gathered';
/** Files written at once. */
const MAX_WRITES = 16;

/** @throws FleetmendError STATE_UNWRITABLE when the folder cannot be made */
export function createFactCache(options: FactCacheOptions): FactCache {
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FleetmendError(
      'STATE_UNWRITABLE',
      `the folder of cached facts '${options.folder}' cannot be made: ${errorMessage(error)}`,
    );
  }
  const limit = pLimit(MAX_WRITES);
  const writes = new Set<Promise<void>>();
  return {
    of: (host) =>
      new HostFile(host, options, (write) => {
        const promise = limit(write).finally(() => writes.delete(promise));
        writes.add(promise);
        return promise;
      }),
    close: async () => {
      while (writes.size > 0) await Promise.all(writes);
    },
  };
}

class HostFile implements FactStore {
  readonly #host: string;
  readonly #options: FactCacheOptions;
  readonly #queue: (write: () => Promise<void>) => Promise<void>;
  /** Undefined: the host's name cannot be that of a file. */
  readonly #path: string | undefined;
  /** What the file held, as it is there: what nobody changed is written back so, encrypted values too. */
  #asRead: Readonly<Record<string, unknown>> = {};
  #asLoaded: Readonly<Record<string, unknown>> = {};
  #pending: StoredFacts | undefined;
  #isWriting = false;

  constructor(host: string, options: FactCacheOptions, queue: (write: () => Promise<void>) => Promise<void>) {
    this.#host = host;
    this.#options = options;
    this.#queue = queue;
    const name = options.prefix + host;
    this.#path = /[/\0]/.test(name) || name === '.' || name === '..' ? undefined : join(options.folder, name);
  }

  load(): StoredFacts | undefined {
    const text = this.#read();
    if (text === undefined) return undefined;
    let whole: unknown;
    try {
      whole = JSON.parse(text);
    } catch {
      whole = undefined;
    }
    if (!isRecord(whole)) {
      this.#warn('it is no JSON object; it is not used, and written anew when there are facts');
      return undefined;
    }
    const { [GATHERED]: gathered, ...facts } = whole;
    this.#asRead = facts;
    try {
      this.#asLoaded = Object.fromEntries(
        Object.entries(facts).map(([name, value]) => [name, decoded(value, this.#options.openVault)]),
      );
    } catch (error) {
      this.#warn(errorMessage(error));
      return undefined;
    }
    return { facts: this.#asLoaded, isComplete: gathered === true };
  }

  save(facts: StoredFacts): void {
    this.#pending = facts;
    if (this.#isWriting || this.#path === undefined) return;
    this.#isWriting = true;
    void this.#queue(() => this.#write());
  }

  clear(): void {
    this.#pending = undefined;
    this.#asRead = {};
    this.#asLoaded = {};
    if (this.#path === undefined) return;
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      this.#warn(`it cannot be removed: ${errorMessage(error)}`);
    }
  }

  #read(): string | undefined {
    if (this.#path === undefined) return undefined;
    const { maxAgeMs, nowMs } = this.#options;
    try {
      const stat = statSync(this.#path);
      if (maxAgeMs > 0 && nowMs() - stat.mtimeMs > maxAgeMs) return undefined;
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn(`it cannot be read: ${errorMessage(error)}`);
      return undefined;
    }
  }

  // What came meanwhile is written at once after it.
  async #write(): Promise<void> {
    try {
      while (this.#pending !== undefined && this.#path !== undefined) {
        const { facts, isComplete } = this.#pending;
        this.#pending = undefined;
        const entries = Object.entries(facts).map(([name, value]) => [
          name,
          value === this.#asLoaded[name] ? this.#asRead[name] : value,
        ]);
        const whole = { ...Object.fromEntries(entries), ...(isComplete ? { [GATHERED]: true } : {}) };
        await writeFileAtomic(this.#path, [JSON.stringify(sorted(whole), null, 4)], { mode: 0o600 });
      }
    } catch (error) {
      this.#pending = undefined;
      this.#warn(`it cannot be written: ${errorMessage(error)}`);
    } finally {
      this.#isWriting = false;
    }
  }

  #warn(problem: string): void {
    this.#options.onWarning(`the file of cached facts '${this.#path}': ${problem}`, this.#host);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Ansible writes texts of hosts and encrypted ones as maps of one key.
function decoded(value: unknown, openVault: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => decoded(each, openVault));
  if (!isRecord(value)) return value;
  if (typeof value.__ansible_unsafe === 'string') return value.__ansible_unsafe;
  if (typeof value.__ansible_vault === 'string') return openVault(value.__ansible_vault);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decoded(each, openVault)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
