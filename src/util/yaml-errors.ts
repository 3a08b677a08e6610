/** What is wrong with a file's YAML, in words that say what to change. */

import type { Document } from 'yaml';
import { isScalar, visit } from 'yaml';
import type { SourceText } from './source-text.ts';
import { type BadIndentation, findBadIndentation } from './yaml-indentation.ts';

export interface SyntaxFinding {
  /** In the text that was parsed. */
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

type YamlProblem = Document.Parsed['errors'][number];

/**
 * The first syntax error of a document. The later ones mostly follow from it, so of them there are only values that should
 * be quoted, each a mistake of its own.
 *
 * @param source - the text that was parsed
 */
export function syntaxFindings(document: Document.Parsed, source: SourceText): SyntaxFinding[] {
  const found = new Map<number, SyntaxFinding>();
  for (const [index, problem] of document.errors.entries()) {
    const line = source.position(problem.pos[0]).line;
    const braces = unquotedBraces(source, line);
    if (braces !== undefined) found.set(line, braces);
    else if (index === 0 || problem.code === 'BAD_SCALAR_START')
      found.set(line, wordProblem(document, problem, source));
  }
  return [...found.values()];
}

function wordProblem(document: Document.Parsed, problem: YamlProblem, source: SourceText): SyntaxFinding {
  const offset = problem.pos[0];
  const { line } = source.position(offset);
  return (
    tabIndentation(source, line) ??
    badIndentation(document, source) ??
    (problem.message.startsWith('Missing closing') ? unclosedQuote(document, source, offset) : undefined) ??
    textAfterQuote(source, offset) ??
    (/end with a [\]}]/.test(problem.message) ? unclosedBracket(document, source, offset) : undefined) ??
    byCode(problem, source, offset)
  );
}

function byCode(problem: YamlProblem, source: SourceText, offset: number): SyntaxFinding {
  const rest = source.lineText(source.position(offset).line).slice(source.position(offset).column - 1);
  switch (problem.code) {
    case 'BLOCK_AS_IMPLICIT_KEY': {
      const colon = /: /.exec(rest);
      if (colon === null) break;
      return { offset, message: "a value that contains ': ' must be quoted", hint: 'put the whole value in quotes' };
    }
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR': {
      const glued = /^([\w.]+):(?=\S)/.exec(rest);
      if (glued !== null) return { offset, message: `expected a space after '${glued[1]}:'` };
      const keyless = /^([\w.]+)(\s+[^:]*)?$/.exec(rest);
      if (keyless !== null) return { offset, message: `expected 'key: value', found '${rest.trim()}'` };
      break;
    }
    case 'BAD_SCALAR_START':
      return { offset, message: `a value that starts with '${rest[0] ?? ''}' must be quoted` };
    case 'MULTIPLE_DOCS':
      return { offset, message: "expected one YAML document, found a second one after '---'" };
    default:
  }
  return { offset, message: `YAML: ${problem.message.charAt(0).toLowerCase()}${problem.message.slice(1)}` };
}

function tabIndentation(source: SourceText, line: number): SyntaxFinding | undefined {
  const tab = /^ *\t/.exec(source.lineText(line));
  if (tab === null) return undefined;
  const offset = source.lineStart(line) + tab[0].length - 1;
  return { offset, message: 'expected spaces as indentation, found a tab', hint: 'replace the tab by spaces' };
}

function badIndentation(document: Document.Parsed, source: SourceText): SyntaxFinding | undefined {
  const errorLines = new Set(document.errors.map((error) => source.position(error.pos[0]).line));
  const bad = findBadIndentation(source, errorLines);
  if (bad === undefined || bad.expected.length === 0) return undefined;
  const keyless = keylessLineAbove(source, bad);
  if (keyless !== undefined) return keyless;
  const unit = bad.expected.at(-1) === 1 ? 'space' : 'spaces';
  const message = `bad indentation: expected ${bad.expected.join(' or ')} ${unit}, found ${bad.found}`;
  return { offset: source.lineStart(bad.line) + bad.found, message, hint: valueAbove(source, bad) };
}

