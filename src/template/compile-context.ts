/** What the compilers know while they turn one tree into closures, and what they find out on the way. */
import type { Builtin } from './builtin.ts';
import type { UnitBlock } from './composition.ts';
import type { Runtime } from './runtime.ts';

/** Compiled code: gives the value of an expression. */
export type Evaluate = (runtime: Runtime) => unknown;

export interface CompileContext {
  readonly filters: ReadonlyMap<string, Builtin>;
  readonly tests: ReadonlyMap<string, Builtin>;
  /**
   * Names that the template sets itself; all others are read from the scope at once. Undefined: any name may be set, by a
   * template that this one includes, imports or is included by.
   */
  readonly assigned: ReadonlySet<string> | undefined;
  /** The blocks of the template, as they are compiled. */
  readonly blocks: Map<string, UnitBlock>;
  /** Lookups that are named literally, checked against the environment that the template is compiled for. */
  readonly lookups: { readonly name: string; readonly offset: number }[];
  /** Set when a result may be a list or dict that holds undefined values. */
  mayHoldUndefined: boolean;
  /** Set when the text names a method that changes a value in place. */
  changesValues: boolean;
}
