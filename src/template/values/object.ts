/** Values that are neither plain data nor containers: functions, `loop`, namespaces, dates. */
import { fail } from '../failure.ts';
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

  /** What `str()` gives. */
  text(): string {
    return `<${this.typeName} object>`;
  }

  /** What `repr()` gives, and what stands for it inside of a list. */
  repr(): string {
    return this.text();
  }

  /** `this operator other`, or `undefined` when there is no such operation. */
  operate(_operator: string, _other: unknown): unknown {
    return undefined;
  }

  /** Negative, 0 or positive as this comes before, is or comes after the other; `undefined` when they have no order. */
  order(_other: unknown): number | undefined {
    return undefined;
  }
}

/** What `f(...)` calls: a method bound to its value, a global, a macro. */
export class Callable extends PyObject {
  readonly typeName: string = 'function';
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

/** `cycler('odd', 'even')`: gives its items one after the other, over and over. */
export class Cycler extends PyObject {
  readonly typeName = 'Cycler';
  readonly #items: readonly unknown[];
  #at = 0;

  /** @throws EvaluationFailure TEMPLATE_ERROR without items */
  constructor(items: readonly unknown[]) {
    super();
    if (items.length === 0) fail('Expected values to cycle through');
    this.#items = items;
  }

  override attribute(name: string): unknown {
    switch (name) {
      case 'current':
        return this.#items[this.#at];
      case 'next':
        return new Callable(name, () => {
          const item = this.#items[this.#at];
          this.#at = (this.#at + 1) % this.#items.length;
          return item;
        });
      case 'reset':
        return new Callable(name, () => {
          this.#at = 0;
          return null;
        });
      default:
        return undefined;
    }
  }

  override attributeNames(): Iterable<string> {
    return ['current', 'next', 'reset'];
  }
}

/** `joiner(', ')`: gives nothing the first time it is called, then the separator. */
export class Joiner extends Callable {
  constructor(separator: string) {
    let isFirst = true;
    super('joiner', () => {
      const text = isFirst ? '' : separator;
      isFirst = false;
      return text;
    });
  }
}

/** Whether `value(…)` calls something. */
export function isCallable(value: unknown): value is Pick<Callable, 'call'> {
  return value instanceof Callable || (value instanceof PyObject && 'call' in value);
}
