/** What several templates make together: units (a template's text with its program), blocks, and who extends whom. */
import { bodyText, NOTHING } from './body-result.ts';
import type { Evaluate } from './compile-context.ts';
import { fail } from './failure.ts';
import { tick } from './limits.ts';
import type { Frame, Runtime } from './runtime.ts';
import { MAX_TEXT_SIZE } from './runtime.ts';
import { Callable, PyObject } from './values/object.ts';

/** A block as its template has it. */
export interface UnitBlock {
  readonly run: Evaluate;
  readonly isRequired: boolean;
}

/** One text with its program: the one that is evaluated, or one that it includes, imports or extends. */
export interface Unit {
  /** As it was asked for; for messages. */
  readonly name: string;
  readonly run: Evaluate;
  readonly blocks: ReadonlyMap<string, UnitBlock>;
  /** Gives an error its place in this unit's text. */
  place(error: unknown, offset: number): unknown;
}

/** A template and those that it extends, while they run. */
export interface Layout {
  /** Each block with those that it overrides, the most derived first. */
  readonly blocks: Map<string, { readonly unit: Unit; readonly block: UnitBlock }[]>;
  readonly rootFrame: Frame;
  /** Set by `extends`: what comes after gives no output, then the parent runs. */
  parent: Unit | undefined;
}

/** Most templates open inside each other. */
const MAX_OPEN_UNITS = 50;

/** Runs a whole template, and those it extends, in a frame of its own below `parent`. */
export function runUnit(runtime: Runtime, unit: Unit, parent: Frame | undefined): { result: unknown; frame: Frame } {
  const frame: Frame = { names: new Map(), parent };
  const outer = { layout: runtime.layout, frame: runtime.frame, isSilent: runtime.isSilent };
  const layout: Layout = { blocks: new Map(), rootFrame: frame, parent: undefined };
  addBlocks(layout, unit);
  frame.names.set('self', new SelfReference(layout));
  Object.assign(runtime, { layout, frame, isSilent: false });
  try {
    return { result: opened(runtime, unit, () => runRoot(runtime, unit, layout)), frame };
  } finally {
    Object.assign(runtime, outer);
  }
}

/** Runs code of another unit: its errors are placed there, offsets are its own. */
export function inUnit<T>(runtime: Runtime, unit: Unit | undefined, run: () => T): T {
  const outer = runtime.unit;
  if (unit === undefined || outer === unit) return run();
  const { offset } = runtime;
  runtime.unit = unit;
  try {
    const result = run();
    runtime.offset = offset;
    return result;
  } catch (error) {
    throw unit.place(error, runtime.offset);
  } finally {
    runtime.unit = outer;
  }
}

/** What a template extends: from here on it gives no output of its own. */
export function extendUnit(runtime: Runtime, parent: Unit): void {
  const { layout } = runtime;
  if (layout === undefined) fail("'extends' cannot stand here");
  if (layout.parent !== undefined) fail('A template can extend only one other');
  layout.parent = parent;
  addBlocks(layout, parent);
  runtime.isSilent = true;
}

/** The text of a block where it stands, by the most derived template that has it. */
export function renderBlock(runtime: Runtime, name: string, frame: Frame | undefined, isRequired: boolean): unknown {
  const { layout } = runtime;
  const versions = layout?.blocks.get(name);
  if (layout === undefined || versions === undefined) fail(`There is no block '${name}'`);
  if (isRequired && versions.length < 2) {
    fail(`The required block '${name}' is missing in the template that extends this one`);
  }
  return runBlock(runtime, layout, name, 0, frame ?? layout.rootFrame);
}

/** Two results in a row make text; one alone stays what it is. */
export function append(runtime: Runtime, result: unknown, part: unknown): unknown {
  if (part === NOTHING) return result;
  if (result === NOTHING) return part;
  const text = bodyText(part);
  runtime.outputSize += text.length;
  if (runtime.outputSize > MAX_TEXT_SIZE) fail(`Expected the template to make at most ${MAX_TEXT_SIZE} characters`);
  return bodyText(result) + text;
}

