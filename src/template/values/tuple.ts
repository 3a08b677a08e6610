/** Python's tuple: a list that prints with parentheses and equals only tuples. */
export class Tuple extends Array<unknown> {
  // What map, filter and slice make of a tuple is a list.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A tuple of these items; `new Tuple(3)` would be three holes, so this is the way to make one. */
export function tupleOf(items: Iterable<unknown>): Tuple {
  const tuple = new Tuple();
  for (const item of items) tuple.push(item);
  return tuple;
}
