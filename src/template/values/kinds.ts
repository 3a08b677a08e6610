/** Names of kinds, as messages and `type_debug` say them. */
import { Secret } from '../../util/secret.ts';
import { isDict } from './dict.ts';
import { isInt, PyFloat } from './numbers.ts';
import { PyObject } from './object.ts';
import { Tuple } from './tuple.ts';
import { Undefined } from './undefined.ts';

/** Python's name of the value's type: `int`, `str`, `NoneType`, `dict` … */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isInt(value)) return 'int';
  if (typeof value === 'number' || value instanceof PyFloat) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (isDict(value)) return 'dict';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof PyObject) return value.typeName;
  if (value instanceof Secret) return 'secret';
  return 'object';
}

/** The value with its type for a message, cut short: `'abc' (str)`. */
export function describe(value: unknown, text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return `${shown} (${typeName(value)})`;
}
