/** Reads tokens one by one for the parsers, with the wording of what was expected. */
import { failSyntax } from './failure.ts';
import type { Token, TokenKind } from './lexer.ts';

/** Deepest nesting of brackets and blocks in a text. */
const MAX_NESTING = 200;

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;
  #nesting = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#at + ahead, last)] ?? { kind: 'end', text: '', offset: 0 };
  }

  next(): Token {
    const token = this.current;
    this.#at++;
    return token;
  }

  is(kind: TokenKind, text?: string): boolean {
    const token = this.current;
    return token.kind === kind && (text === undefined || token.text === text);
  }

  isOperator(text: string): boolean {
    return this.is('operator', text);
  }

  isName(...names: readonly string[]): boolean {
    return this.current.kind === 'name' && names.includes(this.current.text);
  }

  /** Takes the operator if it comes next. */
  skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.#at++;
    return true;
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false;
    this.#at++;
    return true;
  }

  expect(kind: TokenKind, text?: string): Token {
    if (!this.is(kind, text)) failSyntax(`Expected ${wording(kind, text)}, found ${this.found()}`, this.current.offset);
    return this.next();
  }

  /** What comes next, for messages. */
  found(): string {
    const { kind, text } = this.current;
    if (kind === 'end') return 'the end of the text';
    return kind === 'string' ? `the text '${text}'` : `'${text}'`;
  }

  /** Runs a parser one level deeper; the limit keeps a hostile text from exhausting the stack. */
  nested<T>(parse: () => T): T {
    if (++this.#nesting > MAX_NESTING) {
      failSyntax(`The expression is nested deeper than ${MAX_NESTING} levels`, this.current.offset);
    }
    const result = parse();
    this.#nesting--;
    return result;
  }
}

function wording(kind: TokenKind, text: string | undefined): string {
  if (text !== undefined) return `'${text}'`;
  switch (kind) {
    case 'name':
      return 'a name';
    case 'block-end':
      return "'%}'";
    case 'variable-end':
      return "'}}'";
    case 'end':
      return 'the end of the expression';
    default:
      return `a ${kind}`;
  }
}
