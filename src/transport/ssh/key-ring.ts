/** Private keys of a run: each file is read, decrypted and parsed once, however many hosts use it. */
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { errorMessage, TransportError } from '../../errors.ts';
import type { Secret } from '../../util/secret.ts';

/** What a key file holds. */
export interface KeyFile {
  readonly file: string;
  /** Ready to sign with. */
  readonly key?: ParsedKey;
  /** Why it cannot be used; exactly one of this and {@link key} is there. */
  readonly problem?: TransportError;
  /** All that is missing is the passphrase. */
  readonly isLocked: boolean;
  /** The public half as it goes over the wire, as far as it is known: an agent may hold the private one. */
  readonly publicBlob?: Buffer;
}

/**
 * Gives the passphrase of a key file; undefined: none is to be had.
 *
 * @param attempt - counts from 1; what was given before did not open the file
 * @throws TransportError KEY_ENCRYPTED that says why there is none
 */
export type PassphraseSource = (file: string, attempt: number) => Promise<Secret | undefined>;

/** As often as ssh asks. */
const PASSPHRASE_ATTEMPTS = 3;

/** Parser of OpenSSH, PEM and PuTTY key texts, as ssh2 has it; handed in because ssh2 is loaded late. */
export type KeyParser = (data: string | Buffer, passphrase?: string) => ParsedKey | ParsedKey[] | Error;

/** The key files of a run. */
export class KeyRing {
  readonly #files = new Map<string, Promise<KeyFile>>();
  readonly #unlocked = new Map<string, Promise<KeyFile>>();
  readonly #passphraseOf: PassphraseSource;
  /** The question that was asked last; the next one waits for its answer. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(passphraseOf: PassphraseSource = async () => undefined) {
    this.#passphraseOf = passphraseOf;
  }

  /** The key of a file. Never rejects. */
  load(file: string, passphrase: Secret | undefined, parse: KeyParser): Promise<KeyFile> {
    const id = JSON.stringify([file, passphrase?.reveal() ?? null]);
    let result = this.#files.get(id);
    if (result === undefined) {
      result = readKey(file, passphrase, parse);
      this.#files.set(id, result);
    }
    return result;
  }

  /** The key of a file that needs a passphrase, which is asked for once however many hosts use the file. Never rejects. */
  unlock(file: string, parse: KeyParser): Promise<KeyFile> {
    let result = this.#unlocked.get(file);
    if (result === undefined) {
      result = this.#asking.then(() => this.#ask(file, parse));
      this.#asking = result;
      this.#unlocked.set(file, result);
    }
    return result;
  }

  /** Forgets all keys. */
  clear(): void {
    this.#files.clear();
    this.#unlocked.clear();
  }

  async #ask(file: string, parse: KeyParser): Promise<KeyFile> {
    let result = await this.load(file, undefined, parse);
    try {
      for (let attempt = 1; attempt <= PASSPHRASE_ATTEMPTS && result.key === undefined; attempt++) {
        const passphrase = await this.#passphraseOf(file, attempt);
        if (passphrase === undefined) break;
        result = await readKey(file, passphrase, parse);
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      result = { ...result, problem: error };
    }
    return result;
  }
}

async function readKey(file: string, passphrase: Secret | undefined, parse: KeyParser): Promise<KeyFile> {
  let text = '';
  let found: Found;
  try {
    text = await readFile(file, 'utf8');
    const isPkcs8 = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(text);
    found = isPkcs8
      ? readPkcs8(file, text, passphrase, parse)
      : judge(file, passphrase, parse(text, passphrase?.reveal()));
  } catch (error) {
    found = { problem: unreadable(file, readReason(error), error) };
  }
  const publicBlob = found.key?.getPublicSSH() ?? (await readPublicHalf(file, text, parse));
  return { file, ...found, isLocked: found.problem?.code === 'KEY_ENCRYPTED', publicBlob };
}

type Found =
  | { readonly key: ParsedKey; readonly problem?: undefined }
  | { readonly key?: undefined; readonly problem: TransportError };

function judge(file: string, passphrase: Secret | undefined, parsed: ParsedKey | ParsedKey[] | Error): Found {
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) {
    if (/no passphrase given/i.test(key.message)) return { problem: encrypted(file) };
    if (passphrase !== undefined && /passphrase|integrity check/i.test(key.message)) {
      return { problem: unreadable(file, 'the passphrase does not open it', key) };
    }
    return { problem: unreadable(file, key.message, key) };
  }
  if (key === undefined || !key.isPrivateKey()) {
    return { problem: unreadable(file, 'it holds no private key; a public key was given?') };
  }
  return { key };
}

// PKCS#8 is what openssl writes; ssh2 knows the older PEM forms of the same keys.
function readPkcs8(file: string, text: string, passphrase: Secret | undefined, parse: KeyParser): Found {
  const isEncrypted = text.includes('BEGIN ENCRYPTED PRIVATE KEY');
  if (isEncrypted && passphrase === undefined) return { problem: encrypted(file) };
  try {
    const key = createPrivateKey({ key: text, format: 'pem', passphrase: passphrase?.reveal() });
    const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') {
      const reason = `a PKCS#8 key of type ${key.asymmetricKeyType ?? 'unknown'} is not understood`;
      return { problem: unreadable(file, `${reason}; convert it with: ssh-keygen -p -f FILE`) };
    }
    return judge(file, undefined, parse(key.export({ type, format: 'pem' }).toString()));
  } catch (error) {
    const reason = isEncrypted ? 'the passphrase does not open it' : errorMessage(error);
    return { problem: unreadable(file, reason, error) };
  }
}

// The file may be a public key itself, its agent holding the rest; OpenSSH's own format shows it before what is encrypted;
// and beside the file there may be one that ends in .pub.
async function readPublicHalf(file: string, text: string, parse: KeyParser): Promise<Buffer | undefined> {
  const inside = publicBlobOf(text, parse) ?? publicBlobOfOpenssh(text);
  if (inside !== undefined) return inside;
  const beside = await readFile(`${file}.pub`, 'utf8').catch(() => '');
  return publicBlobOf(beside, parse);
}

function publicBlobOf(text: string, parse: KeyParser): Buffer | undefined {
  if (text === '' || text.includes('PRIVATE KEY')) return undefined;
  const parsed = parse(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key === undefined || key instanceof Error ? undefined : key.getPublicSSH();
}

/**
 * @see PROTOCOL.key of OpenSSH: magic, cipher, key derivation, its options, the number of keys, then the public key
 */
function publicBlobOfOpenssh(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    const value = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return value.length === length ? value : undefined;
  };
  for (const _skipped of ['cipher', 'key derivation', 'options']) if (next() === undefined) return undefined;
  at += 4;
  return next();
}

function unreadable(file: string, reason: string, cause?: unknown): TransportError {
  return new TransportError('KEY_UNREADABLE', `Could not read the private key '${file}': ${reason}`, { cause });
}

function encrypted(file: string): TransportError {
  return new TransportError('KEY_ENCRYPTED', `The private key '${file}' is encrypted and no passphrase was given`, {
    hint: 'load it into an agent (ssh-add), or give --passphrase-command or --ask-passphrase',
  });
}

function readReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return errorMessage(error);
}
