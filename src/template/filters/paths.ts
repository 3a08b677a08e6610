/** Filters of paths, as texts; none of them touches the disk. */
import { posix } from 'node:path';
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
