/** Python's `pprint.pformat`: values over several lines of at most 80 characters, keys sorted. */
import { fail } from './failure.ts';
import { type Dict, dictEntries, isDict } from './values/dict.ts';
import { MAX_DEPTH, toRepr } from './values/text.ts';
import { splitLines } from './values/text-operations.ts';
import { compare } from './values/truth.ts';
import { Tuple } from './values/tuple.ts';
import { requireDefined } from './values/undefined.ts';

const WIDTH = 80;

export function prettyText(value: unknown): string {
  return format(requireDefined(value), 0, 0, 1);
}

// `indent`: the column where the value starts; `allowance`: what must still fit behind it.
function format(value: unknown, indent: number, allowance: number, level: number): string {
  if (level > MAX_DEPTH) fail(`The value is nested deeper than ${MAX_DEPTH} levels`);
  const line = lineOf(value);
  if (line.length <= WIDTH - indent - allowance) return line;
  if (typeof value === 'string') return formatText(value, indent, allowance, level);
  if (isDict(value)) return `{${formatEntries(value, indent + 1, allowance + 1, level)}}`;
  if (!Array.isArray(value)) return line;
  const end = value instanceof Tuple && value.length === 1 ? ',' : '';
  const last = value.length - 1;
  const items = value.map((item, i) => format(item, indent + 1, i === last ? allowance + 1 : 1, level + 1));
  const body = items.join(separator(indent + 1)) + end;
  return value instanceof Tuple ? `(${body})` : `[${body}]`;
}

function formatEntries(dict: Dict, indent: number, allowance: number, level: number): string {
  const entries = sorted(dict);
  return entries
    .map(([key, item], i) => {
      const name = `${lineOf(key)}: `;
      return name + format(item, indent + name.length, i === entries.length - 1 ? allowance : 1, level + 1);
    })
    .join(separator(indent));
}

// A long text is cut at its line ends and between words; at the top it is put into parentheses.
function formatText(text: string, start: number, behind: number, level: number): string {
  const indent = level === 1 ? start + 1 : start;
  const allowance = level === 1 ? behind + 1 : behind;
  const lines = splitLines(text, true);
  const chunks = lines.flatMap((line, i) => {
    const isLast = i === lines.length - 1;
    const whole = toRepr(line);
    return whole.length <= WIDTH - indent - (isLast ? allowance : 0)
      ? [whole]
      : cutLine(line, indent, isLast ? allowance : 0);
  });
  if (chunks.length < 2) return chunks[0] ?? toRepr(text);
  const body = chunks.join(`\n${' '.repeat(indent)}`);
  return level === 1 ? `(${body})` : body;
}

function cutLine(line: string, indent: number, allowance: number): string[] {
  const chunks: string[] = [];
  const parts = line.match(/\S+\s*|\s+/g) ?? [];
  let current = '';
  parts.forEach((part, i) => {
    const width = WIDTH - indent - (i === parts.length - 1 ? allowance : 0);
    if (toRepr(current + part).length <= width) {
      current += part;
      return;
    }
    if (current !== '') chunks.push(toRepr(current));
    current = part;
  });
  if (current !== '') chunks.push(toRepr(current));
  return chunks;
}

function lineOf(value: unknown): string {
  if (isDict(value))
    return `{${sorted(value)
      .map(([key, item]) => `${lineOf(key)}: ${lineOf(item)}`)
      .join(', ')}}`;
  if (!Array.isArray(value)) return toRepr(value);
  const body = Array.from(value, lineOf).join(', ');
  if (!(value instanceof Tuple)) return `[${body}]`;
  return value.length === 1 ? `(${body},)` : `(${body})`;
}

function sorted(dict: Dict): [unknown, unknown][] {
  const entries = dictEntries(dict);
  try {
    return entries.sort(([a], [b]) => compare(a, b));
  } catch {
    return entries;
  }
}

function separator(indent: number): string {
  return `,\n${' '.repeat(indent)}`;
}
