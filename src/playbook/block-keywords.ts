/** The keywords of a block, and of whatever else hands them down: an import, a role, `apply`. */

import { checkCollections } from './collections.ts';
import type { Fields } from './fields.ts';
import { readModuleDefaults } from './module-defaults.ts';
import type { TaskContext } from './task-context.ts';
import type { Block, ModuleCatalog, SharedKeywords } from './types.ts';

/** A block without tasks. */
export function blockKeywords(fields: Fields, catalog: ModuleCatalog): Block {
  return {
    kind: 'block',
    ...sharedKeywords(fields, catalog),
    when: fields.conditions('when') ?? [],
    delegateTo: fields.text('delegate_to'),
    delegateFacts: fields.flag('delegate_facts'),
    notify: fields.texts('notify'),
    block: [],
    rescue: [],
    always: [],
  };
}

/** What plays, blocks and tasks share. */
export function sharedKeywords(fields: Fields, catalog: ModuleCatalog): SharedKeywords {
  checkCollections(fields);
  return { ...fields.shared(), moduleDefaults: readModuleDefaults(fields, catalog) };
}

/** The context of what is inside: names of imports may read the variables of the block. */
export function withVars(outer: TaskContext, { vars, moduleDefaults }: Inside): TaskContext {
  const { home } = outer;
  const names = Object.keys(moduleDefaults ?? {});
  const context =
    names.length === 0 ? outer : { ...outer, home: { ...home, defaulted: new Set([...home.defaulted, ...names]) } };
  if (vars === undefined) return context;
  return {
    ...context,
    home: { ...context.home, vars: [...home.vars.slice(0, 1), vars.values, ...home.vars.slice(1)] },
  };
}

type Inside = Pick<SharedKeywords, 'vars' | 'moduleDefaults'>;
