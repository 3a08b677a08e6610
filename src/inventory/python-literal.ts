/** Values of INI inventories are Python literals where they are one: `1`, `True`, `[1, 2]`, `{'a': None}`; else text. */
import { makeDict } from '../template/values/dict.ts';
import { toFloat, toInt } from '../template/values/numbers.ts';
import { tupleOf } from '../template/values/tuple.ts';

/**
 * The value of a text: what Python's literal syntax makes of the whole of it (a trailing `# comment` is Python's, too),
 * or the text itself when it is no literal.
 *
 * @see https://docs.python.org/3/library/ast.html#ast.literal_eval
 */
export function pythonLiteralOrText(text: string): unknown {
  // Nearly all values are bare words: look closer only at what can begin a literal.
  if (!/^(?:[-+\d.'"[({]|None|True|False|[bBrRuU]{1,2}['"])/.test(text)) return text;
  const reader = new LiteralReader(text);
  const value = reader.readWhole();
  return value === NOT_A_LITERAL ? text : value;
}

const NOT_A_LITERAL = Symbol('not a literal');
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
]);
const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?)(?![\w.])/y;
const STRING = /([bB]?[rR]?|[rR][bB]|[uU])('''|"""|'|")/y;
const MAX_DEPTH = 100;

// Recursive descent over the text; NOT_A_LITERAL is passed up as soon as anything does not fit.
class LiteralReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readWhole(): unknown {
    this.#skipBlanks();
    const first = this.#read();
    this.#skipBlanks();
    let value = first;
    if (value !== NOT_A_LITERAL && this.#text[this.#at] === ',') {
      this.#at++;
      const items = this.#readItems('');
      value = items === undefined ? NOT_A_LITERAL : tupleOf([first, ...items]);
    }
    return this.#atEnd() ? value : NOT_A_LITERAL;
  }

  #read(): unknown {
    if (++this.#depth > MAX_DEPTH) return NOT_A_LITERAL;
    const value = this.#readAtom();
    this.#depth--;
    return value;
  }

  #readAtom(): unknown {
    const char = this.#text[this.#at];
    if (char === '[') return this.#readList();
    if (char === '(') return this.#readParentheses();
    if (char === '{') return this.#readDict();
    if (char === '-' || char === '+') return this.#readSigned(char);
    STRING.lastIndex = this.#at;
    if (STRING.test(this.#text)) return this.#readStrings();
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      return parseNumber(number.replaceAll('_', ''));
    }
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at) && !/\w/.test(this.#text[this.#at + word.length] ?? '')) {
        this.#at += word.length;
        return value;
      }
    }
    return NOT_A_LITERAL;
  }

  #readSigned(sign: string): unknown {
    this.#at++;
    this.#skipBlanks();
    const value = this.#read();
    if (typeof value === 'number' || typeof value === 'bigint') return sign === '-' ? -value : value;
    if (value instanceof Object && 'toJSON' in value && typeof value.toJSON === 'function') {
      return toFloat((sign === '-' ? -1 : 1) * Number(value.toJSON()));
    }
    return NOT_A_LITERAL;
  }

  #readList(): unknown {
    this.#at++;
    return this.#readItems(']') ?? NOT_A_LITERAL;
  }

  #readParentheses(): unknown {
    this.#at++;
    const start = this.#at;
    const items = this.#readItems(')');
    if (items === undefined) return NOT_A_LITERAL;
    const isTuple = items.length !== 1 || /,\s*$/.test(this.#text.slice(start, this.#at - 1));
    return isTuple ? tupleOf(items) : items[0];
  }

  #readDict(): unknown {
    this.#at++;
    const entries: [unknown, unknown][] = [];
    while (!this.#take('}')) {
      if (entries.length > 0 && !this.#take(',')) return NOT_A_LITERAL;
      if (entries.length > 0 && this.#take('}')) break;
      this.#skipBlanks();
      const key = this.#read();
      if (key === NOT_A_LITERAL || !this.#take(':')) return NOT_A_LITERAL;
      this.#skipBlanks();
      const value = this.#read();
      if (value === NOT_A_LITERAL) return NOT_A_LITERAL;
      entries.push([key, value]);
    }
    return makeDict(entries);
  }

  // Items up to the closing character; with '' up to the end of the text. A comma may stand before the end.
  #readItems(close: string): unknown[] | undefined {
    const items: unknown[] = [];
    const ended = () => (close === '' ? this.#atEnd() : this.#take(close));
    while (!ended()) {
      if (items.length > 0 && !this.#take(',')) return undefined;
      if (items.length > 0 && ended()) break;
      this.#skipBlanks();
      const item = this.#read();
      if (item === NOT_A_LITERAL) return undefined;
      items.push(item);
    }
    return items;
  }

  // One or more strings side by side, which Python joins.
  #readStrings(): unknown {
    let result = '';
    for (;;) {
      STRING.lastIndex = this.#at;
      const match = STRING.exec(this.#text);
      if (match === null) return result;
      const [whole, prefix = '', quote = ''] = match;
      const start = this.#at + whole.length;
      let end = start;
      while (end < this.#text.length && !this.#text.startsWith(quote, end)) end += this.#text[end] === '\\' ? 2 : 1;
      if (end >= this.#text.length) return NOT_A_LITERAL;
      const body = this.#text.slice(start, end);
      result += /r/i.test(prefix) ? body : unescapeString(body);
      this.#at = end + quote.length;
      this.#skipBlanks();
    }
  }

  #take(char: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #atEnd(): boolean {
    this.#skipBlanks();
    return this.#at >= this.#text.length || this.#text[this.#at] === '#';
  }

  #skipBlanks(): void {
    while (/[ \t\f\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}

function parseNumber(text: string): unknown {
  if (/^0[xob]/i.test(text)) return toInt(BigInt(text));
  if (/[.e]/i.test(text)) return toFloat(Number(text));
  // `010` is an error in Python, only zeros may follow a zero.
  return /^0+[1-9]/.test(text) ? NOT_A_LITERAL : toInt(BigInt(text));
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

function unescapeString(body: string): string {
  return body.replaceAll(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\s\S])/g,
    (whole, sequence: string) => {
      if (/^[xuU]./.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence.slice(1), 16));
      if (/^[0-7]/.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence, 8));
      return ESCAPES[sequence] ?? whole;
    },
  );
}
