/**
 * Template text -> tokens. Whitespace control is done here: `-` next to a delimiter strips, `trim_blocks` and
 * `lstrip_blocks` do as the syntax says.
 */
import { failSyntax } from './failure.ts';
import { readStringLiteral } from './string-literal.ts';
import { DEFAULT_SYNTAX, type TemplateSyntax } from './syntax.ts';

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
  readonly syntax: TemplateSyntax;
}

const SPACE = /\s+/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INT = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const OPERATOR = /\*\*|\/\/|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,;]/y;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Patterns of the delimiters of one syntax; the longest delimiter is looked for first. */
interface Delimiters {
  readonly begin: RegExp;
  readonly raw: RegExp;
  readonly endRaw: RegExp;
}

const delimiters = new WeakMap<TemplateSyntax, Delimiters>();

function delimitersOf(syntax: TemplateSyntax): Delimiters {
  const known = delimiters.get(syntax);
  if (known !== undefined) return known;
  const { blockStart, blockEnd, variableStart, commentStart } = syntax;
  const starts = [blockStart, variableStart, commentStart].sort((a, b) => b.length - a.length).map(escapePattern);
  const [open, close] = [escapePattern(blockStart), escapePattern(blockEnd)];
  const made = {
    begin: new RegExp(starts.join('|'), 'g'),
    raw: new RegExp(`${open}[-+]?\\s*raw\\s*(-?)${close}`, 'y'),
    endRaw: new RegExp(`${open}([-+]?)\\s*endraw\\s*([-+]?)${close}`, 'g'),
  };
  delimiters.set(syntax, made);
  return made;
}

/** @throws EvaluationFailure TEMPLATE_SYNTAX for a delimiter, text or bracket that is not closed */
export function lexTemplate(text: string, options: LexOptions): Token[] {
  const { syntax } = options;
  const { begin: BEGIN, raw: RAW, endRaw: END_RAW } = delimitersOf(syntax);
  const afterTag: Trim = syntax.trimsBlocks ? 'newline' : 'none';
  const tokens: Token[] = [];
  let at = 0;
  let trim: Trim = 'none';
  const data = (end: number, next: string | undefined, isVariable: boolean): void => {
    const strips = next === '-' ? 'all' : next !== '+' && syntax.stripsBlocks && !isVariable ? 'line' : 'none';
    addData(tokens, text, at, end, trim, strips, syntax);
  };
  while (at < text.length) {
    BEGIN.lastIndex = at;
    const begin = BEGIN.exec(text);
    if (begin === null) {
      addData(tokens, text, at, text.length, trim, 'none', syntax);
      break;
    }
    const end = begin.index;
    const [delimiter] = begin;
    const modifier = text[end + delimiter.length];
    const isBlock = delimiter === syntax.blockStart;
    data(end, modifier, delimiter === syntax.variableStart);
    trim = 'none';
    RAW.lastIndex = end;
    const raw = isBlock ? RAW.exec(text) : null;
    if (raw !== null) {
      END_RAW.lastIndex = RAW.lastIndex;
      const endRaw = END_RAW.exec(text);
      if (endRaw === null) {
        failSyntax(`Expected '${tag('endraw', syntax)}' to close '${tag('raw', syntax)}'`, end);
      }
      at = RAW.lastIndex;
      trim = raw[1] === '-' ? 'all' : 'none';
      data(endRaw.index, endRaw[1], false);
      at = END_RAW.lastIndex;
      trim = endRaw[2] === '-' ? 'all' : endRaw[2] === '+' ? 'none' : afterTag;
    } else if (delimiter === syntax.commentStart) {
      const close = text.indexOf(syntax.commentEnd, end + delimiter.length);
      if (close < 0) failSyntax(`Expected '${syntax.commentEnd}' to close the comment`, end);
      at = close + syntax.commentEnd.length;
      trim = text[close - 1] === '-' ? 'all' : text[close - 1] === '+' ? 'none' : afterTag;
    } else {
      const start = end + delimiter.length + (modifier === '-' || modifier === '+' ? 1 : 0);
      tokens.push({ kind: isBlock ? 'block-begin' : 'variable-begin', text: delimiter, offset: end });
      const closing = isBlock ? syntax.blockEnd : syntax.variableEnd;
      const close = lexExpressionInto(tokens, text, start, { text: closing, isBlock }, options);
      if (close === undefined) failSyntax(`Expected '${closing}' to close '${delimiter}'`, end);
      at = close.end;
      trim = close.modifier === '-' ? 'all' : isBlock && close.modifier !== '+' ? afterTag : 'none';
    }
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

function tag(name: string, syntax: TemplateSyntax): string {
  return `${syntax.blockStart} ${name} ${syntax.blockEnd}`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The tokens of a bare expression (`when`). */
export function lexExpression(text: string): Token[] {
  const tokens: Token[] = [];
  lexExpressionInto(tokens, text, 0, undefined, { literalBackslashes: false, syntax: DEFAULT_SYNTAX });
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

type Trim = 'none' | 'newline' | 'all';

// Adds the text between two tags. A line's start is where the text starts or a newline stands, even one that was trimmed.
function addData(
  tokens: Token[],
  text: string,
  start: number,
  end: number,
  trimStart: Trim,
  trimEnd: 'none' | 'line' | 'all',
  syntax: TemplateSyntax,
): void {
  let data = text.slice(start, end);
  let startsLine = start === 0;
  if (trimStart === 'all') {
    data = data.trimStart();
    startsLine = text.slice(start, end - data.length).endsWith('\n');
  } else if (trimStart === 'newline' && /^\r?\n/.test(data)) {
    data = data.replace(/^\r?\n/, '');
    startsLine = true;
  }
  if (trimEnd === 'all') data = data.trimEnd();
  else if (trimEnd === 'line') {
    const lineStart = data.lastIndexOf('\n') + 1;
    if ((lineStart > 0 || startsLine) && /^\s+$/.test(data.slice(lineStart))) data = data.slice(0, lineStart);
  }
  if (data !== '') tokens.push({ kind: 'data', text: data.replace(/\r\n?|\n/g, syntax.newline), offset: start });
}

// Adds the tokens up to the closing delimiter and returns where it ends; with no delimiter, up to the end of the text.
function lexExpressionInto(
  tokens: Token[],
  text: string,
  start: number,
  close: { readonly text: string; readonly isBlock: boolean } | undefined,
  options: LexOptions,
): { end: number; modifier: string } | undefined {
  const brackets: Token[] = [];
  let at = start;
  while (at < text.length) {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) at = SPACE.lastIndex;
    if (at >= text.length) break;
    if (close !== undefined && brackets.length === 0) {
      const modifier = text[at] === '-' || (text[at] === '+' && close.isBlock) ? (text[at] ?? '') : '';
      if (text.startsWith(close.text, at + modifier.length)) {
        const end = at + modifier.length + close.text.length;
        tokens.push({ kind: close.isBlock ? 'block-end' : 'variable-end', text: close.text, offset: at });
        return { end, modifier };
      }
    }
    const token = nextToken(text, at, tokens, close?.isBlock === false && options.literalBackslashes);
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
    if (open === undefined) {
      const hint = token.text === '}' ? "an expression ends with '}}', a statement with '%}'" : undefined;
      failSyntax(`Unexpected '${token.text}'`, token.offset, hint);
    }
    const expected = CLOSING[open.text];
    if (expected !== token.text) failSyntax(`Expected '${expected}', found '${token.text}'`, token.offset);
  }
}
