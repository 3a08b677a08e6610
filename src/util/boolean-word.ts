/** The words for yes and no: one list for keywords, variables, settings and the filter `bool`. */

/** What Ansible takes for true; in lower case. */
export const YES_WORDS: ReadonlySet<string> = new Set(['true', 'yes', 'on', '1', 'y', 't']);
const NO_WORDS: ReadonlySet<string> = new Set(['false', 'no', 'off', '0', 'n', 'f']);

/** The boolean that a value is or that its word means, whatever its case; undefined for anything else. */
export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  // Numbers with a decimal point may have become text.
  const word = String(value)
    .trim()
    .toLowerCase()
    .replace(/^([01])\.0$/, '$1');
  if (YES_WORDS.has(word)) return true;
  return NO_WORDS.has(word) ? false : undefined;
}
