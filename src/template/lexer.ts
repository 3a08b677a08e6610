/**
 * Template text -> tokens. Whitespace control is done here: `-` next to a delimiter strips, and the newline after a
 * block or comment is removed (trim_blocks, as Ansible sets it).
 */
import { failSyntax } from './failure.ts';
import { readStringLiteral } from './string-literal.ts';

export type TokenKind =
  | 'data'
  | 'variable-begin'
  | 'variable-end'
  | 'block-begin'
  | 'block-end'
  | 'name'
  | 'int'
  | 'float'
  | 'string'
  | 'operator'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Text of the token; of a string its value, of a number without underscores. */
  readonly text: string;
  readonly offset: number;
}

export interface LexOptions {
  /** Backslashes in the string literals of `{{ }}` stand for themselves, as in Ansible's playbooks. */
  readonly literalBackslashes: boolean;
}

const BEGIN = /\{[{%#]/g;
const RAW = /\{%[-+]?\s*raw\s*(-?)%\}/y;
const END_RAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const SPACE = /\s+/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INT = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const OPERATOR = /\*\*|\/\/|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,;]/y;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** @throws EvaluationFailure TEMPLATE_SYNTAX for a delimiter, text or bracket that is not closed */
export function lexTemplate(text: string, options: LexOptions): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trim: 'none' | 'newline' | 'all' = 'none';
  while (at < text.length) {
    BEGIN.lastIndex = at;
    const begin = BEGIN.exec(text);
    const end = begin?.index ?? text.length;
    const stripsBefore = begin !== null && text[end + 2] === '-';
    addData(tokens, text.slice(at, end), at, trim, stripsBefore);
    if (begin === null) break;
    trim = 'none';
    RAW.lastIndex = end;
    const raw = begin[0] === '{%' ? RAW.exec(text) : null;
    if (raw !== null) {
      END_RAW.lastIndex = RAW.lastIndex;
      const endRaw = END_RAW.exec(text);
      if (endRaw === null) failSyntax("Expected '{% endraw %}' to close '{% raw %}'", end);
      const body = text.slice(RAW.lastIndex, endRaw.index);
      addData(tokens, body, RAW.lastIndex, raw[1] === '-' ? 'all' : 'none', endRaw[1] === '-');
      at = END_RAW.lastIndex;
      trim = endRaw[2] === '-' ? 'all' : endRaw[2] === '+' ? 'none' : 'newline';
    } else if (begin[0] === '{#') {
      const close = text.indexOf('#}', end + 2);
      if (close < 0) failSyntax("Expected '#}' to close the comment", end);
      at = close + 2;
      trim = text[close - 1] === '-' ? 'all' : text[close - 1] === '+' ? 'none' : 'newline';
    } else {
      const isBlock = begin[0] === '{%';
      const modifier = text[end + 2];
      const start = end + (modifier === '-' || modifier === '+' ? 3 : 2);
      tokens.push({ kind: isBlock ? 'block-begin' : 'variable-begin', text: begin[0], offset: end });
      const close = lexExpressionInto(tokens, text, start, isBlock ? '%}' : '}}', options);
      if (close === undefined) failSyntax(`Expected '${isBlock ? '%}' : '}}'}' to close '${begin[0]}'`, end);
      at = close.end;
      trim = close.modifier === '-' ? 'all' : isBlock && close.modifier !== '+' ? 'newline' : 'none';
    }
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

/** The tokens of a bare expression (`when`). */
export function lexExpression(text: string): Token[] {
  const tokens: Token[] = [];
  lexExpressionInto(tokens, text, 0, undefined, { literalBackslashes: false });
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

function addData(
  tokens: Token[],
  slice: string,
  offset: number,
  trimStart: 'none' | 'newline' | 'all',
  trimEnd: boolean,
): void {
  let data = slice;
  if (trimStart === 'all') data = data.trimStart();
  else if (trimStart === 'newline') data = data.replace(/^\r?\n/, '');
  if (trimEnd) data = data.trimEnd();
  if (data !== '') tokens.push({ kind: 'data', text: data.replace(/\r\n?/g, '\n'), offset });
}

// Adds the tokens up to the closing delimiter and returns where it ends; with no delimiter, up to the end of the text.
function lexExpressionInto(
  tokens: Token[],
  text: string,
  start: number,
  close: '}}' | '%}' | undefined,
  options: LexOptions,
): { end: number; modifier: string } | undefined {
  const brackets: Token[] = [];
  let at = start;
  while (at < text.length) {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) at = SPACE.lastIndex;
    if (at >= text.length) break;
    if (close !== undefined && brackets.length === 0) {
      const modifier = text[at] === '-' || (text[at] === '+' && close === '%}') ? (text[at] ?? '') : '';
      if (text.startsWith(close, at + modifier.length)) {
        const end = at + modifier.length + 2;
        tokens.push({ kind: close === '}}' ? 'variable-end' : 'block-end', text: close, offset: at });
        return { end, modifier };
      }
    }
    const token = nextToken(text, at, tokens, close === '}}' && options.literalBackslashes);
    if (token.kind === 'operator') balance(brackets, token);
    tokens.push({ kind: token.kind, text: token.text, offset: at });
    at = token.end;
  }
  const open = brackets.at(-1);
  if (open !== undefined) failSyntax(`Expected '${CLOSING[open.text]}' to close '${open.text}'`, open.offset);
  return undefined;
}

function nextToken(
  text: string,
  at: number,
  before: readonly Token[],
  literalBackslashes: boolean,
): Token & { end: number } {
  const char = text[at] ?? '';
  if (char === "'" || char === '"') {
    const { value, end } = readStringLiteral(text, at, literalBackslashes);
    return { kind: 'string', text: value, offset: at, end };
  }
  const isAfterDot = before.at(-1)?.text === '.' && before.at(-1)?.offset === at - 1;
  const patterns: [TokenKind, RegExp][] = [
    ['name', NAME],
    ...(isAfterDot ? [] : [['float', FLOAT] satisfies [TokenKind, RegExp]]),
    ['int', INT],
    ['operator', OPERATOR],
  ];
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) {
      const isNumber = kind === 'int' || kind === 'float';
      return { kind, text: isNumber ? match[0].replaceAll('_', '') : match[0], offset: at, end: pattern.lastIndex };
    }
  }
  const hint = char === '!' ? "write 'not'" : char === '&' ? "write 'and'" : undefined;
  failSyntax(`Unexpected character '${String.fromCodePoint(text.codePointAt(at) ?? 0)}' in the expression`, at, hint);
}

function balance(brackets: Token[], token: Token): void {
  if (token.text in CLOSING) {
    brackets.push(token);
  } else if (token.text === ')' || token.text === ']' || token.text === '}') {
    const open = brackets.pop();
    if (open === undefined) failSyntax(`Unexpected '${token.text}'`, token.offset);
    const expected = CLOSING[open.text];
    if (expected !== token.text) failSyntax(`Expected '${expected}', found '${token.text}'`, token.offset);
  }
}
