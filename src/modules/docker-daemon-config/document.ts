/** The text of daemon.json: read with places in errors, merged, and written as it was laid out; pure. */

import { ModuleError } from '../../errors.ts';
import { brokenAt } from './json-place.ts';

export type Settings = Readonly<Record<string, unknown>>;

/**
 * Parses the file. An absent or empty one has no settings.
 *
 * @throws {@link ModuleError} with line and column when it is no JSON object
 */
export function parseDocument(text: string, path: string): Settings {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw broken(path, placeOf(brokenAt(body), body));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Settings;
  throw broken(path, `:1:1: ${Array.isArray(value) ? 'a list' : `a ${value === null ? 'null' : typeof value}`}`);
}

/** Maps are merged, all else is replaced, null removes. */
export function mergeSettings(present: Settings, wanted: Settings): Settings {
  const merged: Record<string, unknown> = { ...present };
  for (const [key, value] of Object.entries(wanted)) {
    const old = merged[key];
    if (value === null) delete merged[key];
    else if (isMap(value)) merged[key] = mergeSettings(isMap(old) ? old : {}, value);
    else merged[key] = value;
  }
  return merged;
}

/** The text of the settings, indented as the text before. */
export function printDocument(settings: Settings, before: string): string {
  const indent = /\n([ \t]+)"/.exec(before)?.[1] ?? '  ';
  return `${JSON.stringify(settings, null, indent)}\n`;
}

/** The keys whose values differ, in the order of the new settings, those that are gone last. */
export function changedKeys(before: Settings, after: Settings): string[] {
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return keys.filter((key) => !isSame(before[key], after[key]));
}

/** Whether two values are the same JSON, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
}

function isMap(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(path: string, found: string): ModuleError {
  return new ModuleError(
    `expected ${path} to be a JSON object, found ${path}${found}; it was left as it is`,
    { path },
    { hint: 'mend the file first: the daemon would not start with it either' },
  );
}

// `:2:12: 'tru}'`, with what stands there.
function placeOf(offset: number, text: string): string {
  const lines = text.slice(0, offset).split('\n');
  const rest = (text.slice(offset).split('\n', 1)[0] ?? '').slice(0, MAX_EXCERPT).trim();
  const what = text.slice(offset).trim() === '' ? 'the end of the file' : rest === '' ? 'a line end' : `'${rest}'`;
  return `:${lines.length}:${(lines.at(-1) ?? '').length + 1}: ${what}`;
}

const MAX_EXCERPT = 20;
