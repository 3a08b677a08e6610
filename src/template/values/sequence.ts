/** Iterating, measuring, indexing and slicing, with Python's rules: code points, negative indexes, clamped slices. */
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { MAX_ITEMS } from '../runtime.ts';
import { dictKeys, dictSize, isDict } from './dict.ts';
import { typeName } from './kinds.ts';
import { asNumeric, isFloat, numberOf } from './numbers.ts';
import { Tuple, tupleOf } from './tuple.ts';
import { requireDefined, Undefined } from './undefined.ts';

const SURROGATE = /[\ud800-\udfff]/;

/** The characters of a text as Python counts them. */
export function codePoints(text: string): string | readonly string[] {
  return SURROGATE.test(text) ? [...text] : text;
}

/**
 * What `for` goes over: the items of a list, the characters of a text, the keys of a dict.
 *
 * @returns the list itself when it is one: not to be changed
 * @throws TEMPLATE_ERROR for a value that Python cannot iterate
 */
export function iterate(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    tick(value.length);
    return value;
  }
  if (typeof value === 'string') {
    tick(value.length);
    return [...value];
  }
  if (isDict(value)) return dictKeys(value);
  if (value instanceof Undefined) return iterate(value.settle());
  fail(`Expected a list to go over, got ${article(typeName(value))}`);
}

export function isIterable(value: unknown): boolean {
  return Array.isArray(value) || typeof value === 'string' || isDict(value);
}

/** Python's `len()`. */
export function lengthOf(value: unknown): number {
  if (typeof value === 'string') return codePoints(value).length;
  if (Array.isArray(value)) return value.length;
  if (isDict(value)) return dictSize(value);
  if (value instanceof Undefined) return lengthOf(value.settle());
  fail(`Expected something with a length, got ${article(typeName(value))}`);
}

/** The item at an index, counted from the end when negative; `undefined` when there is none. */
export function itemAt(sequence: string | readonly unknown[], index: number): unknown {
  const items = typeof sequence === 'string' ? codePoints(sequence) : sequence;
  return items[index < 0 ? index + items.length : index];
}

/** `value[start:stop:step]` of a text, list or tuple; each part may be null. */
export function slice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (value instanceof Undefined) return value;
  if (typeof value !== 'string' && !Array.isArray(value)) fail(`Cannot slice ${article(typeName(value))}`);
  const items = typeof value === 'string' ? codePoints(value) : (value as readonly unknown[]);
  const stride = sliceIndex(step) ?? 1;
  if (stride === 0) fail('The step of a slice cannot be 0');
  const size = items.length;
  const [low, high] = stride > 0 ? [0, size] : [-1, size - 1];
  const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, low), high);
  const first = sliceIndex(start);
  const last = sliceIndex(stop);
  const from = first === undefined ? (stride > 0 ? low : high) : clamp(first);
  const to = last === undefined ? (stride > 0 ? high : low) : clamp(last);
  if (stride === 1 && typeof items === 'string') return items.slice(from, Math.max(from, to));
  const taken: unknown[] = [];
  for (let i = from; stride > 0 ? i < to : i > to; i += stride) taken.push(items[i]);
  if (typeof value === 'string') return taken.join('');
  return value instanceof Tuple ? tupleOf(taken) : taken;
}

/** Refuses to make more items than a template may; `what` names them. */
export function checkItemCount(count: number, what: string): void {
  if (count > MAX_ITEMS) fail(`Expected ${what} to have at most ${MAX_ITEMS} items, got ${count}`);
}

/** A whole number for an argument or index (True is 1). */
export function wholeNumber(value: unknown, what: string): number {
  const numeric = isFloat(value) ? undefined : asNumeric(requireDefined(value));
  if (numeric === undefined) fail(`Expected ${what} to be an int, got ${article(typeName(value))}`);
  return numberOf(numeric);
}

/** The type with its article, for messages: `an int`. */
export function article(noun: string): string {
  return noun === 'NoneType' ? 'None' : `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

function sliceIndex(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : wholeNumber(value, 'a slice index');
}
