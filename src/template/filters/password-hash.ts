/** The filter `password_hash`: the forms of crypt(3) that a login accepts. */
import { randomInt } from 'node:crypto';
import { type Builtin, pure } from '../builtin.ts';
import { md5Crypt, shaCrypt } from '../crypt.ts';
import { fail } from '../failure.ts';
import { wholeNumber } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';

const SALT_CHARACTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const NAMES: Readonly<Record<string, 'sha512' | 'sha256' | 'md5'>> = {
  sha512: 'sha512',
  sha512_crypt: 'sha512',
  sha256: 'sha256',
  sha256_crypt: 'sha256',
  md5: 'md5',
  md5_crypt: 'md5',
};
const BCRYPT = ['bcrypt', 'blowfish', 'bcrypt_sha256'];

export const PASSWORD_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['password_hash', pure('value hashtype? salt? salt_size? rounds? ident?', passwordHash)],
];

/** @throws EvaluationFailure TEMPLATE_ERROR for bcrypt and for a salt or rounds that crypt(3) does not take */
export function passwordHash(
  value: unknown,
  hashtype: unknown = 'sha512',
  salt: unknown = null,
  saltSize: unknown = null,
  rounds: unknown = null,
  ident: unknown = null,
): string {
  if (typeof value !== 'string') fail('Expected the password to be a str');
  const type = toText(hashtype);
  if (BCRYPT.includes(type)) {
    fail(
      "password_hash cannot make bcrypt hashes: Node's crypto has no bcrypt",
      "use 'sha512', which all Linux logins take",
    );
  }
  const kind = Object.hasOwn(NAMES, type) ? NAMES[type] : undefined;
  if (kind === undefined) fail(`Unknown kind of password hash '${type}'`, 'use sha512, sha256 or md5');
  if (ident !== null && ident !== undefined && truthy(ident)) fail('The argument ident is for bcrypt only');
  const longest = kind === 'md5' ? 8 : 16;
  const size = saltSize === null ? longest : wholeNumber(saltSize, 'salt_size');
  const given = truthy(salt) ? toText(salt) : randomSalt(size);
  if ([...given].some((char) => !SALT_CHARACTERS.includes(char))) {
    fail(`Expected a salt of the characters ${SALT_CHARACTERS}`);
  }
  if (given.length > longest || given.length < 1)
    fail(`Expected a salt of 1 to ${longest} characters, got ${given.length}`);
  if (kind === 'md5') return md5Crypt(value, given);
  return shaCrypt(kind, value, given, rounds === null ? undefined : roundsOf(rounds));
}

// The form allows 999,999,999, which would take a quarter of an hour.
const MAX_ROUNDS = 1_000_000;

function roundsOf(rounds: unknown): number {
  const count = typeof rounds === 'string' && /^\d+$/.test(rounds) ? Number(rounds) : wholeNumber(rounds, 'rounds');
  if (count < 1000 || count > MAX_ROUNDS) fail(`Expected 1000 to ${MAX_ROUNDS} rounds, got ${count}`);
  return count;
}

function randomSalt(size: number): string {
  if (size > 16) fail(`Expected salt_size to be at most 16, got ${size}`);
  return Array.from({ length: size }, () => SALT_CHARACTERS[randomInt(SALT_CHARACTERS.length)]).join('');
}
