/**
 * Reads known_hosts files: plain names, lists, `[host]:port`, wildcards and `!`, hashed names, `@revoked`. Lines that
 * cannot be read are passed over, as OpenSSH does; `@cert-authority` lines are too (no certificates here).
 *
 * @see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
 */
import { createHmac } from 'node:crypto';

/** One key of one line. */
export interface KnownKey {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** "ssh-ed25519", "ssh-rsa" … */
  readonly type: string;
  /** The key's blob, base64 without padding differences. */
  readonly key: string;
}

interface HashedEntry extends KnownKey {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

interface PatternEntry extends KnownKey {
  readonly accepts: readonly RegExp[];
  readonly refuses: readonly RegExp[];
}

/** The entries of any number of files, made for questions about thousands of hosts. */
export class KnownHosts {
  readonly #plain = new Map<string, KnownKey[]>();
  readonly #patterns: PatternEntry[] = [];
  readonly #hashed: HashedEntry[] = [];
  readonly #hashedByKey = new Map<string, HashedEntry[]>();
  readonly #revoked = new Map<string, KnownKey>();

  /** Adds the lines of a file; `firstLine` when the text is only its later part. */
  addText(file: string, text: string, firstLine = 1): void {
    let line = firstLine;
    for (const content of text.split('\n')) this.#addLine(file, line++, content.trim());
  }

  /** Keys that stand under this name without hashing; cheap, whatever the number of entries. */
  findPlain(name: string): readonly KnownKey[] {
    const found = this.#plain.get(name) ?? [];
    const matching = this.#patterns.filter(
      (entry) => entry.accepts.some((p) => p.test(name)) && !entry.refuses.some((p) => p.test(name)),
    );
    return matching.length === 0 ? found : [...found, ...matching];
  }

  /** The hashed entry that holds this very key for this name; costs an HMAC for each entry with the same key only. */
  findHashed(name: string, key: string): KnownKey | undefined {
    return this.#hashedByKey.get(key)?.find((entry) => matchesHash(entry, name));
  }

  /** All keys that stand under this name, hashed ones too: one HMAC an entry, so only when a key was not found. */
  findAll(name: string): readonly KnownKey[] {
    return [...this.findPlain(name), ...this.#hashed.filter((entry) => matchesHash(entry, name))];
  }

  /** The line that revokes a key. */
  findRevoked(key: string): KnownKey | undefined {
    return this.#revoked.get(key);
  }

  #addLine(file: string, line: number, content: string): void {
    if (content === '' || content.startsWith('#')) return;
    const words = content.split(/\s+/);
    const mark = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [names, type, encoded] = words;
    if (names === undefined || type === undefined || encoded === undefined) return;
    if (mark !== undefined && mark !== '@revoked') return;
    const known: KnownKey = { file, line, type, key: normalizeKey(encoded) };
    if (mark === '@revoked') this.#revoked.set(known.key, known);
    else if (names.startsWith('|')) this.#addHashed(names, known);
    else this.#addNames(names.toLowerCase().split(','), known);
  }

  #addHashed(names: string, known: KnownKey): void {
    const [, version, salt, hash] = names.split('|');
    if (version !== '1' || salt === undefined || hash === undefined) return;
    const entry = { ...known, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
    this.#hashed.push(entry);
    append(this.#hashedByKey, known.key, entry);
  }

  #addNames(names: readonly string[], known: KnownKey): void {
    const refuses = names.filter((name) => name.startsWith('!')).map((name) => wildcard(name.slice(1)));
    const wild = names.filter((name) => !name.startsWith('!') && /[*?]/.test(name)).map(wildcard);
    const plain = names.filter((name) => !/^!|[*?]/.test(name));
    // A `!name` speaks about the whole line, so a line that has one is asked as a whole.
    if (refuses.length > 0) this.#patterns.push({ ...known, accepts: [...wild, ...plain.map(wildcard)], refuses });
    else {
      if (wild.length > 0) this.#patterns.push({ ...known, accepts: wild, refuses });
      for (const name of plain) append(this.#plain, name, known);
    }
  }
}

/** The name under which OpenSSH files a host: lower case, with the port when it is not 22. */
export function knownHostsName(address: string, port: number): string {
  const host = address.toLowerCase();
  return port === 22 ? host : `[${host}]:${port}`;
}

/** Base64 of a key blob as it is compared here. */
export function normalizeKey(encoded: string): string {
  return encoded.replace(/=+$/, '');
}

function matchesHash(entry: HashedEntry, name: string): boolean {
  return createHmac('sha1', entry.salt).update(name).digest().equals(entry.hash);
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\*?]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`));
  return new RegExp(`^${source}$`);
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
