/** Looks ahead into what dynamic includes will read, as far as their names are known before the run. */

import { type Diagnostic, DiagnosticsError, FleetmendError, type Position } from '../errors.ts';
import { isTemplate } from '../template/index.ts';
import { type InspectedTasks, Library } from './library.ts';
import { roleRequest } from './task-includes.ts';
import type { Include, Play, Task, TaskOrBlock } from './types.ts';

/**
 * Everything that is wrong in files and roles that `include_tasks` and `include_role` name without a template, also when no
 * host may ever come to them. Reads them anew: the run itself reads what is there when a host comes to the include.
 */
export function includedFindings({ plays }: { readonly plays: readonly Play[] }): Diagnostic[] {
  const ahead = new LookAhead();
  for (const play of plays) {
    for (const list of [play.preTasks, play.roles, play.tasks, play.postTasks, play.roleHandlers, play.handlers])
      ahead.look(list);
  }
  return ahead.found;
}

class LookAhead {
  readonly found: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  readonly #libraries = new Map<Library, Library>();

  look(items: readonly TaskOrBlock[]): void {
    for (const item of items) {
      if (item.kind === 'block') for (const list of [item.block, item.rescue, item.always]) this.look(list);
      else if (item.include !== undefined) this.#lookInto(item, item.include);
    }
  }

  #lookInto(task: Task, include: Include): void {
    const args = new Map(Object.entries(task.args).map(([name, value]) => [name, String(value)]));
    if ([...args.values()].some(isTemplate)) return;
    const source = task.argPositions[include.kind === 'tasks' ? 'file' : 'name'] ?? task.source;
    const { library: own } = include.home;
    if (!(own instanceof Library)) return;
    const library = this.#libraries.get(own) ?? new Library(own.options);
    this.#libraries.set(own, library);
    try {
      const inspected = this.#inspect(args, include, library, source);
      if (inspected === undefined) return;
      this.found.push(...inspected.findings.sorted());
      this.look(inspected.tasks);
      this.look(inspected.parts.handlers);
    } catch (error) {
      if (error instanceof DiagnosticsError) this.found.push(...error.diagnostics);
      else if (error instanceof FleetmendError) this.found.push(findingOf(error, source, library));
      else throw error;
    }
  }

  // Undefined: it was looked into before.
  #inspect(
    args: ReadonlyMap<string, string>,
    include: Include,
    library: Library,
    source: Position,
  ): InspectedTasks | undefined {
    if (include.kind === 'tasks') {
      const path = library.findTasks(args.get('file') ?? '', include);
      return this.#isNew(path) ? library.inspectTasks(path, include) : undefined;
    }
    const request = roleRequest(args.get('name') ?? '', (name) => args.get(name));
    return this.#isNew(JSON.stringify(request)) ? library.inspectRole(request, source, include) : undefined;
  }

  #isNew(key: string): boolean {
    const isNew = !this.#seen.has(key);
    this.#seen.add(key);
    return isNew;
  }
}

function findingOf({ code, message, hint }: FleetmendError, source: Position, library: Library): Diagnostic {
  const excerpt = library.options.files.read(source.file, 'file').excerpt(source.line);
  return { code, message, hint, source, excerpt };
}
