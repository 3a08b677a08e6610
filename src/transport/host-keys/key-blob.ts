/** Public keys as they go over the wire and stand, in base64, in known_hosts. */
import { createHash } from 'node:crypto';

/** How many fields a key of a type has, its name the first. Others cannot be a host's key, or not in known_hosts. */
const FIELD_COUNTS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'ssh-rsa': 3,
  'ssh-dss': 5,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
};

/** The type that stands at the start of a key blob. */
export function keyType(blob: Buffer): string {
  return readFields(blob)[0]?.toString('latin1') ?? '';
}

/** The blob of a key in a file; undefined when it is cut, damaged, or of another type than it is said to be. */
export function readKeyBlob(type: string, encoded: string): Buffer | undefined {
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  const fields = readFields(blob);
  if (fields.length !== FIELD_COUNTS[type] || fields[0]?.toString('latin1') !== type) return undefined;
  if (fields.reduce((sum, field) => sum + 4 + field.length, 0) !== blob.length) return undefined;
  return type === 'ssh-ed25519' && fields[1]?.length !== 32 ? undefined : blob;
}

/** Base64 of a key blob as it is compared here. */
export function keyText(blob: Buffer): string {
  return blob.toString('base64').replace(/=+$/, '');
}

/** OpenSSH's fingerprint of a public key, of its blob or of its {@link keyText}. */
export function fingerprint(key: Buffer | string): string {
  const blob = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

// The length-prefixed fields, as far as they are whole.
function readFields(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) break;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
