/** A line diff in unified format, for `--diff`. */

const CONTEXT_LINES = 3;
/** Above this product of lines the middle is shown as replaced whole: the table would not be worth its memory. */
const MAX_TABLE_CELLS = 4_000_000;

interface Edit {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

/**
 * The lines of a unified diff with its two header lines; empty when the texts are equal. A missing newline at the end
 * is said as `\ No newline at end of file`.
 *
 * @param path - shown in the header; default `before` and `after`
 */
export function unifiedDiff(before: string, after: string, path?: string): string[] {
  if (before === after) return [];
  const edits = diffLines(splitLines(before), splitLines(after));
  const lines = [`--- ${path ?? ''}${path === undefined ? 'before' : ' (before)'}`];
  lines.push(`+++ ${path ?? ''}${path === undefined ? 'after' : ' (after)'}`);
  for (const [start, end] of hunks(edits)) {
    lines.push(hunkHeader(edits, start, end));
    for (const edit of edits.slice(start, end)) {
      const text = edit.line.endsWith('\n') ? edit.line.slice(0, -1) : edit.line;
      lines.push(`${edit.kind}${text}`);
      if (!edit.line.endsWith('\n')) lines.push('\\ No newline at end of file');
    }
  }
  return lines;
}

// Lines keep their newline, so that a missing one at the end is a difference.
function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

// What both ends share is cut off first; the middle is a longest common subsequence.
function diffLines(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: ' ', line }));
  return [
    ...same(a.slice(0, head)),
    ...diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

function diffMiddle(a: readonly string[], b: readonly string[]): Edit[] {
  const removed = (line: string): Edit => ({ kind: '-', line });
  const added = (line: string): Edit => ({ kind: '+', line });
  if (a.length * b.length > MAX_TABLE_CELLS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  // lengths[i * width + j]: longest common subsequence of a from i and b from j.
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      edits.push({ kind: ' ', line: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push(removed(left));
      i++;
    } else if (right !== undefined) {
      edits.push(added(right));
      j++;
    }
  }
  return edits;
}

// Ranges of edits around the changes, with their context; ranges that touch are one.
function hunks(edits: readonly Edit[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const [index, edit] of edits.entries()) {
    if (edit.kind === ' ') continue;
    const start = Math.max(0, index - CONTEXT_LINES);
    const end = Math.min(edits.length, index + CONTEXT_LINES + 1);
    const last = ranges.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else ranges.push([start, end]);
  }
  return ranges;
}

function hunkHeader(edits: readonly Edit[], start: number, end: number): string {
  const count = (kind: '-' | '+', from: number, to: number) =>
    edits.slice(from, to).filter((edit) => edit.kind === ' ' || edit.kind === kind).length;
  const range = (kind: '-' | '+') => {
    const length = count(kind, start, end);
    const first = count(kind, 0, start) + (length === 0 ? 0 : 1);
    return length === 1 ? `${first}` : `${first},${length}`;
  };
  return `@@ -${range('-')} +${range('+')} @@`;
}
