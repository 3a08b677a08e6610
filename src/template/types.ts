/**
 * What the rest of the program knows of the expression language. Everything is synchronous. A template is compiled once
 * to closures and evaluated against a Scope; a variable is resolved only when something reads it.
 *
 * Values are plain data: null (None), boolean, number (int), {@link PyFloat} where a whole number is a float, string,
 * bigint (beyond 2^53), Array (list), {@link Tuple}, plain objects without prototype or with Object.prototype (dict with
 * string keys), Map (dict with other keys), {@link Undefined}. No expression can reach a JavaScript prototype.
 */

import type { Position } from '../errors.ts';

/** Where names are looked up. `get` is called at most once a read; it may compute, and may throw a TemplateError (errors.ts). */
export interface Scope {
  /** The value, or `undefined` when the name is not defined. */
  get(name: string): unknown;
  has(name: string): boolean;
  /** All names that `get` knows, for "did you mean" and `vars`; may be costly, never called on the good path. */
  names(): Iterable<string>;
}

/**
 * A lookup plugin: `lookup('env', 'HOME')`. Returns a list of results, as Ansible's `query` does; `scope` is for lookups
 * that read variables by name.
 *
 * @throws {@link TemplateError} or any error with a complete message when there is no result
 */
export type Lookup = (terms: readonly unknown[], options: Readonly<Record<string, unknown>>, scope: Scope) => unknown[];

/** Finds the templates that others include, import or extend. */
export interface TemplateLoader {
  /** Folders that are looked in, in order; for messages. */
  readonly places: readonly string[];
  /** The template of that name, or undefined when there is none. Called anew each time: it may keep what it read. */
  load(name: string): { readonly path: string; readonly text: string } | undefined;
}

/** Knows how texts stand in the user's files, for errors: in quotes, folded, indented, deep in a value. */
export interface SourcePlaces {
  /**
   * Where a character of a text stands; undefined when the file cannot be read.
   *
   * @param start - where the text's first character stands, or a value that the text is a part of
   */
  placeOf(text: string, start: Position, offset: number): SourcePlace | undefined;
}

/** A place, and its line where it may be shown. */
export interface SourcePlace {
  readonly source: Position;
  readonly excerpt?: string;
}

/** What templates may use of the controller. Without one, only the lookups that need no machine are there. */
export interface Environment {
  readonly lookups: ReadonlyMap<string, Lookup>;
  /** Without it `include`, `import` and `extends` find nothing. */
  readonly templates?: TemplateLoader;
  /** Without it errors are placed as if each text stood in its file as it is. */
  readonly sources?: SourcePlaces;
  /** Folder that relative paths start from (`is file`); such a test is an error without it. */
  readonly cwd?: string;
  /** Environment variables of the controller. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What `~` stands for in paths. */
  readonly home?: string;
  /** The clock of `now()`, milliseconds since 1970; the system's by default. */
  nowMs?(): number;
}

export interface CompiledTemplate {
  /** The source text. */
  readonly text: string;
  /** True when the text holds no `{{`, `{%` or `{#`: it is data. */
  readonly isStatic: boolean;
  /** True when the whole text is one `{{ … }}`: the result keeps its type. */
  readonly isSingleExpression: boolean;
  /**
   * The value: native for a single expression, else text.
   *
   * @throws {@link TemplateError} TEMPLATE_UNDEFINED, TEMPLATE_ERROR with the position in the user's file
   */
  evaluate(scope: Scope): unknown;
}
