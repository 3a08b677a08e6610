/** Tokens -> expression tree, by recursive descent with Jinja's precedences. */
import type { Arguments, CompareOperator, Expression } from './ast.ts';
import { failSyntax } from './failure.ts';
import type { Token } from './lexer.ts';
import type { TokenStream } from './token-stream.ts';
import type { Operator } from './values/arithmetic.ts';
import { toFloat, toInt } from './values/numbers.ts';

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
/** Words that end a test written without parentheses: `x is defined and …`. */
const AFTER_TEST = ['else', 'or', 'and', 'if', 'in', 'not', 'is'];

export interface ListOptions {
  /** Whether `a if b` may stand here; not after `for … in`, where `if` filters. */
  readonly allowsCondition?: boolean;
}

/** One expression, or several with commas, which make a tuple. */
export function parseExpressionList(stream: TokenStream, options: ListOptions = {}): Expression {
  const { offset } = stream.current;
  const one = options.allowsCondition === false ? parseOr : parseExpression;
  const first = stream.nested(() => one(stream));
  if (!stream.isOperator(',')) return first;
  const items = [first];
  while (stream.skipOperator(',')) {
    if (isListEnd(stream)) break;
    items.push(one(stream));
  }
  return { kind: 'tuple', items, offset };
}

/** One expression: `a if b else c` and everything that binds tighter. */
export function parseExpression(stream: TokenStream): Expression {
  return stream.nested(() => {
    let then = parseOr(stream);
    while (stream.isName('if')) {
      const { offset } = stream.next();
      const test = parseOr(stream);
      const otherwise = stream.skipName('else') ? parseExpression(stream) : undefined;
      then = { kind: 'condition', test, then, otherwise, offset };
    }
    return then;
  });
}

/** The arguments of a call; the opening parenthesis comes next. */
export function parseArguments(stream: TokenStream): Arguments {
  stream.expect('operator', '(');
  const positional: Expression[] = [];
  const named: [string, Expression][] = [];
  let spread: Expression | undefined;
  let spreadNamed: Expression | undefined;
  while (!stream.isOperator(')')) {
    const { offset } = stream.current;
    if (stream.skipOperator('**')) {
      if (spreadNamed !== undefined) failSyntax("Expected one '**' in a call", offset);
      spreadNamed = parseExpression(stream);
    } else if (stream.skipOperator('*')) {
      if (spread !== undefined || spreadNamed !== undefined) failSyntax("Unexpected '*' in the call", offset);
      spread = parseExpression(stream);
    } else if (stream.is('name') && stream.peek(1).kind === 'operator' && stream.peek(1).text === '=') {
      const name = stream.next().text;
      stream.next();
      named.push([name, parseExpression(stream)]);
    } else {
      if (named.length > 0 || spread !== undefined || spreadNamed !== undefined) {
        failSyntax('Expected named arguments after the first named one', offset);
      }
      positional.push(parseExpression(stream));
    }
    if (!stream.skipOperator(',')) break;
  }
  stream.expect('operator', ')');
  return { positional, named, spread, spreadNamed };
}

/** The filters after a value: `| a | b(1)`. */
export function parseFilterSteps(stream: TokenStream): { name: string; args: Arguments; offset: number }[] {
  const steps = [];
  while (stream.skipOperator('|')) steps.push(parseFilterStep(stream));
  return steps;
}

/** One filter's name and arguments. */
export function parseFilterStep(stream: TokenStream): { name: string; args: Arguments; offset: number } {
  const { offset } = stream.current;
  const name = parseDottedName(stream, 'a filter');
  const args = stream.isOperator('(') ? parseArguments(stream) : { positional: [], named: [] };
  return { name, args, offset };
}

function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream);
  while (stream.isName('or')) {
    const { offset } = stream.next();
    left = { kind: 'or', left, right: parseAnd(stream), offset };
  }
  return left;
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream);
  while (stream.isName('and')) {
    const { offset } = stream.next();
    left = { kind: 'and', left, right: parseNot(stream), offset };
  }
  return left;
}

function parseNot(stream: TokenStream): Expression {
  if (!stream.isName('not')) return parseCompare(stream);
  const { offset } = stream.next();
  return { kind: 'not', operand: stream.nested(() => parseNot(stream)), offset };
}

