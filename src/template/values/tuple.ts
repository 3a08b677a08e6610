/** Python's tuple: a list that prints with parentheses and equals only tuples. */
export class Tuple extends Array<unknown> {
  /** Names of the items, for a tuple whose items are attributes too (`grouper` and `list` of `groupby`). */
  readonly #names: readonly string[];

  constructor(names: readonly string[] = []) {
    super();
    this.#names = names;
  }

  // What map, filter and slice make of a tuple is a list.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The item of that name, or undefined. */
  named(name: string): unknown {
    const index = this.#names.indexOf(name);
    return index < 0 ? undefined : this[index];
  }
}

/** A tuple of these items. */
export function tupleOf(items: Iterable<unknown>): Tuple {
  return namedTuple([], items);
}

/** A tuple of these items, the first of which have names. */
export function namedTuple(names: readonly string[], items: Iterable<unknown>): Tuple {
  const tuple = new Tuple(names);
  for (const item of items) tuple.push(item);
  return tuple;
}
