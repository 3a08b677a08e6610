/** Splits a command line into words as a POSIX shell would, without expanding anything. */

/** One word and where the text after it begins. */
export interface Word {
  readonly text: string;
  /** Offset, in UTF-16 code units, of the first character behind the word. */
  readonly endOffset: number;
}

/** Why a text cannot be split: a quote that is not closed, or a backslash at the very end. */
export type SplitProblem = 'unclosed quote' | 'backslash at the end';

/**
 * The words of a command line. Quotes of both kinds group, a backslash takes the next character as it is (inside double
 * quotes only before `"` and `\`); `#` is an ordinary character. Returns the problem's name instead when there is one.
 *
 * @see https://docs.python.org/3/library/shlex.html#parsing-rules (POSIX mode), whose result it gives
 */
export function splitWords(line: string): readonly Word[] | SplitProblem {
  const words: Word[] = [];
  let i = 0;
  while (i < line.length) {
    if (isBlank(line[i])) {
      i++;
      continue;
    }
    let text = '';
    while (i < line.length && !isBlank(line[i])) {
      const char = line[i];
      if (char === '\\') {
        if (i + 1 >= line.length) return 'backslash at the end';
        text += line[i + 1];
        i += 2;
      } else if (char === "'") {
        const close = line.indexOf("'", i + 1);
        if (close < 0) return 'unclosed quote';
        text += line.slice(i + 1, close);
        i = close + 1;
      } else if (char === '"') {
        const end = readDoubleQuoted(line, i + 1);
        if (end === undefined) return 'unclosed quote';
        text += end.text;
        i = end.endOffset;
      } else {
        text += char;
        i++;
      }
    }
    words.push({ text, endOffset: i });
  }
  return words;
}

function readDoubleQuoted(line: string, start: number): Word | undefined {
  let text = '';
  for (let i = start; i < line.length; i++) {
    const char = line[i];
    if (char === '"') return { text, endOffset: i + 1 };
    const next = line[i + 1];
    if (char === '\\' && (next === '"' || next === '\\')) {
      text += next;
      i++;
    } else {
      text += char;
    }
  }
  return undefined;
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
