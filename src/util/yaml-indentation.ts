/** Finds the line that stands too far left or right, once YAML has refused a file. */

import type { SourceText } from './source-text.ts';

/** A column at which something stands in the lines above. */
interface Level {
  readonly indent: number;
  hasKeys: boolean;
  hasItems: boolean;
}

export interface BadIndentation {
  /** Counts from 1. */
  readonly line: number;
  /** Spaces before the line's content. */
  readonly found: number;
  /** The nearest indentations that would fit, one or two, ascending. */
  readonly expected: readonly number[];
}

/**
 * The first line of keys or list items whose indentation fits nothing above it. YAML's own messages name the line
 * before and speak of implicit keys; this looks at the text as a person does. It knows nothing of flow collections and
 * folded texts, so a line counts only when the parser's complaint is about it or the line of content before it.
 *
 * @param errorLines - where the parser complained
 */
export function findBadIndentation(source: SourceText, errorLines: ReadonlySet<number>): BadIndentation | undefined {
  const levels: Level[] = [];
  let canGoDeeper = true;
  let previous = 0;
  for (let line = 1; line <= source.lineCount; line++) {
    const content = contentOf(source.lineText(line));
    if (content === undefined) continue;
    const { indent } = content;
    const isBlamed = errorLines.has(line) || errorLines.has(previous);
    previous = line;
    const top = levels.at(-1);
    const known = levels.find((level) => level.indent === indent);
    const fits =
      top === undefined ||
      (indent > top.indent ? canGoDeeper : known !== undefined && (content.dashes.length > 0 || known.hasKeys));
    if (!fits && isBlamed) return { line, found: indent, expected: nearest(levels, indent, content.dashes.length > 0) };
    while ((levels.at(-1)?.indent ?? -1) > indent) levels.pop();
    for (const dash of content.dashes) note(levels, dash, 'hasItems');
    if (content.keyIndent !== undefined) note(levels, content.keyIndent, 'hasKeys');
    canGoDeeper = content.isOpen;
    if (content.isBlockScalar) line = lastLineOfBlock(source, line, levels.at(-1)?.indent ?? 0);
  }
  return undefined;
}

interface Content {
  readonly indent: number;
  /** Columns of its list dashes. */
  readonly dashes: readonly number[];
  /** Column of its key, behind the dashes. */
  readonly keyIndent?: number;
  /** Deeper lines may follow: its value is still to come. */
  readonly isOpen: boolean;
  readonly isBlockScalar: boolean;
}

// Undefined for a line that is neither a key nor a list item: blank, comment, document mark, part of a longer text.
function contentOf(text: string): Content | undefined {
  const head = /^( *)((?:- +)*)(-$)?/.exec(text);
  const indent = head?.[1]?.length ?? 0;
  const dashText = `${head?.[2] ?? ''}${head?.[3] ?? ''}`;
  const body = text.slice(indent + dashText.length);
  const key = /^(?:"[^"]*"|'[^']*'|[^\s"'{[#&*!|>%@`-][^:#]*?)\s*:(?:\s+|$)/.exec(body);
  if ((dashText === '' && key === null) || body.startsWith('#')) return undefined;
  const value = body
    .slice(key?.[0].length ?? 0)
    .replace(/(?:^|\s)#.*$/, '')
    .trim();
  return {
    indent,
    dashes: [...dashText.matchAll(/-/g)].map((dash) => indent + dash.index),
    keyIndent: key === null ? undefined : indent + dashText.length,
    isOpen: value === '' || /^[&!]\S*$/.test(value),
    isBlockScalar: /^(?:[&!]\S* +)*[|>]/.test(value),
  };
}

function note(levels: Level[], indent: number, what: 'hasKeys' | 'hasItems'): void {
  let level = levels.at(-1);
  if (level?.indent !== indent) {
    level = { indent, hasKeys: false, hasItems: false };
    levels.push(level);
  }
  level[what] = true;
}

function nearest(levels: readonly Level[], found: number, isItem: boolean): number[] {
  const fitting = levels.filter((level) => level.indent !== found && (isItem ? level.hasItems : level.hasKeys));
  const distance = Math.min(...fitting.map((level) => Math.abs(level.indent - found)));
  return fitting.map((level) => level.indent).filter((indent) => Math.abs(indent - found) === distance);
}

function lastLineOfBlock(source: SourceText, line: number, indent: number): number {
  let last = line;
  for (let next = line + 1; next <= source.lineCount; next++) {
    const text = source.lineText(next);
    if (text.trim() === '') continue;
    if (text.search(/\S/) <= indent) break;
    last = next;
  }
  return last;
}
