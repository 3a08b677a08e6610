/** Ansible's `bool`: the words that mean yes. */
import { asNumeric, numberOf } from './numbers.ts';

const YES = new Set(['yes', 'on', '1', 'true', 'y', 't']);

/** True for True, 1 and the words yes, on, true, y, t, 1 in any case; False for everything else; None stays None. */
export function ansibleBool(value: unknown): boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return YES.has(value.toLowerCase());
  const numeric = asNumeric(value);
  return numeric !== undefined && numberOf(numeric) === 1;
}
