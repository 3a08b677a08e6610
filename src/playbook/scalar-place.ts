/** Where a character of a scalar's value stands in the file, whatever style the scalar is written in. */

/** How many characters of the file one character of the value may be behind: escapes, comment marks, indentation. */
const MAX_SKIPPED = 400;

/**
 * Offset in `source` of the character at `valueOffset` of a value that begins at `start`. Quoting, folding and
 * indentation only add characters, so both are walked together; where they part for good, `start` is the answer.
 *
 * @param value - the scalar's value, or a piece of its text
 */
export function placeInSource(source: string, start: number, value: string, valueOffset: number): number {
  let at = start;
  for (let i = 0; i < valueOffset; i++) {
    const char = value[i] ?? '';
    if (isBlank(char)) continue;
    const found = find(source, at, char);
    if (found === undefined) return start;
    at = found + 1;
  }
  // Blanks may have become a line break and indentation, or stand as they are.
  for (let i = valueOffset - 1; i >= 0 && isBlank(value[i] ?? '') && source[at] === value[i]; i--) at++;
  if (valueOffset >= value.length) return at;
  const next = value[valueOffset] ?? '';
  return isBlank(next) ? at : (find(source, at, next) ?? at);
}

function find(source: string, from: number, char: string): number | undefined {
  for (let at = from; at < source.length && at < from + MAX_SKIPPED; at++) {
    if (source[at] === char) return at;
    // Only what YAML itself adds may be stepped over.
    if (source[at] === '\\' && /[nrt]/.test(source[at + 1] ?? '')) at++;
    else if (!isBlank(source[at] ?? '') && source[at] !== '\\' && source[at] !== "'") return undefined;
  }
  return undefined;
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}
