/** Paths on the controller: `is file`, `is directory` … and `is abs`. */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import { toText } from '../values/text.ts';

const ABS = pure('value', (value: unknown) => isAbsolute(toText(value)));
const FILE = pathTest(statSync, (stats) => stats.isFile());
const DIRECTORY = pathTest(statSync, (stats) => stats.isDirectory());
const LINK = pathTest(lstatSync, (stats) => stats.isSymbolicLink());

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
];

function pathTest(stat: (path: string) => Stats, holds: (stats: Stats) => boolean): Builtin {
  return contextual('value', (runtime: Runtime, value: unknown) => {
    const path = toText(value);
    const { cwd } = runtime.environment;
    if (!isAbsolute(path) && cwd === undefined) fail(`Expected an absolute path, got '${path}'`);
    try {
      return holds(stat(resolve(cwd ?? '/', path)));
    } catch {
      return false;
    }
  });
}
