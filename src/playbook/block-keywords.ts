/** The keywords of a block, and of whatever else hands them down: an import, a role, `apply`. */

import type { Fields } from './fields.ts';
import type { TaskContext } from './task-context.ts';
import type { Block, VarsBlock } from './types.ts';

/** A block without tasks. */
export function blockKeywords(fields: Fields): Block {
  return {
    kind: 'block',
    ...fields.shared(),
    when: fields.conditions('when') ?? [],
    delegateTo: fields.text('delegate_to'),
    delegateFacts: fields.flag('delegate_facts'),
    notify: fields.texts('notify'),
    block: [],
    rescue: [],
    always: [],
  };
}

/** The context of what is inside: names of imports may read the variables of the block. */
export function withVars(context: TaskContext, vars: VarsBlock | undefined): TaskContext {
  if (vars === undefined) return context;
  const { home } = context;
  return { ...context, home: { ...home, vars: [...home.vars.slice(0, 1), vars.values, ...home.vars.slice(1)] } };
}
