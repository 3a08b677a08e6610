/**
 * Reads known_hosts files as OpenSSH does: names, lists, `[host]:port`, wildcards and `!`, hashed names, `@revoked`,
 * `@cert-authority`. Lines that cannot be read, or whose key cannot be, are passed over.
 *
 * @see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
 */
import { HostEntries } from './host-entries.ts';
import { keyText, readKeyBlob } from './key-blob.ts';

/** The entries of any number of files. */
export class KnownHosts {
  readonly keys = new HostEntries();
  readonly revoked = new HostEntries();
  /** Keys that sign host certificates. */
  readonly authorities = new HostEntries();

  /** Adds the lines of a file. `firstLine` 0: a line that was just written. */
  addText(file: string, text: string, firstLine = 1): void {
    let line = firstLine;
    for (const content of text.split('\n')) this.#addLine(file, line++, content);
  }

  #addLine(file: string, line: number, content: string): void {
    const words = content.split(/[ \t\r]+/).filter((word) => word !== '');
    if (words[0] === undefined || words[0].startsWith('#')) return;
    const mark = words[0].startsWith('@') ? words.shift() : undefined;
    const [names, type, encoded] = words;
    const entries = mark === undefined ? this.keys : this.#marked(mark);
    if (entries === undefined || names === undefined || type === undefined || encoded === undefined) return;
    const blob = readKeyBlob(type, encoded);
    if (blob !== undefined) entries.add(names, { file, line, type, key: keyText(blob) });
  }

  #marked(mark: string): HostEntries | undefined {
    if (mark === '@revoked') return this.revoked;
    return mark === '@cert-authority' ? this.authorities : undefined;
  }
}

/** The names under which the key of a host may stand. */
export interface HostKeyName {
  /** Under this one it is looked for first, and recorded. */
  readonly name: string;
  /** Without the port: a key that stands there is good as well. */
  readonly plain?: string;
}

/**
 * The names of a host: lower case, with the port when it is not 22.
 *
 * @param alias - HostKeyAlias: stands for address and port
 */
export function hostKeyName(at: { readonly address: string; readonly port: number }, alias?: string): HostKeyName {
  if (alias !== undefined) return { name: alias.toLowerCase() };
  const host = at.address.toLowerCase();
  return at.port === 22 ? { name: host } : { name: `[${host}]:${at.port}`, plain: host };
}
