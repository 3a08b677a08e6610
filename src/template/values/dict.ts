/**
 * Python's dict in its three forms: a plain object (string keys), a Map (other keys, or string keys that JavaScript
 * would reorder), a {@link LazyDict} (values computed when read). Only own data is ever seen, never a prototype.
 */
import { fail } from '../failure.ts';
import { asNumeric, numberOf, PyFloat } from './numbers.ts';
import { Tuple } from './tuple.ts';

/** A dict whose values are computed when read (`hostvars`): subclass it in whoever owns the data. */
export abstract class LazyDict {
  /** The value, or `undefined` when there is no such key. */
  abstract get(key: string): unknown;
  abstract keys(): Iterable<string>;

  has(key: string): boolean {
    for (const known of this.keys()) if (known === key) return true;
    return false;
  }
}

export type PlainDict = Record<string, unknown>;
export type Dict = PlainDict | Map<unknown, unknown> | LazyDict;

export function isPlainDict(value: unknown): value is PlainDict {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isDict(value: unknown): value is Dict {
  return isPlainDict(value) || value instanceof Map || value instanceof LazyDict;
}

/** The value under a key, or `undefined` when the key is absent. */
export function dictGet(dict: Dict, key: unknown): unknown {
  if (dict instanceof LazyDict) return typeof key === 'string' ? dict.get(key) : undefined;
  if (dict instanceof Map) {
    if (dict.has(key)) return dict.get(key);
    return typeof key === 'string' ? undefined : findByEquality(dict, key);
  }
  return typeof key === 'string' && Object.hasOwn(dict, key) ? dict[key] : undefined;
}

export function dictHas(dict: Dict, key: unknown): boolean {
  if (dict instanceof LazyDict) return typeof key === 'string' && dict.has(key);
  if (dict instanceof Map) return dict.has(key) || (typeof key !== 'string' && findByEquality(dict, key) !== undefined);
  return typeof key === 'string' && Object.hasOwn(dict, key);
}

export function dictKeys(dict: Dict): unknown[] {
  if (dict instanceof Map || dict instanceof LazyDict) return [...dict.keys()];
  return Object.keys(dict);
}

export function dictValues(dict: Dict): unknown[] {
  if (dict instanceof Map) return [...dict.values()];
  if (dict instanceof LazyDict) return [...dict.keys()].map((key) => dict.get(key));
  return Object.values(dict);
}

export function dictEntries(dict: Dict): [unknown, unknown][] {
  if (dict instanceof Map) return [...dict.entries()];
  if (dict instanceof LazyDict) return [...dict.keys()].map((key) => [key, dict.get(key)]);
  return Object.entries(dict);
}

export function dictSize(dict: Dict): number {
  if (dict instanceof Map) return dict.size;
  if (dict instanceof LazyDict) return [...dict.keys()].length;
  return Object.keys(dict).length;
}

/** A new dict with these entries, later ones winning; a plain object wherever its keys and their order allow. */
export function makeDict(entries: Iterable<readonly [unknown, unknown]>): PlainDict | Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  let isPlain = true;
  for (const [key, value] of entries) {
    const found = map.has(key) || typeof key === 'string' ? key : (existingKey(map, key) ?? key);
    map.set(found, value);
    // JavaScript lists integer-like keys first whatever the order of insertion; a Map keeps Python's order.
    if (typeof key !== 'string' || /^\d+$/.test(key)) isPlain = false;
  }
  if (!isPlain) return map;
  const dict: PlainDict = Object.create(null);
  for (const [key, value] of map) dict[String(key)] = value;
  return dict;
}

/** The key itself; refuses what Python cannot have as a key. */
export function checkKey(key: unknown): unknown {
  if (isDict(key) || (Array.isArray(key) && !(key instanceof Tuple))) {
    fail(`A ${isDict(key) ? 'dict' : 'list'} cannot be a key of a dict`);
  }
  return key;
}

function findByEquality(map: Map<unknown, unknown>, key: unknown): unknown {
  const found = existingKey(map, key);
  return found === undefined ? undefined : map.get(found);
}

// 1, 1.0 and True are one key in Python, and tuples are keys by value; JavaScript's Map tells them apart.
function existingKey(map: Map<unknown, unknown>, key: unknown): unknown {
  for (const known of map.keys()) if (keysEqual(known, key)) return known;
  return undefined;
}

function keysEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Tuple && b instanceof Tuple) {
    return a.length === b.length && a.every((item, i) => keysEqual(item, b[i]));
  }
  if (typeof a === 'bigint' || typeof b === 'bigint') return a === b;
  if (!isKeyNumber(a) || !isKeyNumber(b)) return false;
  const left = asNumeric(a);
  const right = asNumeric(b);
  return left !== undefined && right !== undefined && numberOf(left) === numberOf(right);
}

function isKeyNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof PyFloat;
}
