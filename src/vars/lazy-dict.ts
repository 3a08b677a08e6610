/** A dict whose values are computed when they are read: `hostvars`, `vars`. */

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

/** A dict of one {@link ScopeDict} a name, made when it is first read. */
export class ScopesDict extends LazyDict {
  readonly #names: ReadonlyMap<string, unknown>;
  readonly #scopeOf: (name: string) => Scope | undefined;
  readonly #made = new Map<string, ScopeDict>();

  /** @param names - its keys are the names, in order; a name that only `scopeOf` knows can be read but is not listed */
  constructor(names: ReadonlyMap<string, unknown>, scopeOf: (name: string) => Scope | undefined) {
    super();
    this.#names = names;
    this.#scopeOf = scopeOf;
  }

  override has(name: string): boolean {
    return this.#names.has(name) || this.#scopeOf(name) !== undefined;
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
    return this.#names.keys();
  }
}
