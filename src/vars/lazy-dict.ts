/** A dict whose values are computed when they are read: `hostvars`, `vars`. */

import { hostsOfGroup } from '../inventory/index.ts';
import type { Inventory } from '../inventory/types.ts';
import { LazyDict } from '../template/index.ts';
import type { Scope } from '../template/types.ts';

/** A dict over what a scope knows; the scope is asked for anew on each read, since it may change during a run. */
export class ScopeDict extends LazyDict {
  readonly #scope: () => Scope | undefined;

  constructor(scope: () => Scope | undefined) {
    super();
    this.#scope = scope;
  }

  override has(key: string): boolean {
    return this.#scope()?.has(key) ?? false;
  }

  get(key: string): unknown {
    return this.#scope()?.get(key);
  }

  keys(): Iterable<string> {
    return this.#scope()?.names() ?? [];
  }
}

/** The names of the hosts of each group (`groups`), worked out when read and kept until the inventory changes. */
export class GroupsDict extends LazyDict {
  readonly #inventory: Inventory;
  readonly #members = new Map<string, readonly string[]>();
  #version: number;

  constructor(inventory: Inventory) {
    super();
    this.#inventory = inventory;
    this.#version = inventory.version;
  }

  override has(name: string): boolean {
    return this.#inventory.groups.has(name);
  }

  get(name: string): unknown {
    if (this.#version !== this.#inventory.version) {
      this.#members.clear();
      this.#version = this.#inventory.version;
    }
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const group = this.#inventory.groups.get(name);
    if (group === undefined) return undefined;
    const names = hostsOfGroup(group).map((host) => host.name);
    this.#members.set(name, names);
    return names;
  }

  keys(): Iterable<string> {
    return this.#inventory.groups.keys();
  }
}

/** A dict of one {@link ScopeDict} a name, made when it is first read. */
export class ScopesDict extends LazyDict {
  readonly #names: () => ReadonlyMap<string, unknown>;
  readonly #scopeOf: (name: string) => Scope | undefined;
  readonly #made = new Map<string, ScopeDict>();

  /** @param names - its keys are the names, in order; a name that only `scopeOf` knows can be read but is not listed */
  constructor(names: () => ReadonlyMap<string, unknown>, scopeOf: (name: string) => Scope | undefined) {
    super();
    this.#names = names;
    this.#scopeOf = scopeOf;
  }

  override has(name: string): boolean {
    return this.#names().has(name) || this.#scopeOf(name) !== undefined;
  }

  get(name: string): unknown {
    if (!this.has(name)) return undefined;
    let dict = this.#made.get(name);
    if (dict === undefined) {
      dict = new ScopeDict(() => this.#scopeOf(name));
      this.#made.set(name, dict);
    }
    return dict;
  }

  keys(): Iterable<string> {
    return this.#names().keys();
  }
}
