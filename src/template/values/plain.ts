/** Values of expressions -> plain JSON data, for results and reports. */
import { fail } from '../failure.ts';
import { dictEntries, isDict } from './dict.ts';
import { PyFloat } from './numbers.ts';
import { PyObject } from './object.ts';
import { MAX_DEPTH, toText } from './text.ts';
import { Undefined } from './undefined.ts';

/**
 * The value as JSON data: floats and ints as numbers, ints beyond 2^53 as text, tuples as arrays, dicts as objects with
 * text keys, dates as text. Other objects (secrets) are kept: they say themselves what JSON they are.
 *
 * @throws TEMPLATE_UNDEFINED when an undefined value is in it
 */
export function toPlain(value: unknown, depth = 0): unknown {
  if (value instanceof Undefined) return value.settle();
  if (value === undefined) return null;
  // JSON's readers would round it; as text it stays exact.
  if (typeof value === 'bigint') return String(value);
  if (value instanceof PyFloat) return value.value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) fail(`The value is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return Array.from(value, (item) => toPlain(item, depth + 1));
  if (isDict(value)) {
    const plain: Record<string, unknown> = {};
    for (const [key, item] of dictEntries(value)) setOwn(plain, plainKey(key), toPlain(item, depth + 1));
    return plain;
  }
  return value instanceof PyObject ? value.text() : value;
}

/** A dict's key as JSON writes it: `true`, `null`, otherwise its text. */
export function plainKey(key: unknown): string {
  if (typeof key === 'string') return key;
  return key === null || typeof key === 'boolean' ? String(key) : toText(key);
}

// '__proto__' is a key like any other here and must not set a prototype.
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
