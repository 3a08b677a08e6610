/** Files of variables on the controller, for `include_vars`. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, isAbsolute, join } from 'node:path';
import { ModuleError } from '../errors.ts';
import type { PythonPattern } from './python-pattern.ts';

export interface VarsFolderOptions {
  /** Levels of folders below that count; 0: all. */
  readonly depth: number;
  /** What the name of a file must match somewhere. */
  readonly matching?: PythonPattern;
  /** Names that are passed over. */
  readonly ignored: readonly PythonPattern[];
  /** Endings of files that are read, without the dot. */
  readonly extensions: readonly string[];
  /** Whether files with other endings are passed over. */
  readonly ignoreUnknown: boolean;
}

/** @throws {@link ModuleError} FILE_NOT_FOUND, with the places that were looked at */
export function findVarsFile(name: string, places: readonly string[]): string {
  return find(name, places, 'a file of variables');
}

/**
 * The files of variables in a folder and those below it, in the order in which they are read: by name, those of a folder
 * before those of the folders in it.
 *
 * @throws {@link ModuleError} FILE_NOT_FOUND; MODULE_FAILED for a file with another ending
 */
export function listVarsFiles(name: string, places: readonly string[], options: VarsFolderOptions): string[] {
  const folder = find(name, places, 'a folder of files of variables');
  if (!statSync(folder).isDirectory()) throw new ModuleError(`expected '${folder}' to be a folder, found a file`);
  const files: string[] = [];
  walk(folder, 1, options, files);
  return files;
}

function walk(folder: string, level: number, options: VarsFolderOptions, files: string[]): void {
  const entries = readdirSync(folder).sort();
  const isFolder = (entry: string): boolean => statSync(join(folder, entry)).isDirectory();
  for (const entry of entries.filter((each) => !isFolder(each))) {
    if (isWanted(entry, folder, options)) files.push(join(folder, entry));
  }
  if (options.depth !== 0 && level >= options.depth) return;
  for (const entry of entries.filter(isFolder)) walk(join(folder, entry), level + 1, options, files);
}

function isWanted(name: string, folder: string, options: VarsFolderOptions): boolean {
  if (options.matching?.search(name) === null || options.ignored.some((pattern) => pattern.search(name) !== null))
    return false;
  if (options.extensions.includes(extname(name).slice(1))) return true;
  if (options.ignoreUnknown || options.matching !== undefined) return false;
  throw new ModuleError(
    `expected files that end in ${options.extensions.map((each) => `.${each}`).join(', ')}, found '${join(folder, name)}'`,
    {},
    { hint: `leave it out with ignore_files: ['${basename(name)}'], or set ignore_unknown_extensions: true` },
  );
}

function find(name: string, places: readonly string[], what: string): string {
  const paths = isAbsolute(name) ? [name] : places.map((place) => join(place, name));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const looked = paths.map((path) => `\n  ${path}`).join('');
  const message = `expected ${what} '${name}' on the controller, found none; looked for:${looked}`;
  throw new ModuleError(message, {}, { code: 'FILE_NOT_FOUND' });
}
