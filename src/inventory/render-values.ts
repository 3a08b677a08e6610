/** Variables as people and programs see them outside: merged, without passwords, as JSON like Python's. */
import { dictEntries, isDict } from '../template/values/dict.ts';
import { floatText, PyFloat } from '../template/values/numbers.ts';
import { toText } from '../template/values/text.ts';
import { REDACTED } from '../util/redact.ts';
import { vaultTextOf } from '../util/vaulted-value.ts';
import type { VarsLayer } from './types.ts';

/** Connection variables whose values are secrets. */
const SECRET_VARS =
  /^ansible_(?:(?:ssh_|become_|sudo_|su_)?pass(?:word)?|ssh_private_key_passphrase|become_method_password|vault_password)$/;

/** All variables of some layers by name, in name order; later layers win, passwords are `[REDACTED]`. */
export function mergeLayers(layers: readonly VarsLayer[]): Map<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const { vars } of layers) for (const [name, value] of Object.entries(vars)) merged.set(name, value);
  return new Map(
    [...merged]
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, value]) => [name, SECRET_VARS.test(name) && value !== null ? REDACTED : value]),
  );
}

/** Pretty JSON with sorted keys; floats that are whole keep their `.0`, integers all their digits. */
export function toSortedJson(value: unknown, indent = ''): string {
  const inner = `${indent}    `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => inner + toSortedJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (value instanceof PyFloat) return floatText(value.value);
  const vaultText = vaultTextOf(value);
  // Still encrypted, in the form that inventory scripts use.
  if (vaultText !== undefined) return toSortedJson({ __ansible_vault: vaultText }, indent);
  if (isDict(value)) {
    const entries = dictEntries(value)
      .map(([key, item]): [string, unknown] => [keyText(key), item])
      .sort(([a], [b]) => compareText(a, b));
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${toSortedJson(item, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** Order of code points, as Python sorts. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

// JSON's words for what is no text in Python either.
function keyText(key: unknown): string {
  return key === null || typeof key === 'boolean' ? String(key) : toText(key);
}
