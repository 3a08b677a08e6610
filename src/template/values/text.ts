/** Python's `str()` and `repr()` of values. */
import { Secret } from '../../util/secret.ts';
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { dictEntries, isDict } from './dict.ts';
import { floatText, isInt, PyFloat } from './numbers.ts';
import { PyObject } from './object.ts';
import { Tuple } from './tuple.ts';
import { Undefined } from './undefined.ts';

/** Deepest nesting of lists and dicts that is printed or compared; deeper ones are loops or attacks. */
export const MAX_DEPTH = 200;

/**
 * The text of a value, as Python's `str()` gives it: `True`, `None`, `1.0`, `[1, 'a']`, `{'a': 1}`.
 *
 * @throws TEMPLATE_UNDEFINED when the value is, or holds, an undefined one
 */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof PyObject) return value.text();
  return value instanceof Undefined ? value.settle() : toRepr(value);
}

/** The value as Python source, as `repr()` gives it: text is quoted. */
export function toRepr(value: unknown, depth = 0): string {
  if (typeof value === 'string') return quoteText(value);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (isInt(value)) return String(value);
  if (typeof value === 'number') return floatText(value);
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof Undefined) return toRepr(value.settle(), depth);
  if (depth > MAX_DEPTH) fail(`The value is nested deeper than ${MAX_DEPTH} levels and cannot be made text`);
  if (Array.isArray(value)) {
    const items = reprs(value, (item) => toRepr(item, depth + 1));
    if (!(value instanceof Tuple)) return `[${items}]`;
    return value.length === 1 ? `(${items},)` : `(${items})`;
  }
  if (isDict(value)) {
    return `{${reprs(dictEntries(value), ([k, v]) => `${toRepr(k, depth + 1)}: ${toRepr(v, depth + 1)}`)}}`;
  }
  if (value instanceof PyObject) return value.repr();
  return value instanceof Secret ? value.toString() : '<object>';
}

// Values may hold the same list many times over, so the text is measured while it grows.
function reprs<T>(items: readonly T[], repr: (item: T) => string): string {
  let text = '';
  for (const item of items) {
    tick(1);
    text += text === '' ? repr(item) : `, ${repr(item)}`;
    if (text.length > MAX_TEXT_SIZE) fail(`Expected a text of at most ${MAX_TEXT_SIZE} characters`);
  }
  return text;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoteText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'"]|[^\P{C}]|[^\P{Z} ]/gu, (char) => {
    if (char === '\\') return '\\\\';
    if (char === "'" || char === '"') return char === quote ? `\\${char}` : char;
    return NAMED_ESCAPES[char] ?? numericEscape(char.codePointAt(0) ?? 0);
  });
  return `${quote}${escaped}${quote}`;
}

function numericEscape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
