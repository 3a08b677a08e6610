/**
 * Reading attributes and items, the one way from an expression into a value: own data of dicts, items of lists and
 * texts, the methods in the tables. Nothing else of JavaScript's objects can be named.
 */
import { callBuiltin } from '../builtin.ts';
import { methodOf } from '../methods/index.ts';
import { dictGet, isDict } from './dict.ts';
import { asNumeric, isFloat, numberOf } from './numbers.ts';
import { Callable, PyObject } from './object.ts';
import { itemAt } from './sequence.ts';
import { Tuple } from './tuple.ts';
import { requireDefined, Undefined } from './undefined.ts';

/** `value.name`: a method or attribute first, then a key; `undefined` when there is neither. */
export function readAttribute(value: unknown, name: string): unknown {
  return boundMethod(value, name) ?? (isDict(value) ? dictGet(value, name) : objectAttribute(value, name));
}

/** `value[key]`: an item or key first, then a method or attribute; `undefined` when there is neither. */
export function readItem(value: unknown, key: unknown): unknown {
  requireDefined(key);
  if (isDict(value)) {
    const found = dictGet(value, key);
    if (found !== undefined) return found;
  } else if (Array.isArray(value) || typeof value === 'string') {
    const index = isFloat(key) ? undefined : asNumeric(key);
    if (index !== undefined) return itemAt(value, numberOf(index));
  }
  if (typeof key !== 'string') return undefined;
  return boundMethod(value, key) ?? objectAttribute(value, key);
}

/** The value at a path such as `a.b.0` (`map(attribute='a.b')`), or `undefined`. Undefined values end the path. */
export function readPath(value: unknown, path: unknown): unknown {
  let at: unknown = value;
  const steps = typeof path === 'string' ? path.split('.') : [path];
  for (const step of steps) {
    if (at === undefined || at instanceof Undefined) return at;
    at = readItem(at, typeof step === 'string' && /^\d+$/.test(step) ? Number(step) : step);
  }
  return at;
}

function objectAttribute(value: unknown, name: string): unknown {
  if (value instanceof Tuple) return value.named(name);
  return value instanceof PyObject ? value.attribute(name) : undefined;
}

function boundMethod(value: unknown, name: string): Callable | undefined {
  const method = methodOf(value, name);
  if (method === undefined) return undefined;
  return new Callable(name, (runtime, args, keywords) =>
    callBuiltin(runtime, method, `method '${name}'`, [value, ...args], keywords),
  );
}
