/** Paths on the controller: `is file`, `is directory` … and `is abs`. */
import { lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { errorMessage } from '../../errors.ts';
import { isVaultText } from '../../util/vault-format.ts';
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import { toText } from '../values/text.ts';

const ABS = pure('value', (value: unknown) => isAbsolute(toText(value)));
const FILE = pathTest(statSync, (stats) => stats.isFile());
const DIRECTORY = pathTest(statSync, (stats) => stats.isDirectory());
const LINK = pathTest(lstatSync, (stats) => stats.isSymbolicLink());

const MOUNT = contextual('value', (runtime: Runtime, value: unknown) => {
  const path = absolute(runtime, value);
  const [own, parent] = [statOf(lstatSync, path), statOf(lstatSync, join(path, '..'))];
  if (own?.isDirectory() !== true || parent === undefined) return false;
  return own.dev !== parent.dev || own.ino === parent.ino;
});
const SAME_FILE = contextual('value other', (runtime: Runtime, value: unknown, other: unknown) => {
  const [a, b] = [value, other].map((path) => statOf(statSync, absolute(runtime, path)));
  if (a === undefined || b === undefined) fail('Expected two paths that are there to compare');
  return a.dev === b.dev && a.ino === b.ino;
});
const VAULTED_FILE = contextual('value', (runtime: Runtime, value: unknown) => {
  try {
    return isVaultText(readFileSync(absolute(runtime, value), 'latin1'));
  } catch (error) {
    return fail(`Cannot read the file to test: ${errorMessage(error)}`);
  }
});

export const PATH_TESTS: readonly (readonly [string, Builtin])[] = [
  ['abs', ABS],
  ['is_abs', ABS],
  ['exists', pathTest(statSync, () => true)],
  ['link_exists', pathTest(lstatSync, () => true)],
  ['file', FILE],
  ['is_file', FILE],
  ['directory', DIRECTORY],
  ['is_dir', DIRECTORY],
  ['link', LINK],
  ['is_link', LINK],
  ['mount', MOUNT],
  ['is_mount', MOUNT],
  ['same_file', SAME_FILE],
  ['is_same_file', SAME_FILE],
  ['vaulted_file', VAULTED_FILE],
];

function pathTest(stat: (path: string) => Stats, holds: (stats: Stats) => boolean): Builtin {
  return contextual('value', (runtime: Runtime, value: unknown) => {
    const stats = statOf(stat, absolute(runtime, value));
    return stats !== undefined && holds(stats);
  });
}

function absolute(runtime: Runtime, value: unknown): string {
  const path = toText(value);
  const { cwd } = runtime.environment;
  if (!isAbsolute(path) && cwd === undefined) fail(`Expected an absolute path, got '${path}'`);
  return resolve(cwd ?? '/', path);
}

function statOf(stat: (path: string) => Stats, path: string): Stats | undefined {
  try {
    return stat(path);
  } catch {
    return undefined;
  }
}
