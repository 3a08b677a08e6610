/** Which quotes a text needs in YAML 1.1. */

import { resolvePlainScalar } from '../util/yaml-scalar.ts';

// Dates and the two special keys, which YAML 1.1 also reads as something other than a text.
const SPECIAL = /^(?:<<|=)$/;
const TIME = /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?$/;

/** Whether the text can stand without quotes and is read as the same text. */
export function isPlainText(text: string, isFlow: boolean): boolean {
  if (text === '' || /^[ ]|[ ]$|\n/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?](?:\s|$)/.test(text) || /:(?:\s|$)|\s#/.test(text)) return false;
  if (isFlow && (/[,?[\]{}:]/.test(text) || /^[?:]/.test(text))) return false;
  return resolvePlainScalar(text) === text && !SPECIAL.test(text) && !TIME.test(text);
}

/** Whether only double quotes can hold the text: control characters, or spaces before a line break. */
export function needsDoubleQuotes(text: string): boolean {
  return (
    /[^\n\x20-\x7e\x85\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(text) ||
    (/ \n|\n $|^ *\n* $/.test(text) && text.includes('\n'))
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

/** The text in double quotes, all on one line. */
export function doubleQuote(text: string): string {
  const body = text.replace(/["\\\x85\u00a0\u2028\u2029]|[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return (
      ESCAPES[char] ??
      (code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`)
    );
  });
  return `"${body}"`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}
