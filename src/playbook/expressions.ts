/** Expressions and templates of a playbook: compiled once at load, so that a syntax error is found before any host is. */

import { type Position, TemplateError } from '../errors.ts';
import { compileExpression, compileTemplate, isTemplate } from '../template/index.ts';
import type { Findings } from './findings.ts';
import type { Condition } from './types.ts';
import { isFalseWord, isTrueWord } from './words.ts';
import type { YamlNode, YamlScalar } from './yaml-node.ts';

/** Compiles every templated text of a value, map keys included; what does not compile is noted. */
export function checkTemplates(node: YamlNode, findings: Findings): void {
  if (node.kind === 'list') {
    for (const item of node.items) checkTemplates(item, findings);
  } else if (node.kind === 'map') {
    for (const entry of node.entries.values()) {
      checkTemplates(entry.key, findings);
      checkTemplates(entry.value, findings);
    }
  } else if (typeof node.value === 'string' && !node.unsafe && isTemplate(node.value)) {
    const text = node.value;
    tryCompile(node, findings, (position) => compileTemplate(text, position));
  }
}

/**
 * The conditions of `when`, `until`, `changed_when`, `failed_when`: one or a list, each compiled. Nothing written is no
 * condition. `{{ }}` in them is not needed but understood.
 */
export function readConditions(node: YamlNode, findings: Findings): Condition[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item): Condition[] => {
    if (item.kind !== 'scalar' || item.value === null || item.value === '') return [];
    const source = findings.source.position(item.offset);
    if (typeof item.value === 'boolean') return [{ text: item.value, source }];
    return readExpression(item, bareExpression(String(item.value)), findings);
  });
}

/** A keyword that is true or false: `yes`, `"no"`, or a template whose value is read as Ansible's `bool` reads it. */
export function readFlag(node: YamlNode, findings: Findings): Condition | undefined {
  if (node.kind !== 'scalar') return undefined;
  const source = findings.source.position(node.offset);
  const text = String(node.value);
  if (isTrueWord(text)) return { text: true, source };
  if (isFalseWord(text)) return { text: false, source };
  const expression = templateAsExpression(text);
  const typed = expression && { ...expression, text: `(${expression.text}) | bool` };
  return readExpression(node, typed, findings)[0];
}

interface Expression {
  readonly text: string;
  /** Characters of the user's text before the expression's first one, so that its places stay right. */
  readonly shift: number;
}

function readExpression(node: YamlScalar, expression: Expression | undefined, findings: Findings): Condition[] {
  if (expression === undefined) {
    const hint = "write the bare expression, without '{{ }}' and '{% %}'";
    findings.add('TEMPLATE_SYNTAX', node.offset, 'expected an expression, found a template that is not one', hint);
    return [];
  }
  const place = node.offset + expression.shift;
  tryCompile({ ...node, offset: place }, findings, (position) => compileExpression(expression.text, position));
  return [{ text: expression.text, source: findings.source.position(place) }];
}

function tryCompile(node: YamlScalar, findings: Findings, compile: (position: Position) => unknown): void {
  const position = findings.source.position(node.offset);
  try {
    compile(position);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    findings.addTemplateError(indented(error, position, node.blockIndent), node.offset);
  }
}

// The template engine counts columns within its text; in a block scalar each line but the first stands further right.
function indented(error: TemplateError, start: Position, blockIndent: number | undefined): TemplateError {
  const { source, code, message, hint } = error;
  if (source === undefined || blockIndent === undefined || source.line === start.line) return error;
  return new TemplateError(code, message, { hint, source: { ...source, column: source.column + blockIndent } });
}

/**
 * A condition without its `{{ }}`: `{{ a }} == 'x{{ b }}'` is `(a) == ('x' ~ (b))`. Undefined when it cannot be written
 * so.
 */
function bareExpression(text: string): Expression | undefined {
  if (!isTemplate(text)) return { text, shift: 0 };
  const single = singleExpression(text);
  if (single !== undefined) return single;
  let result = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('{{', at)) {
      const end = endOfBraces(text, at);
      if (end === undefined) return undefined;
      result += `(${inside(text, at, end)})`;
      at = end;
    } else if (text.startsWith('{%', at) || text.startsWith('{#', at)) return undefined;
    else if (text[at] === "'" || text[at] === '"') {
      const end = endOfQuote(text, at);
      const body = text.slice(at + 1, end - 1);
      // The body is a literal already: its parts keep their quote and their escapes.
      const quote = text[at] ?? '';
      const expression = isTemplate(body) ? templateAsExpression(body, (part) => quote + part + quote) : undefined;
      if (expression === undefined && isTemplate(body)) return undefined;
      result += expression === undefined ? text.slice(at, end) : `(${expression.text})`;
      at = end;
    } else result += text[at++];
  }
  return { text: result, shift: 0 };
}

// A text with `{{ }}` as one expression that has the same value; undefined when it holds statements or comments.
function templateAsExpression(text: string, toLiteral = quoted): Expression | undefined {
  const single = singleExpression(text);
  if (single !== undefined) return single;
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.slice(at).search(/\{[{%#]/);
    if (open === -1) {
      parts.push(toLiteral(text.slice(at)));
      break;
    }
    const start = at + open;
    const end = text[start + 1] === '{' ? endOfBraces(text, start) : undefined;
    if (end === undefined) return undefined;
    if (open > 0) parts.push(toLiteral(text.slice(at, start)));
    parts.push(`(${inside(text, start, end)})`);
    at = end;
  }
  return { text: parts.join(' ~ '), shift: 0 };
}

function singleExpression(text: string): Expression | undefined {
  const start = text.search(/\S/);
  if (!text.startsWith('{{', start)) return undefined;
  const end = endOfBraces(text, start);
  if (end === undefined || text.slice(end).trim() !== '') return undefined;
  const inner = text.slice(start + 2, end - 2).replace(/^-|-$/g, ' ');
  return { text: inner.trim(), shift: start + 2 + Math.max(0, inner.search(/\S/)) };
}

function inside(text: string, start: number, end: number): string {
  return text
    .slice(start + 2, end - 2)
    .replace(/^-|-$/g, ' ')
    .trim();
}

// Offset behind the `}}` that closes the `{{` at `start`; quotes and dictionaries in between are stepped over.
function endOfBraces(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start + 2; at < text.length; at++) {
    const char = text[at];
    if (char === "'" || char === '"') at = endOfQuote(text, at) - 1;
    else if (char === '{') depth++;
    else if (char === '}') {
      if (depth === 0 && text[at + 1] === '}') return at + 2;
      depth--;
    }
  }
  return undefined;
}

// Offset behind the quote that closes the one at `start`; the end of the text when none does.
function endOfQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at + 1;
  }
  return text.length;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
