/** Ansible's `bool`: the words that mean yes. */
import { YES_WORDS } from '../../util/boolean-word.ts';
import { asNumeric, numberOf } from './numbers.ts';

/** True for True, 1 and the words yes, on, true, y, t, 1 in any case; False for everything else; None stays None. */
export function ansibleBool(value: unknown): boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return YES_WORDS.has(value.toLowerCase());
  const numeric = asNumeric(value);
  return numeric !== undefined && numberOf(numeric) === 1;
}