function parseCompare(stream: TokenStream): Expression {
  const first = parseSum(stream);
  const rest: { operator: CompareOperator; right: Expression; offset: number }[] = [];
  for (;;) {
    const { offset } = stream.current;
    const operator = compareOperator(stream);
    if (operator === undefined) break;
    rest.push({ operator, right: parseSum(stream), offset });
  }
  return rest.length === 0 ? first : { kind: 'compare', first, rest, offset: first.offset };
}

function compareOperator(stream: TokenStream): CompareOperator | undefined {
  if (stream.current.kind === 'operator' && COMPARISONS.has(stream.current.text)) {
    return stream.next().text as CompareOperator;
  }
  if (stream.skipName('in')) return 'in';
  if (stream.isName('not') && stream.peek(1).kind === 'name' && stream.peek(1).text === 'in') {
    stream.next();
    stream.next();
    return 'not in';
  }
  if (stream.isOperator('=')) failSyntax("Unexpected '='", stream.current.offset, "write '==' to compare");
  return undefined;
}

function parseSum(stream: TokenStream): Expression {
  return parseBinary(stream, ['+', '-'], parseConcat);
}

function parseConcat(stream: TokenStream): Expression {
  const { offset } = stream.current;
  const items = [parseProduct(stream)];
  while (stream.skipOperator('~')) items.push(parseProduct(stream));
  return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'concat', items, offset };
}

function parseProduct(stream: TokenStream): Expression {
  return parseBinary(stream, ['*', '/', '//', '%'], parsePower);
}

// Left to right, and a sign binds tighter than `**`: both unlike Python, both as in Jinja.
function parsePower(stream: TokenStream): Expression {
  return parseBinary(stream, ['**'], (inner) => parseUnary(inner, true));
}

function parseBinary(
  stream: TokenStream,
  operators: readonly Operator[],
  parseOperand: (stream: TokenStream) => Expression,
): Expression {
  let left = parseOperand(stream);
  while (stream.current.kind === 'operator' && (operators as readonly string[]).includes(stream.current.text)) {
    const { text, offset } = stream.next();
    left = { kind: 'binary', operator: text as Operator, left, right: parseOperand(stream), offset };
  }
  return left;
}

function parseUnary(stream: TokenStream, withFilters: boolean): Expression {
  const { offset } = stream.current;
  let node: Expression;
  if (stream.skipOperator('-')) {
    node = { kind: 'negative', operand: stream.nested(() => parseUnary(stream, false)), offset };
  } else if (stream.skipOperator('+')) {
    node = { kind: 'positive', operand: stream.nested(() => parseUnary(stream, false)), offset };
  } else {
    node = parsePrimary(stream);
  }
  node = parsePostfix(stream, node);
  return withFilters ? parseFiltersAndTests(stream, node) : node;
}

function parsePrimary(stream: TokenStream): Expression {
  const token = stream.current;
  const { offset } = token;
  switch (token.kind) {
    case 'name': {
      stream.next();
      if (CONSTANTS.has(token.text)) return { kind: 'constant', value: CONSTANTS.get(token.text), offset };
      return { kind: 'name', name: token.text, offset };
    }
    case 'string': {
      let value = stream.next().text;
      while (stream.is('string')) value += stream.next().text;
      return { kind: 'constant', value, offset };
    }
    case 'int':
      stream.next();
      return { kind: 'constant', value: toInt(BigInt(token.text)), offset };
    case 'float':
      stream.next();
      return { kind: 'constant', value: toFloat(Number(token.text)), offset };
    default:
      if (stream.skipOperator('(')) return parseParentheses(stream, offset);
      if (stream.skipOperator('[')) {
        return { kind: 'list', items: parseItems(stream, ']', () => parseExpression(stream)), offset };
      }
      if (stream.skipOperator('{'))
        return { kind: 'dict', entries: parseItems(stream, '}', () => parseEntry(stream)), offset };
      failSyntax(`Expected a value, found ${stream.found()}`, offset);
  }
}

function parseParentheses(stream: TokenStream, offset: number): Expression {
  if (stream.skipOperator(')')) return { kind: 'tuple', items: [], offset };
  const inner = parseExpressionList(stream);
  stream.expect('operator', ')');
  return inner;
}

