/** Filters of paths. Only `realpath` and `fileglob` look at the disk: the controller's. */
import { realpathSync } from 'node:fs';
import { basename, dirname as folderOf, isAbsolute, join, posix, relative, resolve } from 'node:path';
import { globPaths } from '../../util/glob-files.ts';
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import { iterate } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { tupleOf } from '../values/tuple.ts';

export const PATH_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['basename', pure('value', (value: unknown) => toText(value).replace(/^[\s\S]*\//, ''))],
  ['dirname', pure('value', dirname)],
  ['splitext', pure('value', splitExtension)],
  [
    'path_join',
    pure('value', (value: unknown) => (typeof value === 'string' ? value : joinPaths(iterate(value).map(toText)))),
  ],
  ['normpath', pure('value', (value: unknown) => posix.normalize(toText(value)).replace(/(.)\/$/, '$1'))],
  [
    'relpath',
    pure('value start', (value: unknown, start: unknown) => posix.relative(toText(start), toText(value)) || '.'),
  ],
  ['expanduser', contextual('value', expandUser)],
  ['expandvars', contextual('value', expandVariables)],
  ['commonpath', pure('value', commonPath)],
  ['realpath', contextual('value', (runtime: Runtime, value: unknown) => realPath(fromCwd(runtime, toText(value))))],
  [
    'fileglob',
    contextual('value', (runtime: Runtime, value: unknown) => {
      const pattern = toText(value);
      return isAbsolute(pattern)
        ? globPaths(pattern)
        : globPaths(fromCwd(runtime, pattern)).map((path) => relativeTo(runtime, path));
    }),
  ],
];

// Python's rule: everything before the last slash, without trailing slashes unless it is only slashes.
function dirname(value: unknown): string {
  const text = toText(value);
  const head = text.slice(0, text.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

function splitExtension(value: unknown): unknown {
  const text = toText(value);
  const dot = text.lastIndexOf('.');
  const name = text.lastIndexOf('/') + 1;
  // Leading dots are part of the name.
  const isExtension = dot > name && /[^.]/.test(text.slice(name, dot));
  return tupleOf(isExtension ? [text.slice(0, dot), text.slice(dot)] : [text, '']);
}

function joinPaths(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('/') || path === '') return part;
    return path.endsWith('/') ? path + part : `${path}/${part}`;
  }, '');
}

function expandUser(runtime: Runtime, value: unknown): string {
  const text = toText(value);
  if (!/^~(\/|$)/.test(text)) return text;
  const { home } = runtime.environment;
  if (home === undefined) fail("Cannot expand '~': the home directory is not known here");
  return home.replace(/\/$/, '') + text.slice(1);
}

function fromCwd(runtime: Runtime, path: string): string {
  const { cwd } = runtime.environment;
  if (isAbsolute(path)) return path;
  return cwd === undefined ? fail(`Expected an absolute path, got '${path}'`) : join(cwd, path);
}

function relativeTo(runtime: Runtime, path: string): string {
  return relative(runtime.environment.cwd ?? '/', path);
}

// What is there is followed through its links; what is not there is added as it is written.
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const absolute = resolve(path);
    return absolute === '/' ? absolute : join(realPath(folderOf(absolute)), basename(absolute));
  }
}

function expandVariables(runtime: Runtime, value: unknown): string {
  const { env } = runtime.environment;
  if (env === undefined) fail('Cannot expand variables: the environment is not known here');
  return toText(value).replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, name?: string, braced?: string) => {
    return env[name ?? braced ?? ''] ?? whole;
  });
}

function commonPath(value: unknown): string {
  const paths = iterate(value).map(toText);
  if (paths.length === 0) fail('Expected at least one path for commonpath');
  if (paths.some((path) => isAbsolute(path)) && !paths.every((path) => isAbsolute(path))) {
    fail('Cannot find the common path of absolute and relative paths');
  }
  const split = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  const [first = []] = split;
  let size = 0;
  while (size < first.length && split.every((parts) => parts[size] === first[size])) size++;
  return (isAbsolute(paths[0] ?? '') ? '/' : '') + first.slice(0, size).join('/');
}
