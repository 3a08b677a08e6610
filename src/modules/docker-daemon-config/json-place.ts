/** Where a text stops being JSON. The engine's own parser names no place in most of its messages. */

/** Offset of the first character that JSON does not allow there; the text's length where it ends too early. */
export function brokenAt(text: string): number {
  const scanner = new Scanner(text);
  if (scanner.value() && scanner.skipSpace() === text.length) return text.length;
  return scanner.at;
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a string, so they end it here
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

// Each method moves over what it is named after and says whether it was there.
class Scanner {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(): boolean {
    this.skipSpace();
    switch (this.#text[this.at]) {
      case '{':
        return this.#list('}', () => this.#take(TEXT) && this.#char(':') && this.value());
      case '[':
        return this.#list(']', () => this.value());
      case '"':
        return this.#take(TEXT);
      default:
        return this.#take(SCALAR);
    }
  }

  skipSpace(): number {
    this.#take(SPACE);
    return this.at;
  }

  #list(end: string, item: () => boolean): boolean {
    this.at++;
    if (this.#char(end)) return true;
    for (;;) {
      this.skipSpace();
      if (!item()) return false;
      if (this.#char(end)) return true;
      if (!this.#char(',')) return false;
    }
  }

  #char(char: string): boolean {
    this.skipSpace();
    if (this.#text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    this.at += match[0].length;
    return true;
  }
}
