/** Lookups of files on the controller. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { globFiles } from '../../util/glob-files.ts';
import { fail } from '../failure.ts';
import type { Lookup } from '../types.ts';
import { dictGet, isDict } from '../values/dict.ts';
import { toText } from '../values/text.ts';
import { trimChars } from '../values/text-operations.ts';
import { truthy } from '../values/truth.ts';

/**
 * @param cwd - folder that relative paths start from
 * @param searchPaths - folders that are looked in before it
 */
export function fileLookups(cwd: string, searchPaths: readonly string[]): readonly (readonly [string, Lookup])[] {
  const roots = [...searchPaths, join(cwd, 'files'), cwd];
  const find = (path: string, folders = roots): string | undefined => {
    if (isAbsolute(path)) return existsSync(path) ? path : undefined;
    return folders.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate));
  };
  return [
    ['file', (terms, options) => terms.map((term) => readText(find, roots, toText(term), options))],
    ['fileglob', (terms) => terms.flatMap((term) => listGlob(roots, toText(term)))],
    ['first_found', (terms, options) => firstFound(find, roots, terms, options)],
  ];
}

type Find = (path: string, folders?: string[]) => string | undefined;

function readText(
  find: Find,
  roots: readonly string[],
  term: string,
  options: Readonly<Record<string, unknown>>,
): string {
  const path = find(term);
  if (path === undefined) fail(`The lookup 'file' found no '${term}'`, `it looked in ${roots.join(', ')}`);
  const text = readFileSync(path, 'utf8');
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
  find: Find,
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
      const found = find(file, paths.length > 0 ? folders : undefined);
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
