/** Which methods which values have. */
import type { Builtin } from '../builtin.ts';
import { isDict } from '../values/dict.ts';
import { Tuple } from '../values/tuple.ts';
import { DICT_METHODS } from './dict.ts';
import { LIST_METHODS, TUPLE_METHODS } from './list.ts';
import { TEXT_METHODS } from './text.ts';

/** The method of that name on that value, or undefined. */
export function methodOf(value: unknown, name: string): Builtin | undefined {
  return methodsOf(value)?.get(name);
}

/** The names of a value's methods, for "did you mean". */
export function methodNames(value: unknown): Iterable<string> {
  return methodsOf(value)?.keys() ?? [];
}

function methodsOf(value: unknown): ReadonlyMap<string, Builtin> | undefined {
  if (typeof value === 'string') return TEXT_METHODS;
  if (value instanceof Tuple) return TUPLE_METHODS;
  if (Array.isArray(value)) return LIST_METHODS;
  return isDict(value) ? DICT_METHODS : undefined;
}
