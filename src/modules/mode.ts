/** Permission modes as a user writes them: octal or symbolic. */
import { ModuleError } from '../errors.ts';

/**
 * The permission bits that a mode asks for.
 *
 * @param mode - octal text (`"0644"`), a number (the bits themselves, as YAML reads `0644`), or symbolic (`u=rwX,go-w`)
 * @param current - what is there now, or what it would be made with
 * @param umask - the bits that a symbolic mode without `u`, `g`, `o` or `a` leaves alone
 * @throws {@link ModuleError} INVALID_ARGUMENT when it is neither
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/chmod.html
 */
export function resolveMode(
  mode: string | number,
  current: { readonly mode: number; readonly isDirectory: boolean },
  umask: number,
): number {
  if (typeof mode === 'number') {
    if (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode;
    throw invalidMode(mode);
  }
  const text = mode.trim();
  if (/^(?:0o)?[0-7]{1,5}$/.test(text)) {
    const bits = Number.parseInt(text.replace('0o', ''), 8);
    if (bits <= 0o7777) return bits;
  }
  let bits = current.mode;
  for (const clause of text.split(',')) bits = applyClause(clause, bits, current.isDirectory, umask, mode);
  return bits;
}

type Who = 'u' | 'g' | 'o';

const SHIFT: Readonly<Record<Who, number>> = { u: 6, g: 3, o: 0 };

// What `=` clears: the three bits and the special one that goes with them.
const MASK: Readonly<Record<Who, number>> = { u: 0o4700, g: 0o2070, o: 0o1007 };

function applyClause(clause: string, before: number, isDirectory: boolean, umask: number, whole: string): number {
  const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause.trim());
  if (match === null) throw invalidMode(whole);
  const [, users = '', actions = ''] = match;
  const whos: readonly Who[] = (['u', 'g', 'o'] as const).filter(
    (who) => users === '' || users.includes('a') || users.includes(who),
  );
  let bits = before;
  for (const [, operator, permissions = ''] of actions.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)) {
    const source = bits;
    for (const who of whos) {
      let wanted = permissionBits(who, permissions, source, isDirectory);
      if (users === '') wanted &= ~umask;
      if (operator === '-') bits &= ~wanted;
      else bits = (operator === '=' ? bits & ~MASK[who] : bits) | wanted;
    }
  }
  return bits;
}

function permissionBits(who: Who, permissions: string, current: number, isDirectory: boolean): number {
  if (permissions === 'u' || permissions === 'g' || permissions === 'o') {
    return ((current >> SHIFT[permissions]) & 7) << SHIFT[who];
  }
  let bits = 0;
  for (const letter of permissions) {
    if (letter === 'r') bits |= 4 << SHIFT[who];
    if (letter === 'w') bits |= 2 << SHIFT[who];
    if (letter === 'x' || (letter === 'X' && (isDirectory || (current & 0o111) !== 0))) bits |= 1 << SHIFT[who];
    if (letter === 's' && who !== 'o') bits |= who === 'u' ? 0o4000 : 0o2000;
    if (letter === 't' && who === 'o') bits |= 0o1000;
  }
  return bits;
}

function invalidMode(mode: unknown): ModuleError {
  const found = typeof mode === 'string' ? `'${mode}'` : `${String(mode)} (${typeof mode})`;
  const hint = "write it quoted, as '0644' or 'u=rw,go=r'";
  return new ModuleError(
    `mode must be in octal or symbolic form, found ${found}`,
    {},
    { code: 'INVALID_ARGUMENT', hint },
  );
}