function runRoot(runtime: Runtime, unit: Unit, layout: Layout): unknown {
  const result = unit.run(runtime);
  const { parent } = layout;
  if (parent === undefined) return result;
  layout.parent = undefined;
  runtime.isSilent = false;
  return append(
    runtime,
    result,
    opened(runtime, parent, () => runRoot(runtime, parent, layout)),
  );
}

function opened<T>(runtime: Runtime, unit: Unit, run: () => T): T {
  runtime.openUnits.push(unit.name);
  if (runtime.openUnits.length > MAX_OPEN_UNITS) {
    const path = runtime.openUnits.slice(-4).join(' -> ');
    fail(`Templates include or extend each other more than ${MAX_OPEN_UNITS} deep: … ${path}`);
  }
  tick(1);
  try {
    return inUnit(runtime, unit, run);
  } finally {
    runtime.openUnits.pop();
  }
}

function addBlocks(layout: Layout, unit: Unit): void {
  for (const [name, block] of unit.blocks) {
    const versions = layout.blocks.get(name);
    if (versions === undefined) layout.blocks.set(name, [{ unit, block }]);
    else versions.push({ unit, block });
  }
}

function runBlock(runtime: Runtime, layout: Layout, name: string, level: number, outside: Frame): unknown {
  const version = layout.blocks.get(name)?.[level];
  if (version === undefined) fail(`There is no parent block of '${name}'`);
  const names = new Map<string, unknown>([['super', new SuperReference(layout, name, level + 1, outside)]]);
  const outer = { layout: runtime.layout, frame: runtime.frame, isSilent: runtime.isSilent };
  Object.assign(runtime, { layout, frame: { names, parent: outside }, isSilent: false });
  if (++runtime.depth > MAX_BLOCK_DEPTH) fail(`The block '${name}' calls itself more than ${MAX_BLOCK_DEPTH} deep`);
  tick(1);
  try {
    return inUnit(runtime, version.unit, () => version.block.run(runtime));
  } finally {
    runtime.depth--;
    Object.assign(runtime, outer);
  }
}

const MAX_BLOCK_DEPTH = 100;

/** `super`: calling it gives the block that this one overrides; `super.super` the one before. */
class SuperReference extends Callable {
  override readonly typeName = 'BlockReference';
  readonly #next: () => SuperReference;

  constructor(layout: Layout, name: string, level: number, outside: Frame) {
    super('super', (runtime) => bodyText(runBlock(runtime, layout, name, level, outside)));
    this.#next = () => new SuperReference(layout, name, level + 1, outside);
  }

  override attribute(name: string): unknown {
    return name === 'super' ? this.#next() : undefined;
  }
}

/** `self`: its attributes are the template's blocks. */
class SelfReference extends PyObject {
  readonly typeName = 'TemplateReference';
  readonly #layout: Layout;

  constructor(layout: Layout) {
    super();
    this.#layout = layout;
  }

  override attribute(name: string): unknown {
    const layout = this.#layout;
    if (!layout.blocks.has(name)) return undefined;
    return new Callable(name, (runtime) => bodyText(runBlock(runtime, layout, name, 0, layout.rootFrame)));
  }

  override attributeNames(): Iterable<string> {
    return this.#layout.blocks.keys();
  }
}

/** What `import` gives: the names that a template sets at its top, but those that start with `_`. */
export class TemplateModule extends PyObject {
  readonly typeName = 'TemplateModule';
  readonly #frame: Frame;
  readonly #text: string;

  constructor(frame: Frame, text: string) {
    super();
    this.#frame = frame;
    this.#text = text;
  }

  override attribute(name: string): unknown {
    return name.startsWith('_') || name === 'self' ? undefined : this.#frame.names.get(name);
  }

  override attributeNames(): Iterable<string> {
    return [...this.#frame.names.keys()].filter((name) => !name.startsWith('_') && name !== 'self');
  }

  override text(): string {
    return this.#text;
  }
}
