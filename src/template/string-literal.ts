/** String literals of expressions, with Python's escapes. */
import { SHORT_ESCAPES } from '../util/short-escapes.ts';
import { failSyntax } from './failure.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  ...SHORT_ESCAPES,
};

/**
 * Reads the literal that starts at `start` (its quote).
 *
 * @param literalBackslashes - a backslash stands for itself; it still keeps the quote after it from closing the literal
 * @returns the value and the offset after the closing quote
 */
export function readStringLiteral(
  text: string,
  start: number,
  literalBackslashes: boolean,
): { value: string; end: number } {
  const quote = text[start];
  let at = start + 1;
  let hasEscape = false;
  while (at < text.length && text[at] !== quote) {
    if (text[at] === '\\') {
      hasEscape = true;
      at++;
    }
    at++;
  }
  if (at >= text.length) failSyntax(`Expected ${quote} to close the text that starts here`, start);
  const body = text.slice(start + 1, at).replace(/\r\n?/g, '\n');
  return { value: hasEscape && !literalBackslashes ? unescapeText(body, start) : body, end: at + 1 };
}

function unescapeText(body: string, offset: number): string {
  return body.replace(
    /\\(?:x([\da-fA-F]{0,2})|u([\da-fA-F]{0,4})|U([\da-fA-F]{0,8})|([0-7]{1,3})|([\s\S]))/g,
    (whole, x?: string, u?: string, long?: string, octal?: string, char?: string) => {
      if (char !== undefined) return SIMPLE[char] ?? whole;
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const digits = x ?? u ?? long ?? '';
      const expected = x !== undefined ? 2 : u !== undefined ? 4 : 8;
      const code = Number.parseInt(digits, 16);
      if (digits.length < expected || code > 0x10ffff) {
        failSyntax(`Expected ${expected} hexadecimal digits after '${whole.slice(0, 2)}'`, offset);
      }
      return String.fromCodePoint(code);
    },
  );
}
