/** Where a character of a scalar's value stands in the file, whatever style the scalar is written in. */

/** How many characters of the file one character of the value may be behind: escapes, comment marks, indentation. */
const MAX_SKIPPED = 400;

/**
 * Offset in `source` of the character at `valueOffset` of a value that begins at `start`. Quoting, folding and
 * indentation only add characters, so both are walked together; undefined when they part: the value stands elsewhere.
 *
 * @param value - the scalar's value, or a piece of its text
 */
export function placeInSource(source: string, start: number, value: string, valueOffset: number): number | undefined {
  // As most values are written, and all template files.
  if (source.startsWith(value.slice(0, valueOffset + 1), start)) return start + valueOffset;
  let at = start;
  for (let i = 0; i < valueOffset; i++) {
    const char = value[i] ?? '';
    if (isBlank(char)) continue;
    const found = find(source, at, char);
    if (found === undefined) return undefined;
    at = found + 1;
  }
  // Blanks may have become a line break and indentation, or stand as they are.
  for (let i = valueOffset - 1; i >= 0 && isBlank(value[i] ?? '') && source[at] === value[i]; i--) at++;
  if (valueOffset >= value.length) return at;
  const next = value[valueOffset] ?? '';
  return isBlank(next) ? at : (find(source, at, next) ?? at);
}

/**
 * Where a value stands that is the one at `start` or one within it (an item of a list, a value of a map): the offset in
 * `source` of the first place from there on that holds the whole of it, as a value may stand. Undefined: there is none.
 */
export function findValue(source: string, start: number, value: string): number | undefined {
  const text = value.trimEnd();
  if (text === '') return undefined;
  const holdsIt = (at: number): boolean => placeInSource(source, at, text, text.length) !== undefined;
  if (holdsIt(start)) return start;
  const end = start + MAX_SEARCHED;
  const first = text.charAt(0);
  for (let at = source.indexOf(first, start); at >= 0 && at < end; at = source.indexOf(first, at + 1)) {
    if (beginsValue(source, at) && holdsIt(at)) return at;
  }
  return undefined;
}

/** Characters of the file that are looked through for a value within another. */
const MAX_SEARCHED = 20_000;

// Behind a key, a dash, an opening bracket, a comma, `name=`, at the head of a line; there may be a quote before it.
function beginsValue(source: string, at: number): boolean {
  const line = source.slice(source.lastIndexOf('\n', at - 1) + 1, at);
  return /(?:^\s*|(?:^|\s)-\s+|[:,[{]\s*|=)["']?$/.test(line);
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
