/** JSON as Python's programs mean it: integers of any size, floats apart from integers. */
import { makeDict } from '../template/values/dict.ts';
import { toFloat, toInt } from '../template/values/numbers.ts';

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * The value of a JSON text. `1.0` stays a float and integers beyond 2^53 keep their digits, as elsewhere in the
 * inventory.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseJson(text: string): unknown {
  const revive: Reviver = (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value;
    return /^-?\d+$/.test(source) ? toInt(BigInt(source)) : toFloat(value);
  };
  // The types of the standard library do not know the third argument yet.
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

/** The object's own entries when it is a JSON object, else undefined. */
export function jsonEntries(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype ? Object.entries(value) : undefined;
}

/** Variables from a JSON object, safe for every name; undefined when it is none. */
export function jsonVars(value: unknown): Record<string, unknown> | undefined {
  const entries = jsonEntries(value);
  if (entries === undefined) return undefined;
  const dict = makeDict(entries);
  return dict instanceof Map ? Object.fromEntries(entries) : dict;
}
