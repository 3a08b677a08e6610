/** Conditions and flags that are written with `{{ }}`, as the bare expressions that the engine evaluates. */

import { isTemplate } from '../template/index.ts';

export interface BareExpression {
  readonly text: string;
  /** Characters of the user's text before the expression's first one, so that its places stay right. */
  readonly shift: number;
  /** Whether all of it was one `{{ }}`. */
  readonly isWhole?: boolean;
}

/**
 * A condition without its `{{ }}`; undefined when it cannot be written so (`{% %}`, `{# #}`).
 *
 * Ansible puts the values into the text and reads the result as an expression. Values that come from hosts must never
 * be read as code, so here a text value counts as the number or boolean that it looks like, and else as text:
 * `{{ out.stdout }} == 0` is true for the text "0", `{{ flag }}` is false for the text "false". In quotes,
 * `'x-{{ a }}'` is `('x-' ~ (a))`.
 */
export function bareExpression(text: string): BareExpression | undefined {
  if (!isTemplate(text)) return { text, shift: 0 };
  const single = singleExpression(text);
  if (single !== undefined) return { ...single, text: asLiteral(single.text), isWhole: true };
  let result = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('{{', at)) {
      const end = endOfBraces(text, at);
      if (end === undefined) return undefined;
      result += `(${asLiteral(inside(text, at, end))})`;
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

/** A template whose value is taken for true or false by Ansible's words, not by Python's truth. */
export function flagExpression(text: string): BareExpression | undefined {
  const expression = templateAsExpression(text);
  return expression && { ...expression, text: `(${expression.text}) | bool` };
}

// A text with `{{ }}` as one expression that has the same value; undefined when it holds statements or comments.
function templateAsExpression(text: string, toLiteral = quoted): BareExpression | undefined {
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

function singleExpression(text: string): BareExpression | undefined {
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

function asLiteral(expression: string): string {
  return `(${expression}) if (${expression}) is not string else (${expression}) | from_yaml`;
}
