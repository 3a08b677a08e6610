/** A set of values by Python's equality: quick for texts and ints, by comparison for the rest. */
import { tick } from '../limits.ts';
import { equals } from './truth.ts';
import { requireDefined } from './undefined.ts';

export class ValueSet {
  readonly #simple = new Set<unknown>();
  readonly #others: unknown[] = [];

  constructor(values: Iterable<unknown>) {
    for (const value of values) this.add(value);
  }

  /** Adds the value; false when an equal one was there. */
  add(value: unknown): boolean {
    if (this.has(value)) return false;
    if (typeof value === 'string' || typeof value === 'number') this.#simple.add(value);
    else this.#others.push(value);
    return true;
  }

  has(value: unknown): boolean {
    requireDefined(value);
    if (this.#simple.has(value)) return true;
    if (typeof value === 'string') return false;
    tick(this.#others.length);
    if (this.#others.some((other) => equals(other, value))) return true;
    // True and 1.0 equal the int 1.
    if (typeof value === 'number') return false;
    for (const known of this.#simple) if (typeof known === 'number' && equals(known, value)) return true;
    return false;
  }
}