// `- name x`: what follows is indented as if it stood beside a key.
function keylessLineAbove(source: SourceText, bad: BadIndentation): SyntaxFinding | undefined {
  const above = contentAbove(source, bad.line);
  const match = above && /^( *(?:- +)*)([\w.]+(?:\s[^:#]*)?)$/.exec(above.text.trimEnd());
  if (!match || match[1]?.length !== bad.found) return undefined;
  return {
    offset: source.lineStart(above.line) + bad.found,
    message: `expected 'key: value', found '${match[2]}'`,
  };
}

// `copy: src=a` with lines below it that would be its keys; one column too far is a slip.
function valueAbove(source: SourceText, bad: BadIndentation): string | undefined {
  for (let above = contentAbove(source, bad.line); above; above = contentAbove(source, above.line)) {
    const [, head, key] = /^( *(?:- +)*)([\w.]+):\s+\S/.exec(above.text) ?? [];
    const indent = head?.length ?? above.text.search(/\S/);
    if (indent >= bad.found) continue;
    if (key === undefined || bad.found - indent < 2) return undefined;
    return `'${key}:' on line ${above.line} has a value already, so no key can stand below it`;
  }
  return undefined;
}

function contentAbove(source: SourceText, line: number): { line: number; text: string } | undefined {
  for (let above = line - 1; above >= 1; above--) {
    const text = source.lineText(above);
    if (!/^\s*(?:#|$)/.test(text)) return { line: above, text };
  }
  return undefined;
}

function unclosedQuote(document: Document.Parsed, source: SourceText, end: number): SyntaxFinding | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar: (_key, node) => {
      const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
      if (isScalar(node) && isQuoted && node.range && node.range[0] < end) start = node.range[0];
    },
  });
  if (start === undefined) return undefined;
  const message = `the quote ${source.text[start]} that opens here is never closed`;
  return { offset: start, message, hint: 'close it, and indent further lines of its text deeper than the key' };
}

function unclosedBracket(document: Document.Parsed, source: SourceText, end: number): SyntaxFinding | undefined {
  let start: number | undefined;
  visit(document, {
    Collection: (_key, node) => {
      const last = source.text[(node.range?.[1] ?? 0) - 1];
      const isOpen = node.flow === true && last !== ']' && last !== '}';
      if (isOpen && node.range && node.range[0] < end) start = node.range[0];
    },
  });
  if (start === undefined) return undefined;
  return { offset: start, message: `the bracket ${source.text[start]} that opens here is never closed` };
}

function textAfterQuote(source: SourceText, offset: number): SyntaxFinding | undefined {
  const { line, column } = source.position(offset);
  const before = source
    .lineText(line)
    .slice(0, column - 1)
    .trimEnd();
  const quote = before.at(-1);
  if (quote !== '"' && quote !== "'") return undefined;
  const rest = source.lineText(line).slice(column - 1);
  if (rest.trim() === '' || rest.startsWith(':')) return undefined;
  const message = `the value ends at its closing ${quote}, found '${rest.trim()}' behind it`;
  return { offset, message, hint: 'put the whole value in quotes of the other kind' };
}

function unquotedBraces(source: SourceText, line: number): SyntaxFinding | undefined {
  const match = /^(?:\s*- +)*(?:\s*[\w."']+\s*:\s+)?(?=\{\{)/.exec(source.lineText(line));
  if (match === null) return undefined;
  return bracesFinding(source, source.lineStart(line) + match[0].length);
}

/** The finding for a value that begins with `{{` at `offset` and is not quoted. */
export function bracesFinding(source: SourceText, offset: number): SyntaxFinding {
  const { line, column } = source.position(offset);
  const value = source
    .lineText(line)
    .slice(column - 1)
    .replace(/\s+#.*$/, '')
    .trim();
  const quoted = value.includes('"') ? `'${value}'` : `"${value}"`;
  return { offset, message: "a value that starts with '{{' must be quoted", hint: `write ${quoted}` };
}
