/** `loop` inside `{% for %}`. */
import { fail } from './failure.ts';
import type { Runtime } from './runtime.ts';
import { Callable, PyObject } from './values/object.ts';
import { equals } from './values/truth.ts';
import { Undefined } from './values/undefined.ts';

const NAMES = [
  'index',
  'index0',
  'revindex',
  'revindex0',
  'first',
  'last',
  'length',
  'depth',
  'depth0',
  'previtem',
  'nextitem',
  'cycle',
  'changed',
];

export class LoopState extends PyObject {
  readonly typeName = 'LoopContext';
  readonly #items: readonly unknown[];
  readonly #depth: number;
  readonly #again: ((runtime: Runtime, value: unknown) => unknown) | undefined;
  #index = 0;
  #lastSeen: readonly unknown[] | undefined;

  /**
   * @param depth - loops of the same tag around this one
   * @param again - runs the loop over other items, one level deeper; only of a `recursive` loop
   */
  constructor(items: readonly unknown[], depth = 0, again?: (runtime: Runtime, value: unknown) => unknown) {
    super();
    this.#items = items;
    this.#depth = depth;
    this.#again = again;
  }

  /** `loop(children)`. */
  call(runtime: Runtime, args: readonly unknown[]): unknown {
    if (this.#again === undefined) fail("Only a loop with the word 'recursive' can be called");
    if (args.length !== 1) fail(`Expected one list to go over in 'loop(…)', got ${args.length} values`);
    return this.#again(runtime, args[0]);
  }

  /** Goes on to the next item. */
  advance(): void {
    this.#index++;
  }

  override attribute(name: string): unknown {
    const last = this.#items.length - 1;
    switch (name) {
      case 'index':
        return this.#index + 1;
      case 'index0':
        return this.#index;
      case 'revindex':
        return last - this.#index + 1;
      case 'revindex0':
        return last - this.#index;
      case 'first':
        return this.#index === 0;
      case 'last':
        return this.#index === last;
      case 'length':
        return last + 1;
      case 'depth':
        return this.#depth + 1;
      case 'depth0':
        return this.#depth;
      case 'previtem':
        return this.#index > 0 ? this.#items[this.#index - 1] : new Undefined('There is no previous item');
      case 'nextitem':
        return this.#index < last ? this.#items[this.#index + 1] : new Undefined('There is no next item');
      case 'cycle':
        return new Callable(name, (_runtime, values) => {
          if (values.length === 0) fail('Expected values to cycle through');
          return values[this.#index % values.length];
        });
      case 'changed':
        return new Callable(name, (_runtime, values) => this.#changed(values));
      default:
        return undefined;
    }
  }

  override attributeNames(): Iterable<string> {
    return NAMES;
  }

  #changed(values: readonly unknown[]): boolean {
    const before = this.#lastSeen;
    this.#lastSeen = values;
    return before === undefined || !equals(before, values);
  }
}
