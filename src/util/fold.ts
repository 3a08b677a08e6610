/** Folds host names into ranges and back, as clush does: `web[01-40],db1`. */

import { FleetmendError } from '../errors.ts';

/** A name cut into text and numbers: `a1b22` is texts `a`, `b`, `` and numbers `1`, `22`. */
interface Name {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
}

/** Names that differ in one number only. */
interface Cluster {
  readonly before: string;
  readonly after: string;
  readonly digits: string[];
}

/** More names than this in one text are taken for a mistake. */
const MAX_EXPANDED = 1_000_000;
const IPV4_TEXTS = '\0.\0.\0.\0';

/**
 * A short text for a set of host names. The number in which most names differ is folded (of equals the last one of the host
 * part, before the first dot; of an IPv4 address the last octet), zero padding is kept. The result does not depend on the
 * order of the names but for the order of its parts: first appearance. Duplicates count once. A name that could not be
 * read back (brackets, commas, quotes, spaces) stands whole, in JSON's double quotes.
 *
 * @see {@link expandHosts}, its inverse
 */
export function foldHosts(names: Iterable<string>): string {
  const shapes = new Map<string, Name[]>();
  const parts = new Map<string, string>();
  for (const name of new Set(names)) {
    if (!isFoldable(name)) {
      parts.set(name, JSON.stringify(name));
      continue;
    }
    const cut = cutName(name);
    const shape = cut.texts.join('\0');
    const same = shapes.get(shape);
    if (same === undefined) {
      shapes.set(shape, [cut]);
      // Holds the shape's place in the order.
      parts.set(`\0${shape}`, '');
    } else same.push(cut);
  }
  for (const [shape, same] of shapes) parts.set(`\0${shape}`, foldShape(shape, same).join(','));
  return [...parts.values()].join(',');
}

/**
 * The names of a folded text, in its order.
 *
 * @throws {@link FleetmendError} PATTERN_INVALID when a bracket or quote is not closed, or a range is none
 */
export function expandHosts(text: string): string[] {
  const names: string[] = [];
  for (const part of splitParts(text)) {
    if (part.startsWith('"')) {
      names.push(parseQuoted(part, text));
      continue;
    }
    const open = part.indexOf('[');
    if (open === -1) {
      names.push(part);
      continue;
    }
    const close = part.indexOf(']');
    const before = part.slice(0, open);
    const after = part.slice(close + 1);
    for (const range of part.slice(open + 1, close).split(',')) {
      for (const digits of expandRange(range, text)) names.push(`${before}${digits}${after}`);
    }
    if (names.length > MAX_EXPANDED) throw invalid(text, `it holds more than ${MAX_EXPANDED} names`);
  }
  return names;
}

