/**
 * The known_hosts files of a run: each is read once, asked about every host, and new keys are written by one writer.
 */
import { readFile } from 'node:fs/promises';
import { KnownHosts, type KnownKey, knownHostsName, normalizeKey } from './known-hosts.ts';
import { appendKnownHosts } from './known-hosts-writer.ts';

/** What the files say about a key that a host showed. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  /** Another key of the same type is known: somebody else answers, or the host was set up anew. */
  | { readonly kind: 'changed'; readonly known: KnownKey }
  /** Only keys of other types are known: ask the host for one of these. */
  | { readonly kind: 'other-type'; readonly types: readonly string[]; readonly known: KnownKey }
  | { readonly kind: 'revoked'; readonly known: KnownKey };

/** One list of known_hosts files, shared by all connections that use it. */
export class HostKeyStore {
  readonly #files: readonly string[];
  #known: Promise<KnownHosts> | undefined;
  #pending: { line: string; done: PromiseWithResolvers<void> }[] = [];
  #writing: Promise<void> | undefined;

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  /** Reads the files unless they were read; those that do not exist count as empty. */
  load(): Promise<KnownHosts> {
    this.#known ??= readAll(this.#files);
    return this.#known;
  }

  /** Types of the keys known for a host, as far as that can be told without hashing; preferred in the negotiation. */
  async knownTypes(address: string, port: number): Promise<readonly string[]> {
    const known = await this.load();
    return [...new Set(known.findPlain(knownHostsName(address, port)).map((entry) => entry.type))];
  }

  /** Judges the key that a host showed. `blob` is the key as it came over the wire. */
  async judge(address: string, port: number, blob: Buffer): Promise<HostKeyVerdict> {
    const known = await this.load();
    const key = normalizeKey(blob.toString('base64'));
    const type = keyType(blob);
    const name = knownHostsName(address, port);
    const revoked = known.findRevoked(key);
    if (revoked !== undefined) return { kind: 'revoked', known: revoked };
    const isThis = (entry: KnownKey) => entry.key === key;
    if (known.findPlain(name).some(isThis) || known.findHashed(name, key) !== undefined) return { kind: 'known' };
    const others = known.findAll(name);
    const changed = others.find((entry) => entry.type === type);
    if (changed !== undefined) return { kind: 'changed', known: changed };
    const other = others[0];
    if (other !== undefined) return { kind: 'other-type', types: others.map((entry) => entry.type), known: other };
    // As OpenSSH does: a key that is known for the host on its usual port is good on another port.
    const host = knownHostsName(address, 22);
    if (known.findPlain(host).some(isThis) || known.findHashed(host, key) !== undefined) return { kind: 'known' };
    return { kind: 'unknown' };
  }

  /**
   * Records a new key in the first file; resolves when it is on disk. Keys of hosts that connect at the same time go
   * out together.
   */
  async record(address: string, port: number, blob: Buffer): Promise<void> {
    const file = this.#files[0];
    if (file === undefined) return;
    const line = `${knownHostsName(address, port)} ${keyType(blob)} ${blob.toString('base64')}`;
    (await this.load()).addText(file, line);
    const done = Promise.withResolvers<void>();
    this.#pending.push({ line, done });
    this.#writing ??= this.#write(file);
    return done.promise;
  }

  /** Resolves when nothing is left to be written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(file: string): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        await appendKnownHosts(
          file,
          batch.map((entry) => entry.line),
        );
        for (const entry of batch) entry.done.resolve();
      } catch (error) {
        for (const entry of batch) entry.done.reject(error);
      }
    }
    this.#writing = undefined;
  }
}

/** The type that stands at the start of a key blob. */
export function keyType(blob: Buffer): string {
  if (blob.length < 4) return '';
  return blob.toString('latin1', 4, 4 + blob.readUInt32BE(0));
}

async function readAll(files: readonly string[]): Promise<KnownHosts> {
  const known = new KnownHosts();
  for (const file of files) {
    try {
      known.addText(file, await readFile(file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return known;
}
