/** Tokens -> template tree: text, `{{ }}` and the statements of `{% %}`. */
import { didYouMean } from '../util/did-you-mean.ts';
import type { Body, Expression, MacroParameter, Name, Statement, Target } from './ast.ts';
import { failSyntax } from './failure.ts';
import type { Token } from './lexer.ts';
import { parseExpression, parseExpressionList, parseFilterStep, parseFilterSteps } from './parse-expression.ts';
import { TokenStream } from './token-stream.ts';

type ParseTag = (stream: TokenStream, offset: number) => Statement;

const TAGS: ReadonlyMap<string, ParseTag> = new Map<string, ParseTag>([
  ['if', parseIf],
  ['for', parseFor],
  ['set', parseSet],
  ['filter', parseFilterBlock],
  ['with', parseWith],
  ['macro', parseMacro],
]);
const CLOSERS = ['elif', 'else', 'endif', 'endfor', 'endset', 'endfilter', 'endwith', 'endmacro'];
const UNSUPPORTED = ['include', 'import', 'from', 'extends', 'block', 'call', 'do', 'autoescape', 'break', 'continue'];

/** @throws EvaluationFailure TEMPLATE_SYNTAX */
export function parseTemplate(tokens: readonly Token[]): Body {
  const stream = new TokenStream(tokens);
  const body = parseBody(stream, []);
  stream.expect('end');
  return body;
}

/** A bare expression and nothing after it. */
export function parseBareExpression(tokens: readonly Token[]): Expression {
  const stream = new TokenStream(tokens);
  const expression = parseExpressionList(stream);
  stream.expect('end');
  return expression;
}

// Ends before the tag that closes the body: its `{%` and name are still to be read.
function parseBody(stream: TokenStream, closers: readonly string[]): Body {
  const body: Statement[] = [];
  for (;;) {
    const token = stream.current;
    if (token.kind === 'data') {
      body.push({ kind: 'data', text: stream.next().text, offset: token.offset });
    } else if (token.kind === 'variable-begin') {
      stream.next();
      const expression = parseExpressionList(stream);
      stream.expect('variable-end');
      body.push({ kind: 'output', expression, offset: token.offset });
    } else if (token.kind === 'block-begin') {
      const tag = stream.peek(1);
      if (tag.kind === 'name' && closers.includes(tag.text)) return body;
      stream.next();
      body.push(parseTag(stream, token.offset));
    } else {
      if (closers.length > 0) failSyntax(`Expected '{% ${closers.at(-1)} %}' before the end of the text`, token.offset);
      return body;
    }
  }
}

function parseTag(stream: TokenStream, offset: number): Statement {
  const token = stream.expect('name');
  const parse = TAGS.get(token.text);
  if (parse !== undefined) return stream.nested(() => parse(stream, offset));
  if (CLOSERS.includes(token.text)) failSyntax(`Unexpected '{% ${token.text} %}': nothing open that it closes`, offset);
  if (UNSUPPORTED.includes(token.text)) failSyntax(`The tag '${token.text}' is not supported`, token.offset);
  const hint = didYouMean(token.text, [...TAGS.keys(), ...CLOSERS, 'raw']);
  failSyntax(`Unknown tag '${token.text}'`, token.offset, hint);
}

function parseIf(stream: TokenStream, offset: number): Statement {
  const branches: { test: Expression; body: Body }[] = [];
  let otherwise: Body = [];
  do {
    const test = parseExpressionList(stream);
    branches.push({ test, body: blockBody(stream, ['elif', 'else', 'endif']) });
  } while (stream.skipName('elif'));
  if (stream.skipName('else')) otherwise = blockBody(stream, ['endif']);
  closeTag(stream, 'endif');
  return { kind: 'if', branches, otherwise, offset };
}