function isFoldable(name: string): boolean {
  return name !== '' && !/[[\],"\s\0]/.test(name);
}

// Numbers of up to 15 digits, so that they are exact; longer ones are two in a row.
function cutName(name: string): Name {
  const pieces = name.split(/(\d{1,15})/);
  return { texts: pieces.filter((_, i) => i % 2 === 0), numbers: pieces.filter((_, i) => i % 2 === 1) };
}

function foldShape(shape: string, names: readonly Name[]): string[] {
  const field = shape === IPV4_TEXTS ? 3 : foldedField(names);
  const clusters = new Map<string, Cluster>();
  for (const name of names) {
    const before = joinName(name, 0, field);
    const after = joinName(name, field + 1, name.numbers.length);
    const key = `${before}\0${after}`;
    const digits = name.numbers[field];
    const cluster = clusters.get(key);
    if (cluster !== undefined && digits !== undefined) cluster.digits.push(digits);
    else clusters.set(key, { before, after, digits: digits === undefined ? [] : [digits] });
  }
  return [...clusters.values()].flatMap(formatCluster);
}

// The number that leaves the fewest clusters when it is taken out; the host part wins a tie, its last number first.
function foldedField(names: readonly Name[]): number {
  const [first] = names;
  if (first === undefined || names.length === 1 || first.numbers.length < 2) return 0;
  const dot = first.texts.findIndex((text) => text.includes('.'));
  const hostFields = dot === -1 ? first.numbers.length : dot;
  const order = [...first.numbers.keys()].sort((a, b) => Number(a >= hostFields) - Number(b >= hostFields) || b - a);
  let best = order[0] ?? 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (const field of order) {
    const count = new Set(names.map((name) => name.numbers.toSpliced(field, 1, '').join('\0'))).size;
    if (count >= fewest) continue;
    best = field;
    fewest = count;
  }
  return best;
}

// The name from the text before one number up to another number.
function joinName(name: Name, from: number, to: number): string {
  let text = name.texts[from] ?? '';
  for (let i = from; i < to; i++) text += `${name.numbers[i] ?? ''}${name.texts[i + 1] ?? ''}`;
  return text;
}

function formatCluster({ before, after, digits }: Cluster): string[] {
  const [only] = digits;
  if (only === undefined) return [before];
  if (digits.length === 1) return [`${before}${only}${after}`];
  return byWidth(digits).map(([width, numbers]) => {
    const ranges = formatRanges(numbers, width);
    return `${before}${numbers.length === 1 ? ranges : `[${ranges}]`}${after}`;
  });
}

// A leading zero fixes a width: 10 goes with 01 … 09, and 9 does not. Without one, 9 and 10 go together.
function byWidth(digits: readonly string[]): [number, number[]][] {
  const widths = [
    ...new Set(digits.filter((text) => text.length > 1 && text.startsWith('0')).map((text) => text.length)),
  ];
  widths.sort((a, b) => b - a);
  const groups = new Map<number, number[]>();
  for (const text of digits) {
    const value = Number(text);
    const width = widths.find((candidate) => String(value).padStart(candidate, '0') === text) ?? 0;
    const group = groups.get(width);
    if (group === undefined) groups.set(width, [value]);
    else group.push(value);
  }
  return [...groups];
}

function formatRanges(numbers: number[], width: number): string {
  numbers.sort((a, b) => a - b);
  const pad = (value: number) => String(value).padStart(width, '0');
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const start = numbers[i] ?? 0;
    while (numbers[i + 1] === (numbers[i] ?? 0) + 1) i++;
    const end = numbers[i] ?? start;
    parts.push(start === end ? pad(start) : `${pad(start)}-${pad(end)}`);
  }
  return parts.join(',');
}

// Cuts at commas that stand outside brackets and quotes.
function splitParts(text: string): string[] {
  if (text === '') return [];
  const parts = text.match(/"(?:[^"\\]|\\.)*"|(?:[^[\],"]|\[[^[\]]*\])+|[,[\]"]/g) ?? [];
  const found = parts.filter((part) => part !== ',');
  const isSound = parts.every((part, i) => (part === ',') === (i % 2 === 1) && !/^["[\]]$/.test(part));
  if (!isSound || parts.length % 2 === 0) throw invalid(text, 'a bracket or quote is not closed, or a name is missing');
  return found;
}

function parseQuoted(part: string, text: string): string {
  try {
    return String(JSON.parse(part));
  } catch {
    throw invalid(text, `${part} is no quoted name`);
  }
}

function* expandRange(range: string, text: string): Generator<string> {
  const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range);
  const [, start, end = start] = match ?? [];
  if (start === undefined || end === undefined) throw invalid(text, `'${range}' is no range of numbers`);
  const last = Number(end);
  if (last - Number(start) > MAX_EXPANDED) throw invalid(text, `'${range}' holds more than ${MAX_EXPANDED} names`);
  for (let value = Number(start); value <= last; value++) yield String(value).padStart(start.length, '0');
}

function invalid(text: string, reason: string): FleetmendError {
  return new FleetmendError(
    'PATTERN_INVALID',
    `Expected folded host names such as web[01-40],db1, got '${text}': ${reason}`,
  );
}
