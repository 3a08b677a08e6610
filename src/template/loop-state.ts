/** `loop` inside `{% for %}`. */
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
  #index = 0;
  #lastSeen: readonly unknown[] | undefined;

  constructor(items: readonly unknown[]) {
    super();
    this.#items = items;
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
        return 1;
      case 'depth0':
        return 0;
      case 'previtem':
        return this.#index > 0 ? this.#items[this.#index - 1] : new Undefined('There is no previous item');
      case 'nextitem':
        return this.#index < last ? this.#items[this.#index + 1] : new Undefined('There is no next item');
      case 'cycle':
        return new Callable(name, (_runtime, values) => values[this.#index % values.length] ?? null);
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
