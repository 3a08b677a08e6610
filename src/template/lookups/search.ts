/** Where lookups look for files of the controller. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Scope } from '../types.ts';
import { toText } from '../values/text.ts';

/** Finds files named by lookups; a relative name is looked for in folders, in order. */
export interface FileSearch {
  /** The folders for files of that kind: Ansible's `ansible_search_path` where the scope has it. */
  rootsOf(kind: 'files' | 'templates', scope: Scope): readonly string[];
}

/**
 * @param cwd - folder that relative names start from
 * @param places - folders before it, by kind
 */
export function createFileSearch(
  cwd: string,
  places: Readonly<Record<'files' | 'templates', readonly string[]>>,
): FileSearch {
  return {
    rootsOf(kind, scope) {
      const path = scope.get('ansible_search_path');
      const bases = Array.isArray(path) ? path.map((folder) => toText(folder)) : [cwd];
      const roots = bases.flatMap((base) => [join(base, kind), base]);
      return Array.isArray(path) ? roots : [...new Set([...places[kind], ...roots])];
    },
  };
}

/** The first of the folders' files of that name, or undefined; an absolute name is taken as it is. */
export function findIn(roots: readonly string[], name: string): string | undefined {
  if (isAbsolute(name)) return existsSync(name) ? name : undefined;
  return roots.map((root) => join(root, name)).find((path) => existsSync(path));
}
