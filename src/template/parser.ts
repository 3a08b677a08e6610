/** Tokens -> template tree: text, `{{ }}` and the statements of `{% %}`. */
import { didYouMean } from '../util/did-you-mean.ts';
import type { Body, Expression, Macro, MacroParameter, Name, Statement, Target } from './ast.ts';
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
  ['call', parseCallBlock],
  ['block', parseBlock],
  ['extends', parseExtends],
  ['include', parseInclude],
  ['import', parseImport],
  ['from', parseFromImport],
]);
/** All tags but `raw`, which the lexer knows. */
export const TAG_NAMES: readonly string[] = [...TAGS.keys()];

const CLOSERS = [
  ...['elif', 'else', 'endif', 'endfor', 'endset', 'endfilter', 'endwith', 'endmacro', 'endcall', 'endblock'],
  'endraw',
];
/** Tags that Jinja or its extensions know and that are not here, each with the reason and what to write. */
const REFUSED: ReadonlyMap<string, readonly [reason: string, hint?: string]> = new Map([
  ['do', ['it is an extension of Jinja, which Ansible does not load either', "write '{% set _ = … %}'"]],
  ['break', ['loop controls are an extension of Jinja, which Ansible does not load either', "filter with 'for … if'"]],
  [
    'continue',
    ['loop controls are an extension of Jinja, which Ansible does not load either', "filter with 'for … if'"],
  ],
  ['autoescape', ['nothing is ever escaped, as in Ansible', "use the filter 'escape'"]],
  ['trans', ['translations are an extension of Jinja, which Ansible does not load either']],
  ['debug', ['it is an extension of Jinja, which Ansible does not load either', "use the module 'debug'"]],
]);

/** Tags that are refused, each with the reason. */
export const REFUSED_TAGS: ReadonlyMap<string, string> = new Map(
  Array.from(REFUSED, ([name, [reason, hint]]) => [name, hint === undefined ? reason : `${reason}; ${hint}`] as const),
);

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
  const refused = REFUSED.get(token.text);
  if (refused !== undefined) {
    failSyntax(`The tag '${token.text}' cannot be used: ${refused[0]}`, token.offset, refused[1]);
  }
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
  const isRecursive = stream.skipName('recursive');
  const body = blockBody(stream, ['else', 'endfor']);
  const otherwise = stream.skipName('else') ? blockBody(stream, ['endfor']) : [];
  closeTag(stream, 'endfor');
  return { kind: 'for', target, iterable, filter, isRecursive, body, otherwise, offset };
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
  const parameters = parseParameters(stream);
  const body = blockBody(stream, ['endmacro']);
  closeTag(stream, 'endmacro');
  return { kind: 'macro', name, parameters, body, offset };
}

function parseCallBlock(stream: TokenStream, offset: number): Statement {
  const parameters = stream.isOperator('(') ? parseParameters(stream) : [];
  const call = parseExpression(stream);
  if (call.kind !== 'call') failSyntax("Expected a call such as 'name(…)' after 'call'", call.offset);
  const body = blockBody(stream, ['endcall']);
  closeTag(stream, 'endcall');
  const caller: Macro = { kind: 'macro', name: 'caller', parameters, body, offset };
  return { kind: 'call-block', call, caller, offset };
}

function parseParameters(stream: TokenStream): MacroParameter[] {
  const parameters: MacroParameter[] = [];
  stream.expect('operator', '(');
  while (!stream.isOperator(')')) {
    const { name: parameter, offset } = parseName(stream);
    const defaultValue = stream.skipOperator('=') ? parseExpression(stream) : undefined;
    if (defaultValue === undefined && parameters.at(-1)?.defaultValue !== undefined) {
      failSyntax(`Expected a default for '${parameter}', which follows a parameter that has one`, offset);
    }
    parameters.push({ name: parameter, defaultValue });
    if (!stream.skipOperator(',')) break;
  }
  stream.expect('operator', ')');
  return parameters;
}

function parseBlock(stream: TokenStream, offset: number): Statement {
  const name = stream.expect('name').text;
  const isScoped = stream.skipName('scoped');
  const isRequired = stream.skipName('required');
  if (stream.isOperator('-')) {
    failSyntax("Unexpected '-' in the block's name", stream.current.offset, "write '_' in place of '-'");
  }
  const body = blockBody(stream, ['endblock']);
  if (isRequired && body.some((part) => part.kind !== 'data' || part.text.trim() !== '')) {
    failSyntax(`Expected the required block '${name}' to be empty`, offset);
  }
  stream.expect('name', 'endblock');
  stream.skipName(name);
  stream.expect('block-end');
  return { kind: 'block', name, isScoped, isRequired, body, offset };
}

function parseExtends(stream: TokenStream, offset: number): Statement {
  const template = parseExpression(stream);
  stream.expect('block-end');
  return { kind: 'extends', template, offset };
}

function parseInclude(stream: TokenStream, offset: number): Statement {
  const template = parseExpression(stream);
  let ignoresMissing = false;
  if (stream.isName('ignore') && stream.peek(1).text === 'missing') {
    stream.next();
    stream.next();
    ignoresMissing = true;
  }
  const withContext = parseContextWords(stream, true);
  stream.expect('block-end');
  return { kind: 'include', template, ignoresMissing, withContext, offset };
}

function parseImport(stream: TokenStream, offset: number): Statement {
  const template = parseExpression(stream);
  stream.expect('name', 'as');
  const { name } = parseName(stream);
  const withContext = parseContextWords(stream, false);
  stream.expect('block-end');
  return { kind: 'import', template, name, withContext, offset };
}

function parseFromImport(stream: TokenStream, offset: number): Statement {
  const template = parseExpression(stream);
  stream.expect('name', 'import');
  const names: { name: string; as: string }[] = [];
  while (!stream.is('block-end') && !isContextWord(stream)) {
    if (names.length > 0) stream.expect('operator', ',');
    const { name, offset: at } = parseName(stream);
    if (name.startsWith('_')) failSyntax(`The name '${name}' starts with '_' and cannot be imported`, at);
    names.push({ name, as: stream.skipName('as') ? parseName(stream).name : name });
  }
  if (names.length === 0) failSyntax("Expected a name to import after 'import'", stream.current.offset);
  const withContext = parseContextWords(stream, false);
  stream.expect('block-end');
  return { kind: 'from-import', template, names, withContext, offset };
}

function isContextWord(stream: TokenStream): boolean {
  return stream.isName('with', 'without') && stream.peek(1).kind === 'name' && stream.peek(1).text === 'context';
}

function parseContextWords(stream: TokenStream, byDefault: boolean): boolean {
  if (!isContextWord(stream)) return byDefault;
  const isWith = stream.next().text === 'with';
  stream.next();
  return isWith;
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
