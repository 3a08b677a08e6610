/**
 * The known_hosts files of a run: each is read once, asked about every host, and new keys are written by one writer.
 */
import { readFile } from 'node:fs/promises';
import type { KnownKey } from './host-entries.ts';
import { keyText, keyType } from './key-blob.ts';
import { type HostKeyName, KnownHosts } from './known-hosts.ts';
import { appendKnownHosts } from './known-hosts-writer.ts';

/** What the files say about a key that a host showed. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** `authority`: the host is to show a certificate that this key signed. */
  | { readonly kind: 'unknown'; readonly authority?: KnownKey }
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
  async knownTypes({ name, plain = name }: HostKeyName): Promise<readonly string[]> {
    const { keys } = await this.load();
    const found = keys.findPlain(name);
    return [...new Set((found.length === 0 ? keys.findPlain(plain) : found).map((entry) => entry.type))];
  }

  /** Judges the key that a host showed. `blob` is the key as it came over the wire. */
  async judge({ name, plain }: HostKeyName, blob: Buffer): Promise<HostKeyVerdict> {
    const { keys, revoked, authorities } = await this.load();
    const key = keyText(blob);
    const names = plain === undefined ? [name] : [name, plain];
    for (const each of names) {
      const refused = revoked.findKey(each, key);
      if (refused !== undefined) return { kind: 'revoked', known: refused };
    }
    if (keys.findKey(name, key) !== undefined) return { kind: 'known' };
    const others = keys.findAll(name);
    const changed = others.find((entry) => entry.type === keyType(blob));
    if (changed !== undefined) return { kind: 'changed', known: changed };
    const [other] = others;
    if (other !== undefined) return { kind: 'other-type', types: others.map((entry) => entry.type), known: other };
    // As OpenSSH does: a key that is known for the host on its usual port is good on another port.
    if (plain !== undefined && keys.findKey(plain, key) !== undefined) return { kind: 'known' };
    const [authority] = names.flatMap((each) => authorities.findAll(each));
    return authority === undefined ? { kind: 'unknown' } : { kind: 'unknown', authority };
  }

  /**
   * Records a new key in the first file; resolves when it is on disk. Keys of hosts that connect at the same time go
   * out together.
   */
  async record({ name }: HostKeyName, blob: Buffer): Promise<void> {
    const file = this.#files[0];
    if (file === undefined) return;
    const line = `${name} ${keyType(blob)} ${blob.toString('base64')}`;
    const known = await this.load();
    const done = Promise.withResolvers<void>();
    this.#pending.push({ line, done });
    this.#writing ??= this.#write(file);
    await done.promise;
    known.addText(file, line, 0);
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
