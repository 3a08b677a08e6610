/** Looks ahead into what dynamic includes will read, as far as their names are known before the run. */

import { type Diagnostic, DiagnosticsError, FleetmendError, type Position } from '../errors.ts';
import { isTemplate } from '../template/index.ts';
import { describeLikelyOctal, likelyOctal, MODE_ARGUMENTS } from '../util/permission-mode.ts';
import { type InspectedTasks, Library } from './library.ts';
import { roleRequest } from './task-includes.ts';
import type { Include, Play, Task, TaskOrBlock } from './types.ts';

/** Always with its place. */
export type Doubt = Diagnostic & { readonly source: Position };

/** What is known of a playbook before it runs, with files and roles that are included by a name without a template. */
export interface Ahead {
  /** Everything that is wrong in what will be included, also when no host may ever come to it. */
  readonly findings: readonly Diagnostic[];
  /** What is no mistake, but hardly meant so. */
  readonly doubts: readonly Doubt[];
  /** Tags of plays, blocks and tasks. */
  readonly tags: ReadonlySet<string>;
  /** Whether there are includes that could not be looked into. */
  readonly hasMore: boolean;
}

/** Looks into what dynamic includes name. Reads it anew: the run itself reads what is there when a host comes to the include. */
export function lookAhead({ plays }: { readonly plays: readonly Play[] }): Ahead {
  const ahead = new LookAhead();
  for (const play of plays) {
    for (const tag of play.tags) ahead.tags.add(tag);
    for (const list of [play.preTasks, play.roles, play.tasks, play.postTasks, play.roleHandlers, play.handlers])
      ahead.look(list);
  }
  return ahead;
}

class LookAhead implements Ahead {
  readonly findings: Diagnostic[] = [];
  readonly doubts: Doubt[] = [];
  readonly tags = new Set<string>();
  hasMore = false;
  readonly #seen = new Set<string>();
  readonly #libraries = new Map<Library, Library>();

  look(items: readonly TaskOrBlock[]): void {
    for (const item of items) {
      for (const tag of item.tags) this.tags.add(tag);
      if (item.kind === 'block') for (const list of [item.block, item.rescue, item.always]) this.look(list);
      else if (item.include !== undefined) this.#lookInto(item, item.include);
      else this.#doubtMode(item);
    }
  }

  #doubtMode({ args, argPositions, source: taskSource }: Task): void {
    for (const argument of MODE_ARGUMENTS) {
      const value = args[argument];
      const octal = likelyOctal(value);
      if (octal === undefined) continue;
      const source = argPositions[argument] ?? taskSource;
      this.doubts.push({ code: 'INVALID_ARGUMENT', source, ...describeLikelyOctal(argument, Number(value), octal) });
    }
  }

  #lookInto(task: Task, include: Include): void {
    if (include.apply !== undefined) this.look([include.apply]);
    const args = new Map(Object.entries(task.args).map(([name, value]) => [name, String(value)]));
    if ([...args.values()].some(isTemplate)) {
      this.hasMore = true;
      return;
    }
    const source = task.argPositions[include.kind === 'tasks' ? 'file' : 'name'] ?? task.source;
    const { library: own } = include.home;
    if (!(own instanceof Library)) return;
    const library = this.#libraries.get(own) ?? new Library(own.options);
    this.#libraries.set(own, library);
    try {
      const inspected = this.#inspect(args, include, library, source);
      if (inspected === undefined) return;
      this.findings.push(...inspected.findings.sorted());
      this.look(inspected.tasks);
      this.look(inspected.parts.handlers);
    } catch (error) {
      this.hasMore = true;
      if (error instanceof DiagnosticsError) this.findings.push(...error.diagnostics);
      else if (error instanceof FleetmendError) this.findings.push(findingOf(error, source, library));
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