function parseItems<T>(stream: TokenStream, close: string, parseItem: () => T): T[] {
  const items: T[] = [];
  while (!stream.isOperator(close)) {
    items.push(parseItem());
    if (!stream.skipOperator(',')) break;
  }
  stream.expect('operator', close);
  return items;
}

function parseEntry(stream: TokenStream): [Expression, Expression] {
  const key = parseExpression(stream);
  stream.expect('operator', ':');
  return [key, parseExpression(stream)];
}

function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let node = start;
  for (;;) {
    const { offset } = stream.current;
    if (stream.skipOperator('.')) node = parseAttribute(stream, node, offset);
    else if (stream.skipOperator('[')) node = parseSubscript(stream, node, offset);
    else if (stream.isOperator('(')) node = { kind: 'call', callee: node, args: parseArguments(stream), offset };
    else return node;
  }
}

function parseAttribute(stream: TokenStream, object: Expression, offset: number): Expression {
  const token: Token = stream.next();
  if (token.kind === 'name') {
    return { kind: 'attribute', object, key: { kind: 'constant', value: token.text, offset: token.offset }, offset };
  }
  if (token.kind !== 'int') failSyntax("Expected a name or a number after '.'", token.offset);
  return { kind: 'item', object, key: { kind: 'constant', value: Number(token.text), offset: token.offset }, offset };
}

function parseSubscript(stream: TokenStream, object: Expression, offset: number): Expression {
  const parts: (Expression | undefined)[] = [undefined];
  let hasColon = false;
  while (!stream.isOperator(']')) {
    if (stream.skipOperator(':')) {
      hasColon = true;
      parts.push(undefined);
      if (parts.length > 3) failSyntax("Expected at most two ':' in a slice", offset);
    } else {
      if (parts.at(-1) !== undefined) stream.expect('operator', ']');
      parts[parts.length - 1] = parseExpressionList(stream);
    }
  }
  stream.expect('operator', ']');
  const [first, stop, step] = parts;
  if (hasColon) return { kind: 'slice', object, start: first, stop, step, offset };
  if (first === undefined) failSyntax("Expected an index or a key between '[' and ']'", offset);
  return { kind: 'item', object, key: first, offset };
}

function parseFiltersAndTests(stream: TokenStream, start: Expression): Expression {
  let node = start;
  for (;;) {
    const { offset } = stream.current;
    if (stream.skipOperator('|')) node = { kind: 'filter', input: node, ...parseFilterStep(stream) };
    else if (stream.isName('is')) node = parseTest(stream, node);
    else if (stream.isOperator('(')) node = { kind: 'call', callee: node, args: parseArguments(stream), offset };
    else return node;
  }
}

function parseTest(stream: TokenStream, input: Expression): Expression {
  stream.next();
  const isNegated = stream.skipName('not');
  const { offset } = stream.current;
  const name = parseDottedName(stream, 'a test');
  const args = stream.isOperator('(') ? parseArguments(stream) : { positional: bareArgument(stream), named: [] };
  return { kind: 'test', input, name, args, isNegated, offset };
}

// `x is divisibleby 3`: one value without parentheses.
function bareArgument(stream: TokenStream): Expression[] {
  const { kind, text } = stream.current;
  const starts =
    (kind === 'name' && !AFTER_TEST.includes(text)) ||
    kind === 'string' ||
    kind === 'int' ||
    kind === 'float' ||
    stream.isOperator('[') ||
    stream.isOperator('{');
  return starts ? [parsePostfix(stream, parsePrimary(stream))] : [];
}

function parseDottedName(stream: TokenStream, what: string): string {
  if (!stream.is('name')) failSyntax(`Expected ${what}'s name, found ${stream.found()}`, stream.current.offset);
  let name = stream.next().text;
  while (stream.isOperator('.') && stream.peek(1).kind === 'name') {
    stream.next();
    name += `.${stream.next().text}`;
  }
  return name;
}

function isListEnd(stream: TokenStream): boolean {
  const { kind, text } = stream.current;
  return (
    kind === 'variable-end' || kind === 'block-end' || kind === 'end' || (kind === 'operator' && ')]}=:'.includes(text))
  );
}
