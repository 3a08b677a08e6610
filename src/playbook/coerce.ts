/** Ansible's loose typing of module arguments: `"yes"` does for a boolean, `5` for text, `a,b` for a list. */

import { PyFloat } from '../template/index.ts';
import { toBoolean as wordToBoolean } from '../util/boolean-word.ts';
import { splitArgsText } from './args-text.ts';

/** The value in its new type, or nothing when it cannot be. */
export type Coerced = { readonly value: unknown } | undefined;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
};

/**
 * Turns a value into the first of the JSON Schema `types` it can be; one that already has one of the types stays as it
 * is. The item type of lists is the caller's affair.
 *
 * @see https://docs.ansible.com/ansible/latest/dev_guide/developing_program_flow_modules.html#argument-spec (`type`)
 */
export function coerce(value: unknown, types: readonly string[]): Coerced {
  if (types.length === 0 || types.some((type) => hasType(value, type))) return { value: plainNumber(value, types) };
  for (const type of types) {
    const coerced = coerceTo(value, type);
    if (coerced !== undefined) return coerced;
  }
  return undefined;
}

/** The types in words: "text or a list". */
export function expectedTypes(types: readonly string[]): string {
  return types
    .filter((type) => type !== 'null' || types.length === 1)
    .map((type) => EXPECTED[type] ?? type)
    .join(' or ');
}

function coerceTo(value: unknown, type: string): Coerced {
  switch (type) {
    case 'string':
      return toText(value);
    case 'boolean':
      return toBoolean(value);
    case 'integer':
      return toInteger(value);
    case 'number':
      return toNumber(value);
    case 'array':
      return toList(value);
    case 'object':
      return toMap(value);
    default:
      return undefined;
  }
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' || value instanceof PyFloat;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isPlainObject(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

// JSON Schema and modules know one kind of number only.
function plainNumber(value: unknown, types: readonly string[]): unknown {
  return value instanceof PyFloat && types.length > 0 ? value.value : value;
}

function toText(value: unknown): Coerced {
  if (typeof value === 'boolean') return { value: value ? 'True' : 'False' };
  if (value instanceof PyFloat) return { value: value.value.toFixed(1) };
  return typeof value === 'number' || typeof value === 'bigint' ? { value: String(value) } : undefined;
}

function toBoolean(value: unknown): Coerced {
  const text = value instanceof PyFloat ? value.value : value;
  if (typeof text !== 'string' && typeof text !== 'number') return undefined;
  const flag = wordToBoolean(text);
  return flag === undefined ? undefined : { value: flag };
}

function toInteger(value: unknown): Coerced {
  if (typeof value === 'boolean') return { value: value ? 1 : 0 };
  if (value instanceof PyFloat) return { value: value.value };
  if (typeof value !== 'string' || !/^\s*[-+]?\d+\s*$/.test(value)) return undefined;
  return { value: Number(value) };
}

function toNumber(value: unknown): Coerced {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : { value: number };
}

function toList(value: unknown): Coerced {
  if (typeof value === 'string') return { value: value.split(',') };
  const text = toText(value);
  return text && { value: [text.value] };
}

function toMap(value: unknown): Coerced {
  if (value instanceof Map) return { value: Object.fromEntries([...value].map(([key, item]) => [String(key), item])) };
  if (typeof value !== 'string') return undefined;
  if (value.trim().startsWith('{')) return parseJsonMap(value);
  const { pairs, rest } = splitArgsText(value.replaceAll(',', ' '), () => true);
  return pairs.size > 0 && rest === ''
    ? { value: Object.fromEntries([...pairs].map(([name, pair]) => [name, pair.value])) }
    : undefined;
}

function parseJsonMap(text: string): Coerced {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
