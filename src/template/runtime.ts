/** What one evaluation carries along. */
import type { Builtin } from './builtin.ts';
import type { Layout, Unit } from './composition.ts';
import type { Environment, Scope } from './types.ts';

/** Names that the template itself sets (`set`, `for`, macro arguments); inner frames hide outer ones. */
export interface Frame {
  readonly names: Map<string, unknown>;
  readonly parent: Frame | undefined;
}

export interface Runtime {
  scope: Scope;
  readonly environment: Environment;
  /** Filters and tests by name, for those that take a name (`map('upper')`, `select('defined')`). */
  readonly filters: ReadonlyMap<string, Builtin>;
  readonly tests: ReadonlyMap<string, Builtin>;
  frame: Frame | undefined;
  /** Where the operation that runs now stands in the text; each one that can fail sets it first. */
  offset: number;
  /** Open macro calls. */
  depth: number;
  /** Characters of output so far. */
  outputSize: number;
  /** Lists and dicts that this evaluation made itself, which `append` and `update` may therefore change. */
  owned: WeakSet<object> | undefined;
  /** The template whose code runs. */
  unit: Unit | undefined;
  /** The template with those that it extends; undefined where no text can extend another (`when`). */
  layout: Layout | undefined;
  /** `extends` was met: what a template puts out beside its blocks is dropped. */
  isSilent: boolean;
  /** Names of the templates that are open inside each other. */
  readonly openUnits: string[];
  /** The template of that name, or undefined when there is none. */
  loadUnit(name: string): Unit | undefined;
}

/** Largest text that a template may make, in UTF-16 code units. */
export const MAX_TEXT_SIZE = 10 * 1024 * 1024;
/** Most items that `range`, repetition or a product may make. */
export const MAX_ITEMS = 1_000_000;
/** Most macro calls inside each other. */
export const MAX_MACRO_DEPTH = 100;
