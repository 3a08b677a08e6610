/** Module arguments written as text: `src=a dest="b c"`, and free text with some `key=value` words (`ls creates=/x`). */
import { SHORT_ESCAPES } from '../util/short-escapes.ts';

export interface TextArgs {
  /** In the order they are written; the last of a name wins. Values are unquoted, their escapes resolved. */
  readonly pairs: ReadonlyMap<string, Pair>;
  /** What is left without the pairs, as it is written, a final line break too; empty when nothing is. */
  readonly rest: string;
  /** A quote or `{{` was opened and not closed; what follows it was taken as one word. */
  readonly isUnbalanced: boolean;
}

export interface Pair {
  readonly value: string;
  /** Offset of the word `name=value` in the text. */
  readonly start: number;
}

interface Word {
  readonly start: number;
  readonly end: number;
}

const PAIR_WORD = /^([A-Za-z_][\w.-]*)=([\s\S]*)$/;
const ESCAPE = /\\(?:U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([\\'"abfnrtv]))/g;

/**
 * Splits argument text into pairs and the rest. Words end at blanks outside of quotes and `{{ }}`, `{% %}`, `{# #}`.
 *
 * @param isOption - whether a word `name=…` is a pair; for free-form modules only their options are, `A=b make` is not
 */
export function splitArgsText(text: string, isOption: (name: string) => boolean): TextArgs {
  const { words, isUnbalanced } = splitIntoWords(text);
  const pairs = new Map<string, Pair>();
  let rest = '';
  let copiedTo = 0;
  // An unclosed quote swallows what follows: that word is not taken for a pair.
  for (const { start, end } of isUnbalanced ? words.slice(0, -1) : words) {
    const match = PAIR_WORD.exec(text.slice(start, end));
    const name = match?.[1];
    if (name === undefined || !isOption(name)) continue;
    pairs.set(name, { value: unquote(resolveEscapes(match?.[2] ?? '')), start });
    rest += text.slice(copiedTo, start);
    // The blanks behind a pair go with it, line breaks stay: they end a command of the script.
    copiedTo = end + (/^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0);
  }
  rest += text.slice(copiedTo);
  return { pairs, rest: rest.trimStart().replace(/[ \t]+$/, ''), isUnbalanced };
}

function splitIntoWords(text: string): { words: Word[]; isUnbalanced: boolean } {
  const words: Word[] = [];
  let start = -1;
  let quote = '';
  let closer = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    const two = text.slice(at, at + 2);
    if (closer !== '') {
      if (two === closer) {
        closer = '';
        at++;
      }
      continue;
    }
    if (two === '{{' || two === '{%' || two === '{#') {
      if (start === -1) start = at;
      closer = two === '{{' ? '}}' : `${two[1]}}`;
      at++;
      continue;
    }
    if (quote === '' && /\s/.test(char)) {
      if (start !== -1) words.push({ start, end: at });
      start = -1;
      continue;
    }
    if (start === -1) start = at;
    if (char === '\\') at++;
    else if (quote === char) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
  }
  if (start !== -1) words.push({ start, end: text.length });
  return { words, isUnbalanced: quote !== '' || closer !== '' };
}

function unquote(value: string): string {
  const quote = value[0];
  const isQuoted =
    value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote) && value.at(-2) !== '\\';
  return isQuoted ? value.slice(1, -1) : value;
}

// Ansible resolves these in every value of a pair, quoted or not.
function resolveEscapes(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(ESCAPE, (_, long, short, hex, octal, letter) => {
    const code = long ?? short ?? hex;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    return SHORT_ESCAPES[letter] ?? letter;
  });
}
