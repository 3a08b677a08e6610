/** The lookup `password`: a random password, kept in a file of the controller. */

import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fail } from '../failure.ts';
import { passwordHash } from '../filters/password-hash.ts';
import type { Lookup } from '../types.ts';
import { PythonRandom } from '../values/python-random.ts';
import { toText } from '../values/text.ts';
import { readTerm, type Term, textOption } from './term.ts';

const OPTIONS = ['length', 'encrypt', 'ident', 'chars', 'seed'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
/** The sets of characters that have names; `ascii_letters,digits` and `.,:-_` are the default. */
const SETS: Readonly<Record<string, string>> = {
  ascii_letters: LETTERS + LETTERS.toUpperCase(),
  ascii_lowercase: LETTERS,
  ascii_uppercase: LETTERS.toUpperCase(),
  digits: DIGITS,
  hexdigits: `${DIGITS}abcdefABCDEF`,
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
};
const MAX_LENGTH = 10_000;

/** @param cwd - folder that relative paths start from */
export function passwordLookup(cwd: string): Lookup {
  return (terms, options) => terms.map((term) => passwordOf(readTerm('password', term, options, OPTIONS), cwd));
}

function passwordOf(term: Term, cwd: string): string {
  const path = isAbsolute(term.text) ? term.text : join(cwd, term.text);
  const encrypt = textOption(term, 'encrypt', '');
  const isKept = path !== '/dev/null';
  const known = isKept && existsSync(path) ? readFileSync(path, 'utf8').replace(/\r?\n$/, '') : undefined;
  const [, stored, storedSalt] = /^([\s\S]*?)(?: salt=(\S+))?$/.exec(known ?? '') ?? [];
  const password = known === undefined ? makePassword(term) : (stored ?? '');
  const salt = encrypt === '' ? undefined : (storedSalt ?? makeSalt());
  if (isKept && (known === undefined || (salt !== undefined && storedSalt === undefined))) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${password}${salt === undefined ? '' : ` salt=${salt}`}\n`, { mode: 0o600 });
  }
  return salt === undefined
    ? password
    : passwordHash(password, encrypt, salt.slice(0, encrypt.startsWith('md5') ? 8 : 16));
}

function makePassword(term: Term): string {
  const text = textOption(term, 'length', '20');
  const length = Number(text);
  if (!/^\d+$/.test(text) || length > MAX_LENGTH) {
    fail(`Expected length of the lookup 'password' to be at most ${MAX_LENGTH}, got '${text}'`);
  }
  const characters = charactersOf(term.options.chars);
  const { seed } = term.options;
  const random = seed === undefined ? undefined : new PythonRandom(typeof seed === 'number' ? seed : toText(seed));
  return Array.from({ length }, () => {
    return characters[Number(random?.below(characters.length) ?? randomInt(characters.length))];
  }).join('');
}

// Names of sets or the characters themselves; a comma among them is written twice.
function charactersOf(chars: unknown): string[] {
  const names =
    chars === undefined
      ? ['ascii_letters', 'digits', '.,:-_']
      : Array.isArray(chars)
        ? [...chars]
        : splitNames(toText(chars));
  const all = names.map((name) => (Object.hasOwn(SETS, toText(name)) ? SETS[toText(name)] : toText(name))).join('');
  const characters = [...all].filter((char) => char !== '"' && char !== "'");
  return characters.length === 0 ? fail('Expected characters to make a password of, got none') : characters;
}

function splitNames(text: string): string[] {
  const names = text
    .replaceAll(',,', '\0')
    .split(',')
    .map((name) => name.replaceAll('\0', ''));
  return [...names.filter((name) => name !== ''), ...(text.includes(',,') ? [','] : [])];
}

function makeSalt(): string {
  const characters = `${SETS.ascii_letters}${DIGITS}./`;
  return Array.from({ length: 16 }, () => characters[randomInt(characters.length)]).join('');
}
