/** Private keys of a run: each file is read, decrypted and parsed once, however many hosts use it. */
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { errorMessage, TransportError } from '../../errors.ts';
import type { Secret } from '../../util/secret.ts';

/** A key that can be offered, or why it cannot. */
export type KeyResult = { readonly file: string; readonly key: ParsedKey } | { readonly problem: TransportError };

/** Parser of OpenSSH, PEM and PuTTY key texts, as ssh2 has it; handed in because ssh2 is loaded late. */
export type KeyParser = (data: string | Buffer, passphrase?: string) => ParsedKey | ParsedKey[] | Error;

export class KeyRing {
  readonly #keys = new Map<string, Promise<KeyResult>>();

  /** The key of a file. Never rejects. */
  load(file: string, passphrase: Secret | undefined, parse: KeyParser): Promise<KeyResult> {
    const id = JSON.stringify([file, passphrase?.reveal() ?? null]);
    let result = this.#keys.get(id);
    if (result === undefined) {
      result = readKey(file, passphrase, parse);
      this.#keys.set(id, result);
    }
    return result;
  }

  /** Forgets all keys. */
  clear(): void {
    this.#keys.clear();
  }
}

async function readKey(file: string, passphrase: Secret | undefined, parse: KeyParser): Promise<KeyResult> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { problem: unreadable(file, readReason(error), error) };
  }
  if (/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return readPkcs8(file, text, passphrase, parse);
  return judge(file, passphrase, parse(text, passphrase?.reveal()));
}

function judge(file: string, passphrase: Secret | undefined, parsed: ParsedKey | ParsedKey[] | Error): KeyResult {
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
  return { file, key };
}

// PKCS#8 is what openssl writes; ssh2 knows the older PEM forms of the same keys.
function readPkcs8(file: string, text: string, passphrase: Secret | undefined, parse: KeyParser): KeyResult {
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

function unreadable(file: string, reason: string, cause?: unknown): TransportError {
  return new TransportError('KEY_UNREADABLE', `Could not read the private key '${file}': ${reason}`, { cause });
}

function encrypted(file: string): TransportError {
  return new TransportError(
    'KEY_ENCRYPTED',
    `The private key '${file}' is encrypted and no passphrase was given; use an agent (ssh-add) or --ask-passphrase`,
  );
}

function readReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return errorMessage(error);
}
