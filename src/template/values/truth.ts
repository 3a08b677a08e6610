/** Python's truth, equality and order of values. */
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { type Dict, dictEntries, dictGet, dictHas, dictSize, isDict } from './dict.ts';
import { typeName } from './kinds.ts';
import { asNumeric, type Numeric, PyFloat } from './numbers.ts';
import { PyObject } from './object.ts';
import { MAX_DEPTH } from './text.ts';
import { Tuple } from './tuple.ts';
import { requireDefined, Undefined } from './undefined.ts';

/**
 * Whether Python takes the value for true: false are None, False, 0, '' and empty containers.
 *
 * @throws TEMPLATE_UNDEFINED for an undefined value
 */
export function truthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (value === null || value === undefined) return false;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Undefined) return value.settle() !== '';
  if (value instanceof PyFloat) return value.value !== 0;
  return isDict(value) ? dictSize(value) > 0 : true;
}

/** Python's `==`: by value, numbers of all kinds alike, a list never equal to a tuple. */
export function equals(a: unknown, b: unknown, depth = 0): boolean {
  if (a instanceof Undefined || b instanceof Undefined) return equals(requireDefined(a), requireDefined(b), depth);
  if (a === b) return true;
  if (typeof a === 'string' || typeof b === 'string' || a === null || b === null) return false;
  const left = asNumeric(a);
  if (left !== undefined) {
    const right = asNumeric(b);
    return right !== undefined && compareNumbers(left, right) === 0;
  }
  if (depth > MAX_DEPTH) fail(`The values are nested deeper than ${MAX_DEPTH} levels and cannot be compared`);
  tick(1);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length || a instanceof Tuple !== b instanceof Tuple) return false;
    return a.every((item, i) => equals(item, b[i], depth + 1));
  }
  if (a instanceof PyObject) return a.order(b) === 0;
  return isDict(a) && isDict(b) && dictsEqual(a, b, depth);
}

/**
 * Order of two values: negative, 0, positive; NaN when one is not a number.
 *
 * @throws TEMPLATE_ERROR when Python has no order between the two types (`1 < 'a'`)
 */
export function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a instanceof Undefined || b instanceof Undefined) return compare(requireDefined(a), requireDefined(b));
  const left = asNumeric(a);
  const right = asNumeric(b);
  if (left !== undefined && right !== undefined) return compareNumbers(left, right);
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) if (!equals(a[i], b[i])) return compare(a[i], b[i]);
    return a.length - b.length;
  }
  const order = a instanceof PyObject ? a.order(b) : undefined;
  if (order !== undefined) return order;
  const hint = left !== undefined || right !== undefined ? "make both numbers, for example with '| int'" : undefined;
  fail(`Cannot order ${typeName(a)} and ${typeName(b)}`, hint);
}

// By code point, as Python orders text; UTF-16 order differs only when a surrogate meets U+E000 and above.
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return (a.codePointAt(i) ?? left) - (b.codePointAt(i) ?? right) || left - right;
  }
  return a.length - b.length;
}

function compareNumbers(a: Numeric, b: Numeric): number {
  const left = a instanceof PyFloat ? a.value : a;
  const right = b instanceof PyFloat ? b.value : b;
  if (left < right) return -1;
  if (left > right) return 1;
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals the number of the same value only by ==
  return left == right ? 0 : Number.NaN;
}

function dictsEqual(a: Dict, b: Dict, depth: number): boolean {
  if (dictSize(a) !== dictSize(b)) return false;
  return dictEntries(a).every(([key, value]) => dictHas(b, key) && equals(value, dictGet(b, key), depth + 1));
}
