/** JSON text as Python's json module writes and reads it. */
import { fail } from './failure.ts';
import { tick } from './limits.ts';
import { MAX_TEXT_SIZE } from './runtime.ts';
import { dictEntries, isDict, makeDict } from './values/dict.ts';
import { floatText, isInt, PyFloat, toFloat, toInt } from './values/numbers.ts';
import { PyObject } from './values/object.ts';
import { plainKey } from './values/plain.ts';
import { MAX_DEPTH } from './values/text.ts';
import { Undefined } from './values/undefined.ts';

export interface JsonOptions {
  /** Spaces a level; undefined: all on one line. */
  readonly indent?: number;
  readonly sortKeys?: boolean;
  /** Whether characters beyond ASCII stay; by default they are written as `\uXXXX`. */
  readonly keepsUnicode?: boolean;
  readonly itemSeparator?: string;
  readonly keySeparator?: string;
}

/** @throws TEMPLATE_UNDEFINED when an undefined value is in it, TEMPLATE_ERROR when it is too deep */
export function toJsonText(value: unknown, options: JsonOptions = {}): string {
  return write(value, options, 0);
}

/**
 * Reads JSON; whole floats (`1.0`) stay floats, ints beyond 2^53 stay exact.
 *
 * @throws SyntaxError when it is no JSON
 */
export function fromJsonText(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value === 'number') return readNumber(value, context?.source);
    return isDict(value) ? makeDict(dictEntries(value)) : value;
  });
}

function readNumber(value: number, source: string | undefined): unknown {
  if (source === undefined) return value;
  return /[.eE]/.test(source) ? toFloat(value) : toInt(BigInt(source));
}

function write(value: unknown, options: JsonOptions, depth: number): string {
  tick(1);
  const text = writeValue(value, options, depth);
  if (text.length > MAX_TEXT_SIZE) fail(`Expected JSON of at most ${MAX_TEXT_SIZE} characters`);
  return text;
}

function writeValue(value: unknown, options: JsonOptions, depth: number): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quote(value, options);
  if (isInt(value)) return String(value);
  if (typeof value === 'number') return jsonFloat(value);
  if (value instanceof PyFloat) return jsonFloat(value.value);
  if (value instanceof Undefined) return quote(value.settle(), options);
  if (depth > MAX_DEPTH) fail(`The value is nested deeper than ${MAX_DEPTH} levels and cannot be made JSON`);
  if (Array.isArray(value)) {
    return enclose(
      '[',
      ']',
      measured(value, (item) => write(item, options, depth + 1)),
      options,
      depth,
    );
  }
  if (isDict(value)) {
    const entries = dictEntries(value).map(([key, item]) => [plainKey(key), item] as const);
    if (options.sortKeys === true) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const separator = options.keySeparator ?? ': ';
    const members = measured(
      entries,
      ([key, item]) => quote(key, options) + separator + write(item, options, depth + 1),
    );
    return enclose('{', '}', members, options, depth);
  }
  if (value instanceof PyObject) return quote(value.text(), options);
  return JSON.stringify(value) ?? 'null';
}

// Values may hold the same list many times over, so the texts are measured as they are made.
function measured<T>(items: readonly T[], text: (item: T) => string): string[] {
  let size = 0;
  return Array.from(items, (item) => {
    const written = text(item);
    size += written.length;
    if (size > MAX_TEXT_SIZE) fail(`Expected JSON of at most ${MAX_TEXT_SIZE} characters`);
    return written;
  });
}

function enclose(open: string, close: string, items: readonly string[], options: JsonOptions, depth: number): string {
  if (items.length === 0) return open + close;
  if (options.indent === undefined) return open + items.join(options.itemSeparator ?? ', ') + close;
  const inner = `\n${' '.repeat(options.indent * (depth + 1))}`;
  const separator = (options.itemSeparator ?? ',') + inner;
  return `${open}${inner}${items.join(separator)}\n${' '.repeat(options.indent * depth)}${close}`;
}

function quote(text: string, options: JsonOptions): string {
  const json = JSON.stringify(text);
  if (options.keepsUnicode === true) return json;
  return json.replace(/[\x7f-\uffff]/g, (char) =>
    char === '\x7f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}
