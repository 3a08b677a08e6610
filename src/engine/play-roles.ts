/** The roles and handlers of a play while it runs: those of the file, and what includes add. */

import type { VarsLayer } from '../inventory/types.ts';
import type { LoadedTasks, Play, RoleUse } from '../playbook/types.ts';
import { sharedRoleLayers } from './role-frame.ts';
import type { TaskNode } from './tree.ts';

export class PlayRoles {
  readonly #uses: RoleUse[];
  readonly #mergeHashes: boolean;
  readonly #handlers: TaskNode[];
  readonly #keys: Set<string>;
  readonly #handlerSources = new Set<LoadedTasks>();
  // By key of the role: hosts on which a task of it ran, and those that are through with it.
  readonly #runs = new Map<string, { readonly ran: Set<string>; readonly done: Set<string> }>();
  #includeCount = 0;
  #layers: { readonly vars: readonly VarsLayer[]; readonly defaults: readonly VarsLayer[] } | undefined;

  /** @param mergeHashes - maps of several roles are merged, so their layers stay apart */
  constructor(play: Play, handlers: readonly TaskNode[], mergeHashes = false) {
    this.#mergeHashes = mergeHashes;
    this.#uses = [...play.roleUses, ...play.imported.roles];
    this.#keys = new Set(this.#uses.map(({ key }) => key));
    this.#handlers = [...handlers];
  }

  /** In the order in which they run. */
  get handlers(): readonly TaskNode[] {
    return this.#handlers;
  }

  /** Variables that every task of the play sees, highest precedence first. */
  get layers(): { readonly vars: readonly VarsLayer[]; readonly defaults: readonly VarsLayer[] } {
    this.#layers ??= sharedRoleLayers(this.#uses, this.#mergeHashes);
    return this.#layers;
  }

  /** Names for `ansible_play_role_names` and its like. */
  names(): { readonly direct: readonly string[]; readonly dependent: readonly string[] } {
    const dependencies = (use: RoleUse): string[] =>
      use.dependencies.flatMap((each) => [...dependencies(each), each.role.name]);
    return {
      direct: this.#uses.map(({ role }) => role.name),
      dependent: [...new Set(this.#uses.flatMap(dependencies))],
    };
  }

  /** Makes the variables of an included role (`public: true`) and of roles that included files import known to all. */
  addRoles(uses: readonly RoleUse[]): void {
    const fresh = uses.filter(({ key }) => !this.#keys.has(key));
    if (fresh.length === 0) return;
    for (const { key } of fresh) this.#keys.add(key);
    this.#uses.push(...fresh);
    this.#layers = undefined;
  }

  /** Adds the handlers that an include brings, once for each file or role, however often it is included. */
  addHandlers(source: LoadedTasks, handlers: readonly TaskNode[]): void {
    if (this.#handlerSources.has(source)) return;
    this.#handlerSources.add(source);
    this.#handlers.push(...handlers);
  }

  /** An id that no other tree of the play has. */
  nextIncludeId(taskId: string): string {
    this.#includeCount++;
    return `${taskId}/${this.#includeCount}`;
  }

  /** Notes that a task of a role ran on a host. */
  noteRun({ key }: RoleUse, host: string): void {
    this.#runOf(key).ran.add(host);
  }

  /** Notes that a host is through with a role; only where a task of it ran. */
  noteDone({ key }: RoleUse, host: string): void {
    const { ran, done } = this.#runOf(key);
    if (ran.has(host)) done.add(host);
  }

  /** Whether a role must be left out on a host, because the same role ran there already. */
  isDone({ key, allowDuplicates }: RoleUse, host: string): boolean {
    return !allowDuplicates && this.#runs.get(key)?.done.has(host) === true;
  }

  #runOf(key: string) {
    let run = this.#runs.get(key);
    if (run === undefined) {
      run = { ran: new Set(), done: new Set() };
      this.#runs.set(key, run);
    }
    return run;
  }
}
