/** Makes text that came from a host harmless for the operator's terminal. */

// Everything that a terminal acts on: C0 but newline and tab, DEL, C1, and the marks that reorder text (bidi) or break lines.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text with control characters shown as escapes (`\x1b`, `\u202e`), newlines and tabs kept. A host cannot move the
 * cursor, set the title, recolour or hide anything with it.
 */
export function safeText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, escapeChar);
}

/** The same on one line: newlines become `\n`, tabs a space; cut to `maxChars` with `…` when longer. */
export function safeLine(text: string, maxChars = Number.POSITIVE_INFINITY): string {
  const line = safeText(text.trim()).replaceAll('\n', '\\n').replaceAll('\t', ' ');
  return line.length <= maxChars ? line : `${line.slice(0, Math.max(0, maxChars - 1))}…`;
}

function escapeChar(char: string): string {
  if (char === '\r') return '\\r';
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
