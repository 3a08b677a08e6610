/**
 * Ansible's vault format: a header line, then lines of 80 hexadecimal digits. Bytes and texts only; where passwords come
 * from and which belongs to which vault id is the caller's.
 *
 * @see https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html (format of files)
 */
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

const MAGIC = '$ANSIBLE_VAULT';
const CIPHER = 'AES256';
const ITERATIONS = 10_000;
const LINE_WIDTH = 80;
const SALT_BYTES = 32;

/**
 * - `not_vault`: the text is no vault at all
 * - `unsupported`: a version or cipher that is not known
 * - `damaged`: it is cut off or not hexadecimal
 * - `refused`: the password is wrong, or the text was tampered with; the two cannot be told apart
 */
export type VaultFailure = 'not_vault' | 'unsupported' | 'damaged' | 'refused';

/** Why a text could not be decrypted; `message` is complete and names no secret. */
export class VaultFormatError extends Error {
  readonly reason: VaultFailure;

  constructor(reason: VaultFailure, message: string) {
    super(message);
    this.name = 'VaultFormatError';
    this.reason = reason;
  }
}

/** The first line of a vault text. */
export interface VaultHeader {
  readonly version: '1.1' | '1.2';
  /** The id that a text of version 1.2 names. */
  readonly vaultId?: string;
}

/** Whether the text is in vault format, going by how it begins. */
export function isVaultText(text: string): boolean {
  return text.startsWith(`${MAGIC};`);
}

/** @throws {@link VaultFormatError} `not_vault`, `unsupported` */
export function readVaultHeader(text: string): VaultHeader {
  if (!isVaultText(text)) {
    throw new VaultFormatError('not_vault', `Expected a text that begins with '${MAGIC};', found another`);
  }
  const [, version = '', cipher = '', vaultId] = (text.split('\n', 1)[0] ?? '').trim().split(';');
  if (version !== '1.1' && version !== '1.2') {
    throw new VaultFormatError('unsupported', `Expected a vault of version 1.1 or 1.2, found '${version}'`);
  }
  if (cipher !== CIPHER) {
    throw new VaultFormatError('unsupported', `Expected the vault cipher ${CIPHER}, found '${cipher}'`);
  }
  return vaultId === undefined || vaultId === '' ? { version } : { version, vaultId };
}

export interface EncryptVaultOptions {
  /** Names the id in the header (version 1.2); without one, or with `default`, the version is 1.1. */
  readonly vaultId?: string;
  /** At least one byte; 32 random ones by default. */
  readonly salt?: Uint8Array;
}

/** The content as a vault text, with a newline at its end. */
export function encryptVault(
  content: Uint8Array,
  password: string | Uint8Array,
  options: EncryptVaultOptions = {},
): string {
  const { vaultId, salt = randomBytes(SALT_BYTES) } = options;
  const { key, macKey, iv } = deriveKeys(password, salt);
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  const encrypted = Buffer.concat([cipher.update(pad(content)), cipher.final()]);
  const mac = createHmac('sha256', macKey).update(encrypted).digest('hex');
  const body = Buffer.from([Buffer.from(salt).toString('hex'), mac, encrypted.toString('hex')].join('\n'));
  const isNamed = vaultId !== undefined && vaultId !== '' && vaultId !== 'default';
  const header = isNamed ? [MAGIC, '1.2', CIPHER, vaultId] : [MAGIC, '1.1', CIPHER];
  const lines = body.toString('hex').match(new RegExp(`.{1,${LINE_WIDTH}}`, 'g')) ?? [];
  return `${[header.join(';'), ...lines].join('\n')}\n`;
}

/**
 * The content of a vault text.
 *
 * @throws {@link VaultFormatError} `refused` for a wrong password or a changed text; `not_vault`, `unsupported`, `damaged`
 */
export function decryptVault(text: string, password: string | Uint8Array): Buffer {
  readVaultHeader(text);
  const { salt, mac, encrypted } = readBody(text);
  const { key, macKey, iv } = deriveKeys(password, salt);
  const expected = createHmac('sha256', macKey).update(encrypted).digest();
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
    throw new VaultFormatError('refused', 'The vault does not open: the password is wrong, or the text was changed');
  }
  const decipher = createDecipheriv('aes-256-ctr', key, iv);
  return unpad(Buffer.concat([decipher.update(encrypted), decipher.final()]));
}

function readBody(text: string): { salt: Buffer; mac: Buffer; encrypted: Buffer } {
  const digits = text
    .slice(text.indexOf('\n') + 1)
    .split('\n')
    .map((line) => line.trim())
    .join('');
  const parts = text.includes('\n') ? fromHex(digits)?.toString('latin1').split('\n').map(fromHex) : undefined;
  const [salt, mac, encrypted] = parts ?? [];
  if (salt === undefined || mac === undefined || encrypted === undefined || parts?.length !== 3) {
    throw new VaultFormatError(
      'damaged',
      'The vault is damaged: expected lines of hexadecimal digits after its header',
    );
  }
  return { salt, mac, encrypted };
}

function fromHex(digits: string): Buffer | undefined {
  return digits !== '' && digits.length % 2 === 0 && /^[\da-f]*$/i.test(digits)
    ? Buffer.from(digits, 'hex')
    : undefined;
}

function deriveKeys(password: string | Uint8Array, salt: Uint8Array): { key: Buffer; macKey: Buffer; iv: Buffer } {
  const bytes = pbkdf2Sync(password, salt, ITERATIONS, 32 + 32 + 16, 'sha256');
  return { key: bytes.subarray(0, 32), macKey: bytes.subarray(32, 64), iv: bytes.subarray(64) };
}

// PKCS#7 to whole blocks of 16 bytes, though a counter mode would need none: the format has it.
function pad(content: Uint8Array): Buffer {
  const missing = 16 - (content.length % 16);
  return Buffer.concat([content, Buffer.alloc(missing, missing)]);
}

function unpad(padded: Buffer): Buffer {
  const size = padded.at(-1) ?? 0;
  if (size < 1 || size > 16 || size > padded.length || padded.length % 16 !== 0) {
    throw new VaultFormatError('damaged', 'The vault is damaged: its content has no valid padding');
  }
  return padded.subarray(0, padded.length - size);
}
