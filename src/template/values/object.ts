/** Values that are neither plain data nor containers: functions, `loop`, namespaces, dates. */
import type { Runtime } from '../runtime.ts';

/** A value with named attributes. Expressions see only what `attribute` gives out. */
export abstract class PyObject {
  abstract readonly typeName: string;

  /** The attribute's value, or `undefined` when there is none of that name. */
  attribute(_name: string): unknown {
    return undefined;
  }

  /** Names for "did you mean". */
  attributeNames(): Iterable<string> {
    return [];
  }

  text(): string {
    return `<${this.typeName} object>`;
  }
}

/** What `f(...)` calls: a method bound to its value, a global, a macro. */
export class Callable extends PyObject {
  readonly typeName = 'function';
  readonly name: string;
  readonly #call: (runtime: Runtime, args: readonly unknown[], keywords: ReadonlyMap<string, unknown>) => unknown;

  constructor(
    name: string,
    call: (runtime: Runtime, args: readonly unknown[], keywords: ReadonlyMap<string, unknown>) => unknown,
  ) {
    super();
    this.name = name;
    this.#call = call;
  }

  call(runtime: Runtime, args: readonly unknown[], keywords: ReadonlyMap<string, unknown>): unknown {
    return this.#call(runtime, args, keywords);
  }

  override text(): string {
    return `<function ${this.name}>`;
  }
}

/** `namespace(x=1)`: the one value whose attributes `{% set ns.x = … %}` may change. */
export class Namespace extends PyObject {
  readonly typeName = 'Namespace';
  readonly #values: Map<string, unknown>;

  constructor(values: Iterable<readonly [string, unknown]>) {
    super();
    this.#values = new Map(values);
  }

  override attribute(name: string): unknown {
    return this.#values.get(name);
  }

  override attributeNames(): Iterable<string> {
    return this.#values.keys();
  }

  setAttribute(name: string, value: unknown): void {
    this.#values.set(name, value);
  }
}
