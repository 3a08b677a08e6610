/**
 * Pattern lists of ssh_config: `*` stands for any characters, `?` for exactly one, and `!` in front takes a match back.
 *
 * @see ssh_config(5), PATTERNS
 */

/** One pattern, ready to be asked about thousands of names. */
export interface Pattern {
  readonly isNegated: boolean;
  /** The text itself when it has no wildcard; it can be looked up instead of asked. */
  readonly literal?: string;
  matches(text: string): boolean;
}

export function compilePattern(text: string): Pattern {
  const isNegated = text.startsWith('!');
  const body = isNegated ? text.slice(1) : text;
  if (!/[*?]/.test(body)) return { isNegated, literal: body, matches: (other) => other === body };
  const source = body
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\*?]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`));
  const regex = new RegExp(`^${source}$`, 's');
  return { isNegated, matches: (other) => regex.test(other) };
}

/** Patterns separated by commas. */
export function compilePatternList(text: string): readonly Pattern[] {
  return text.split(',').map(compilePattern);
}

/** Whether a name matches one of the patterns and none of the negated ones. */
export function matchesAny(patterns: readonly Pattern[], text: string): boolean {
  let isMatch = false;
  for (const pattern of patterns) {
    if (!pattern.matches(text)) continue;
    if (pattern.isNegated) return false;
    isMatch = true;
  }
  return isMatch;
}
