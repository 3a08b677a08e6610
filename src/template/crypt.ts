/**
 * Password hashes as crypt(3) makes them: `$1$` (MD5), `$5$` (SHA-256) and `$6$` (SHA-512), over Node's hashes.
 *
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt
 */
import { createHash } from 'node:crypto';
import { tick } from './limits.ts';

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Bytes of the digest in the order in which they are written, three to a group of four digits. */
const MD5_ORDER = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5];

/**
 * @param salt - 1 to 16 characters
 * @param rounds - written into the hash when given; 5000 otherwise
 */
export function shaCrypt(kind: 'sha256' | 'sha512', password: string, salt: string, rounds?: number): string {
  const key = Buffer.from(password, 'utf8');
  const saltBytes = Buffer.from(salt, 'utf8');
  const hash = (...parts: Uint8Array[]): Buffer => digest(kind, parts);
  const size = kind === 'sha512' ? 64 : 32;
  const inner = hash(key, saltBytes, key);
  const start: Uint8Array[] = [key, saltBytes, repeatTo(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) start.push((bits & 1) === 1 ? inner : key);
  let result = hash(...start);
  const p = repeatTo(hash(...Array.from({ length: key.length }, () => key)), key.length);
  const s = repeatTo(hash(...Array.from({ length: 16 + (result[0] ?? 0) }, () => saltBytes)), saltBytes.length);
  for (let i = 0; i < (rounds ?? 5000); i++) {
    tick(4);
    const parts = [i % 2 === 1 ? p : result];
    if (i % 3 !== 0) parts.push(s);
    if (i % 7 !== 0) parts.push(p);
    parts.push(i % 2 === 1 ? result : p);
    result = hash(...parts);
  }
  const prefix = kind === 'sha512' ? '$6$' : '$5$';
  const written = rounds === undefined ? '' : `rounds=${rounds}$`;
  return `${prefix}${written}${salt}$${encodeSha(result, size)}`;
}

/** @param salt - 1 to 8 characters */
export function md5Crypt(password: string, salt: string): string {
  const key = Buffer.from(password, 'utf8');
  const saltBytes = Buffer.from(salt, 'utf8');
  const hash = (...parts: Uint8Array[]): Buffer => digest('md5', parts);
  const inner = hash(key, saltBytes, key);
  const start: Uint8Array[] = [key, Buffer.from('$1$'), saltBytes, repeatTo(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) {
    start.push((bits & 1) === 1 ? Buffer.from([0]) : key.subarray(0, 1));
  }
  let result = hash(...start);
  for (let i = 0; i < 1000; i++) {
    tick(4);
    const parts: Uint8Array[] = [i % 2 === 1 ? key : result];
    if (i % 3 !== 0) parts.push(saltBytes);
    if (i % 7 !== 0) parts.push(key);
    parts.push(i % 2 === 1 ? result : key);
    result = hash(...parts);
  }
  let text = '';
  for (let i = 0; i < MD5_ORDER.length; i += 3) {
    text += group(result, MD5_ORDER.slice(i, i + 3), 4);
  }
  return `$1$${salt}$${text}${group(result, [undefined, undefined, 11], 2)}`;
}

function digest(kind: string, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(kind);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function repeatTo(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

// The three bytes of a group stand a third of the digest apart, and the group's first one moves on by turns.
function encodeSha(bytes: Buffer, size: number): string {
  const third = Math.floor(size / 3);
  const isLong = size === 64;
  let text = '';
  for (let i = 0; i < third; i++) {
    const columns = [i, i + third, i + 2 * third];
    const turn = isLong ? i % 3 : (3 - (i % 3)) % 3;
    text += group(bytes, [...columns.slice(turn), ...columns.slice(0, turn)], 4);
  }
  return text + (isLong ? group(bytes, [undefined, undefined, 63], 2) : group(bytes, [undefined, 31, 30], 3));
}

// Up to three bytes as digits of six bits, the lowest first.
function group(bytes: Buffer, order: readonly (number | undefined)[], digits: number): string {
  let value = 0;
  for (const index of order) value = (value << 8) | (index === undefined ? 0 : (bytes[index] ?? 0));
  let text = '';
  for (let i = 0; i < digits; i++) {
    text += DIGITS[value & 0x3f];
    value >>= 6;
  }
  return text;
}
