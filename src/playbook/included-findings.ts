/** Looks ahead into what dynamic includes will read, as far as their names are known before the run. */

import { type Diagnostic, DiagnosticsError, FleetmendError } from '../errors.ts';
import { isTemplate } from '../template/index.ts';
import { Library } from './library.ts';
import { roleRequest } from './task-includes.ts';
import type { Include, LoadedTasks, Playbook, Task, TaskOrBlock } from './types.ts';

/**
 * Everything that is wrong in files and roles that `include_tasks` and `include_role` name without a template, also when no
 * host may ever come to them. Reads them anew: the run itself reads what is there when a host comes to the include.
 */
export function includedFindings({ plays }: Playbook): Diagnostic[] {
  const seen = new Set<string>();
  const libraries = new Map<unknown, Library>();
  const found: Diagnostic[] = [];
  const look = (items: readonly TaskOrBlock[]): void => {
    for (const item of items) {
      if (item.kind === 'block') for (const list of [item.block, item.rescue, item.always]) look(list);
      else if (item.include !== undefined) found.push(...lookInto(item, item.include, look, seen, libraries));
    }
  };
  for (const play of plays) {
    for (const list of [play.preTasks, play.roles, play.tasks, play.postTasks, play.roleHandlers, play.handlers])
      look(list);
  }
  return found;
}

function lookInto(
  task: Task,
  include: Include,
  look: (items: readonly TaskOrBlock[]) => void,
  seen: Set<string>,
  libraries: Map<unknown, Library>,
): readonly Diagnostic[] {
  const texts = Object.entries(task.args).map(([name, value]): [string, string] => [name, String(value)]);
  if (texts.some(([, text]) => isTemplate(text))) return [];
  const args = new Map(texts);
  const source = task.argPositions[include.kind === 'tasks' ? 'file' : 'name'] ?? task.source;
  const { library: own } = include.home;
  if (!(own instanceof Library)) return [];
  const library = libraries.get(own) ?? new Library(own.options);
  libraries.set(own, library);
  try {
    let loaded: LoadedTasks;
    let key: string;
    if (include.kind === 'tasks') {
      key = library.findTasks(args.get('file') ?? '', include);
      if (seen.has(key)) return [];
      seen.add(key);
      loaded = library.readTasks(key, include);
    } else {
      const request = roleRequest(args.get('name') ?? '', (name) => args.get(name));
      key = JSON.stringify(request);
      if (seen.has(key)) return [];
      seen.add(key);
      loaded = library.readRole(request, source, include);
    }
    look(loaded.tasks);
    look(loaded.parts.handlers);
    return [];
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics;
    if (error instanceof FleetmendError)
      return [{ code: error.code, message: error.message, hint: error.hint, source }];
    throw error;
  }
}
