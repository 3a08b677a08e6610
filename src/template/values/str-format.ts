/** Python's `'{}'.format(…)`. */
import { fail } from '../failure.ts';
import { dictGet, isDict } from './dict.ts';
import { formatValue, parseFormatSpec } from './format-spec.ts';
import { PyObject } from './object.ts';
import { itemAt } from './sequence.ts';
import { toRepr, toText } from './text.ts';
import { requireDefined } from './undefined.ts';

const FIELD = /^([^.[!:]*)((?:\.[^.[!:]+|\[[^\]]+\])*)(?:!([rsa]))?(?::([\s\S]*))?$/;

/** @throws TEMPLATE_ERROR when a field names a value that was not given, or the braces do not match */
export function formatBraces(
  format: string,
  values: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
): string {
  let automatic = 0;
  const field = (body: string): string => {
    const match = FIELD.exec(body);
    if (match === null) fail(`Cannot read the field '{${body}}' of the format`);
    const [, name = '', path = '', conversion, spec = ''] = match;
    const key = name === '' ? String(automatic++) : name;
    const start = /^\d+$/.test(key) ? values[Number(key)] : Object.hasOwn(named, key) ? named[key] : undefined;
    if (start === undefined) fail(`The format '${format}' needs a value for '{${key}}'`);
    const value = follow(start, path);
    const inner = spec.includes('{') ? formatBraces(spec, values.slice(automatic), named) : spec;
    const converted = conversion === undefined ? value : conversion === 's' ? toText(value) : toRepr(value);
    return formatValue(converted, parseFormatSpec(inner));
  };
  let result = '';
  let at = 0;
  while (at < format.length) {
    const char = format[at];
    if (char !== '{' && char !== '}') {
      result += char;
      at++;
    } else if (format[at + 1] === char) {
      result += char;
      at += 2;
    } else if (char === '}') {
      fail(`Unexpected '}' in the format '${format}'`, "write '}}' for a brace");
    } else {
      const end = closingBrace(format, at);
      result += field(format.slice(at + 1, end));
      at = end + 1;
    }
  }
  return result;
}

function follow(start: unknown, path: string): unknown {
  let value = start;
  for (const step of path.match(/\.[^.[]+|\[[^\]]+\]/g) ?? []) {
    const key = step.startsWith('.') ? step.slice(1) : step.slice(1, -1);
    const next = step.startsWith('.') ? attribute(value, key) : item(value, key);
    if (next === undefined) fail(`The format's value has no '${key}'`);
    value = requireDefined(next);
  }
  return value;
}

function attribute(value: unknown, name: string): unknown {
  return value instanceof PyObject ? value.attribute(name) : undefined;
}

function item(value: unknown, key: string): unknown {
  const index = /^\d+$/.test(key) ? Number(key) : undefined;
  if (isDict(value)) return dictGet(value, index ?? key);
  const isSequence = typeof value === 'string' || Array.isArray(value);
  return isSequence && index !== undefined ? itemAt(value, index) : undefined;
}

function closingBrace(format: string, start: number): number {
  let depth = 0;
  for (let at = start; at < format.length; at++) {
    if (format[at] === '{') depth++;
    if (format[at] === '}' && --depth === 0) return at;
  }
  return fail(`Expected '}' to close '{' in the format '${format}'`, "write '{{' for a brace");
}
