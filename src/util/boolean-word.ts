/** The words for yes and no in settings and keywords. */

/** The boolean that a value is or that its word means; undefined for anything else. */
export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = String(value).toLowerCase();
  if (['true', 'yes', 'on', '1', 'y', 't'].includes(word)) return true;
  return ['false', 'no', 'off', '0', 'n', 'f'].includes(word) ? false : undefined;
}
