/** Lookups of files on the controller. */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { globFiles } from '../../util/glob-files.ts';
import { fail } from '../failure.ts';
import type { Lookup, Scope } from '../types.ts';
import { dictGet, isDict } from '../values/dict.ts';
import { toText } from '../values/text.ts';
import { trimChars } from '../values/text-operations.ts';
import { truthy } from '../values/truth.ts';
import { readOpened } from './opened-file.ts';
import { type FileSearch, findIn } from './search.ts';

/** @param openVault - opens the text of an encrypted file */
export function fileLookups(
  search: FileSearch,
  openVault: ((text: string) => string) | undefined,
): readonly (readonly [string, Lookup])[] {
  return [
    [
      'file',
      (terms, options, scope) =>
        terms.map((term) => readText(filesFor(search, scope), toText(term), options, openVault)),
    ],
    ['fileglob', (terms, _options, scope) => terms.flatMap((term) => listGlob(filesFor(search, scope), toText(term)))],
    ['first_found', (terms, options, scope) => firstFound(filesFor(search, scope), terms, options)],
  ];
}

function filesFor(search: FileSearch, scope: Scope): readonly string[] {
  return search.rootsOf('files', scope);
}

function readText(
  roots: readonly string[],
  term: string,
  options: Readonly<Record<string, unknown>>,
  openVault: ((text: string) => string) | undefined,
): string {
  const path = findIn(roots, term);
  if (path === undefined) fail(`The lookup 'file' found no '${term}'`, `it looked in ${roots.join(', ')}`);
  const text = readOpened(path, openVault);
  const left = options.lstrip !== undefined && truthy(options.lstrip) ? trimChars(text, null, 'start') : text;
  return options.rstrip === undefined || truthy(options.rstrip) ? trimChars(left, null, 'end') : left;
}

// A pattern holds for names in one folder; folders are not walked and are no results.
function listGlob(roots: readonly string[], pattern: string): string[] {
  const folders = isAbsolute(pattern) ? [dirname(pattern)] : roots.map((root) => join(root, dirname(pattern)));
  for (const folder of folders) {
    const found = globFiles(folder, basename(pattern));
    if (found.length > 0) return found;
  }
  return [];
}

function firstFound(
  roots: readonly string[],
  terms: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): unknown[] {
  let skip = options.skip !== undefined && truthy(options.skip);
  for (const term of terms.flatMap((item) => (Array.isArray(item) ? [...item] : [item]))) {
    const files = isDict(term) ? listOf(dictGet(term, 'files')) : [toText(term)];
    const paths = isDict(term) ? listOf(dictGet(term, 'paths')) : listOf(options.paths);
    if (isDict(term) && truthy(dictGet(term, 'skip') ?? false)) skip = true;
    for (const file of files) {
      const folders = paths.flatMap((path) => (isAbsolute(path) ? [path] : roots.map((root) => join(root, path))));
      const found = findIn(paths.length > 0 ? folders : roots, file);
      if (found !== undefined) return [found];
    }
  }
  if (skip) return [];
  fail("The lookup 'first_found' found none of the files", `it looked in ${roots.join(', ')}`);
}

function listOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : toText(value).split(/[,:;]/)).map((item) => toText(item).trim());
}