function parseFor(stream: TokenStream, offset: number): Statement {
  const target = parseTarget(stream);
  stream.expect('name', 'in');
  const iterable = parseExpressionList(stream, { allowsCondition: false });
  const filter = stream.skipName('if') ? parseExpression(stream) : undefined;
  if (stream.isName('recursive')) failSyntax("'recursive' loops are not supported", stream.current.offset);
  const body = blockBody(stream, ['else', 'endfor']);
  const otherwise = stream.skipName('else') ? blockBody(stream, ['endfor']) : [];
  closeTag(stream, 'endfor');
  return { kind: 'for', target, iterable, filter, body, otherwise, offset };
}

function parseSet(stream: TokenStream, offset: number): Statement {
  const target = parseTarget(stream);
  if (stream.skipOperator('=')) {
    const value = parseExpressionList(stream);
    stream.expect('block-end');
    return { kind: 'set', target, value, offset };
  }
  const filters = parseFilterSteps(stream);
  const body = blockBody(stream, ['endset']);
  closeTag(stream, 'endset');
  return { kind: 'set-block', target, filters, body, offset };
}

function parseFilterBlock(stream: TokenStream, offset: number): Statement {
  const filters = [parseFilterStep(stream), ...parseFilterSteps(stream)];
  const body = blockBody(stream, ['endfilter']);
  closeTag(stream, 'endfilter');
  return { kind: 'filter-block', filters, body, offset };
}

function parseWith(stream: TokenStream, offset: number): Statement {
  const bindings: [Target, Expression][] = [];
  while (!stream.is('block-end')) {
    if (bindings.length > 0) stream.expect('operator', ',');
    const target = parseName(stream);
    stream.expect('operator', '=');
    bindings.push([target, parseExpression(stream)]);
  }
  const body = blockBody(stream, ['endwith']);
  closeTag(stream, 'endwith');
  return { kind: 'with', bindings, body, offset };
}

function parseMacro(stream: TokenStream, offset: number): Statement {
  const { name } = parseName(stream);
  const parameters: MacroParameter[] = [];
  stream.expect('operator', '(');
  while (!stream.isOperator(')')) {
    const parameter = parseName(stream).name;
    parameters.push({ name: parameter, defaultValue: stream.skipOperator('=') ? parseExpression(stream) : undefined });
    if (!stream.skipOperator(',')) break;
  }
  stream.expect('operator', ')');
  const body = blockBody(stream, ['endmacro']);
  closeTag(stream, 'endmacro');
  return { kind: 'macro', name, parameters, body, offset };
}

// From the `%}` of the opening tag to the `{%` of one of the closers, which is read; its name is not.
function blockBody(stream: TokenStream, closers: readonly string[]): Body {
  stream.expect('block-end');
  const body = parseBody(stream, closers);
  stream.expect('block-begin');
  return body;
}

function closeTag(stream: TokenStream, name: string): void {
  stream.expect('name', name);
  stream.expect('block-end');
}

function parseTarget(stream: TokenStream): Target {
  const { offset } = stream.current;
  const first = parseTargetItem(stream);
  if (!stream.isOperator(',')) return first;
  const items = [first];
  while (stream.skipOperator(',')) {
    if (!stream.is('name') && !stream.isOperator('(')) break;
    items.push(parseTargetItem(stream));
  }
  return { kind: 'targets', items, offset };
}

function parseTargetItem(stream: TokenStream): Target {
  if (stream.skipOperator('(')) {
    const inner = stream.nested(() => parseTarget(stream));
    stream.expect('operator', ')');
    return inner;
  }
  const target = parseName(stream);
  if (!stream.skipOperator('.')) return target;
  return { kind: 'namespace', object: target.name, name: stream.expect('name').text, offset: target.offset };
}

function parseName(stream: TokenStream): Name {
  const token = stream.expect('name');
  if (/^(?:[Tt]rue|[Ff]alse|[Nn]one|and|or|not|in|is|if|else)$/.test(token.text)) {
    failSyntax(`Expected a name to set, found the word '${token.text}'`, token.offset);
  }
  return { kind: 'name', name: token.text, offset: token.offset };
}
