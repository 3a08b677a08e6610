/** `import_tasks`, `include_tasks`, `import_role`, `include_role`: tasks of another file in the place of a task. */

import type { CatalogEntry } from './types.ts';

const TEXT = { type: 'string' };
const FLAG = { type: 'boolean' };
const MAP = { type: ['object', 'null'] };

const ROLE_ARGS = {
  name: { ...TEXT, aliases: ['role'] },
  tasks_from: TEXT,
  vars_from: TEXT,
  defaults_from: TEXT,
  handlers_from: TEXT,
  allow_duplicates: { ...FLAG, default: true },
  rolespec_validate: { ...FLAG, default: true },
};

const ENTRIES: Readonly<Record<string, CatalogEntry>> = {
  import_tasks: entry('import_tasks', { file: TEXT }, 'file'),
  include_tasks: entry('include_tasks', { file: TEXT, apply: MAP }, 'file'),
  import_role: entry('import_role', ROLE_ARGS),
  include_role: entry('include_role', { ...ROLE_ARGS, public: { ...FLAG, default: false }, apply: MAP }),
};

/** The import or include of that short name; no modules of the catalog: the loader and the engine carry them out. */
export function includeEntry(name: string): CatalogEntry | undefined {
  return Object.hasOwn(ENTRIES, name) ? ENTRIES[name] : undefined;
}

/** Their short names. */
export function includeNames(): readonly string[] {
  return Object.keys(ENTRIES);
}

/** Whether a keyword may stand beside a dynamic include; all others are for what is included and stand in `apply`. */
export function isIncludeKeyword(keyword: string): boolean {
  return INCLUDE_KEYWORDS.has(keyword) || keyword.startsWith('with_');
}

const INCLUDE_KEYWORDS: ReadonlySet<string> = new Set([
  'action',
  'args',
  'collections',
  'debugger',
  'ignore_errors',
  'listen',
  'loop',
  'loop_control',
  'name',
  'no_log',
  'register',
  'run_once',
  'tags',
  'timeout',
  'vars',
  'when',
]);

function entry(name: string, properties: CatalogEntry['args']['properties'], freeForm?: string): CatalogEntry {
  const required = [freeForm ?? 'name'];
  const args = { type: 'object', properties, required, additionalProperties: false };
  return freeForm === undefined ? { name, args } : { name, freeForm, args };
}
