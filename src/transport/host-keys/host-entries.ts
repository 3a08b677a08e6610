/** Lines of known_hosts by the hosts that they speak of; made for questions about thousands of hosts. */
import { hash } from 'node:crypto';

/** One key of one line. */
export interface KnownKey {
  readonly file: string;
  /** Counts from 1; 0: written in this run. */
  readonly line: number;
  /** "ssh-ed25519", "ssh-rsa" … */
  readonly type: string;
  /** The key's blob, base64 without padding. */
  readonly key: string;
}

interface HashedEntry extends KnownKey {
  readonly salt: Buffer;
  /** HMAC-SHA1 of the name, base64. */
  readonly digest: string;
}

interface PatternEntry extends KnownKey {
  readonly accepts: readonly RegExp[];
  readonly refuses: readonly RegExp[];
}

export class HostEntries {
  readonly #plain = new Map<string, KnownKey[]>();
  readonly #patterns: PatternEntry[] = [];
  readonly #hashed: HashedEntry[] = [];
  readonly #hashedByKey = new Map<string, HashedEntry[]>();

  /** Files a key under the first field of its line; a field that cannot be read is passed over. */
  add(names: string, known: KnownKey): void {
    if (names.startsWith('|')) this.#addHashed(names, known);
    else this.#addNames(names.toLowerCase().split(','), known);
  }

  /** Keys that stand under this name without hashing; cheap, whatever the number of entries. */
  findPlain(name: string): readonly KnownKey[] {
    const found = this.#plain.get(name) ?? [];
    const matching = this.#patterns.filter(
      (entry) => entry.accepts.some((p) => p.test(name)) && !entry.refuses.some((p) => p.test(name)),
    );
    return matching.length === 0 ? found : [...found, ...matching];
  }

  /** The entry that holds this very key for this name; costs an HMAC for each hashed entry with the same key only. */
  findKey(name: string, key: string): KnownKey | undefined {
    return (
      this.findPlain(name).find((entry) => entry.key === key) ??
      this.#hashedByKey.get(key)?.find((entry) => matchesHash(entry, name))
    );
  }

  /** All keys that stand under this name, hashed ones too: one HMAC an entry, so only when a key was not found. */
  findAll(name: string): readonly KnownKey[] {
    return [...this.findPlain(name), ...this.#hashed.filter((entry) => matchesHash(entry, name))];
  }

  #addHashed(names: string, known: KnownKey): void {
    const match = /^\|1\|([A-Za-z0-9+/]+=*)\|([A-Za-z0-9+/]+=*)$/.exec(names);
    if (match === null) return;
    const [, salt = '', digest = ''] = match;
    const entry = { ...known, salt: Buffer.from(salt, 'base64'), digest };
    if (entry.salt.length !== SHA1_BYTES) return;
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

const SHA1_BYTES = 20;

const SHA1_BLOCK_BYTES = 64;

// HMAC by hand (RFC 2104): node's own object costs more than twice as much, and a host that is new is held against every line.
function matchesHash({ salt, digest }: HashedEntry, name: string): boolean {
  const nameBytes = Buffer.from(name);
  const inner = Buffer.alloc(SHA1_BLOCK_BYTES + nameBytes.length, 0x36);
  const outer = Buffer.alloc(SHA1_BLOCK_BYTES + SHA1_BYTES, 0x5c);
  for (let i = 0; i < SHA1_BYTES; i++) {
    inner[i] = (salt[i] ?? 0) ^ 0x36;
    outer[i] = (salt[i] ?? 0) ^ 0x5c;
  }
  nameBytes.copy(inner, SHA1_BLOCK_BYTES);
  hash('sha1', inner, 'buffer').copy(outer, SHA1_BLOCK_BYTES);
  return hash('sha1', outer, 'base64') === digest;
}

// Runs of stars are one star: no pattern may take exponential time.
function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\*?]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`));
  return new RegExp(`^${source}$`);
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
