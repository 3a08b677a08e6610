/** The words that Ansible takes for true and false wherever a boolean is expected. */

const TRUE_WORDS: ReadonlySet<string> = new Set(['yes', 'y', 'on', 'true', 't', '1', '1.0']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['no', 'n', 'off', 'false', 'f', '0', '0.0']);

/** Whether the text means true; case and surrounding blanks do not matter. */
export function isTrueWord(text: string): boolean {
  return TRUE_WORDS.has(text.trim().toLowerCase());
}

/** Whether the text means false; a text may mean neither. */
export function isFalseWord(text: string): boolean {
  return FALSE_WORDS.has(text.trim().toLowerCase());
}
