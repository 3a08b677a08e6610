/** Filters of texts. */

import { shellQuote } from '../../util/shell-quote.ts';
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { prettyText } from '../pretty.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { dictEntries, isDict } from '../values/dict.ts';
import { typeName } from '../values/kinds.ts';
import { formatPercent } from '../values/percent-format.ts';
import { article, isIterable, iterate, lengthOf, slice, wholeNumber } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { capitalize, replaceText, splitLines, splitText, trimChars } from '../values/text-operations.ts';
import { truthy } from '../values/truth.ts';
import { tupleOf } from '../values/tuple.ts';
import { Undefined } from '../values/undefined.ts';

const ESCAPE = pure('value', escapeMarkup);

export const TEXT_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['lower', pure('value', (value: unknown) => toText(value).toLowerCase())],
  ['upper', pure('value', (value: unknown) => toText(value).toUpperCase())],
  ['capitalize', pure('value', (value: unknown) => capitalize(toText(value)))],
  ['title', pure('value', titleWords)],
  ['trim', pure('value chars?', (value: unknown, chars?: unknown) => trimChars(toText(value), chars, 'both'))],
  [
    'replace',
    pure('value old new count?', (value: unknown, old: unknown, by: unknown, count?: unknown) =>
      replaceText(toText(value), toText(old), toText(by), count),
    ),
  ],
  [
    'split',
    pure('value sep? maxsplit?', (value: unknown, sep?: unknown, max?: unknown) =>
      splitText(requireText(value), sep, max),
    ),
  ],
  [
    'center',
    pure('value width?', (value: unknown, width: unknown = 80) => center(toText(value), wholeNumber(width, 'width'))),
  ],
  ['indent', pure('value width? first? blank?', indent)],
  ['truncate', pure('value length? killwords? end? leeway?', truncate)],
  ['wordcount', pure('value', (value: unknown) => toText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)],
  ['wordwrap', pure('value width? break_long_words? wrapstring? break_on_hyphens?', wordwrap)],
  ['format', pure('value *args **named', formatFilter)],
  [
    'striptags',
    pure('value', (value: unknown) =>
      toText(value)
        .replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')
        .split(/\s+/)
        .filter((word) => word !== '')
        .join(' '),
    ),
  ],
  ['escape', ESCAPE],
  ['e', ESCAPE],
  ['forceescape', ESCAPE],
  ['quote', pure('value', (value: unknown) => (value === null || value === '' ? "''" : quoteWord(toText(value))))],
  ['urlencode', pure('value', urlEncode)],
  ['xmlattr', pure('value autospace?', xmlAttributes)],
  ['pprint', pure('value', prettyText)],
];

// The spelling of Python's shlex for a quote inside of quotes.
function quoteWord(text: string): string {
  return text.includes("'") ? `'${text.replaceAll("'", `'"'"'`)}'` : shellQuote(text);
}

function requireText(value: unknown): string {
  if (typeof value !== 'string') fail(`Expected a str, got ${article(typeName(value))}`);
  return value;
}

// Jinja's own idea of words: a capital after white space, hyphens and opening brackets.
function titleWords(value: unknown): string {
  return toText(value)
    .split(/([-\s({[<]+)/)
    .map((word) => capitalize(word))
    .join('');
}

function center(text: string, width: number): string {
  const missing = width - lengthOf(text);
  if (missing > MAX_TEXT_SIZE) fail(`Expected a width of at most ${MAX_TEXT_SIZE}, got ${width}`);
  if (missing <= 0) return text;
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return ' '.repeat(left) + text + ' '.repeat(missing - left);
}

function indent(value: unknown, width: unknown = 4, first: unknown = false, blank: unknown = false): string {
  const space = typeof width === 'string' ? width : ' '.repeat(Math.max(0, smallWidth(width)));
  const text = toText(value);
  const lines = blank !== false && truthy(blank) ? text.split('\n') : splitLines(`${text}\n`, false);
  const indented = lines.map((line, i) => (i > 0 && (line !== '' || truthy(blank)) ? space + line : line)).join('\n');
  return (truthy(first) ? space : '') + indented;
}

function smallWidth(value: unknown): number {
  const width = wholeNumber(value, 'the width');
  return width > 10_000 ? fail(`Expected a width of at most 10000, got ${width}`) : width;
}

function truncate(
  value: unknown,
  length: unknown = 255,
  kill: unknown = false,
  end: unknown = '...',
  leeway: unknown = 5,
): string {
  const text = toText(value);
  const size = wholeNumber(length, 'the length');
  const slack = leeway === null ? 5 : wholeNumber(leeway, 'the leeway');
  const tail = toText(end);
  if (size < lengthOf(tail)) fail(`Expected a length of at least ${lengthOf(tail)} (that of '${tail}'), got ${size}`);
  if (lengthOf(text) <= size + slack) return text;
  const cut = toText(slice(text, 0, size - lengthOf(tail), null));
  if (truthy(kill)) return cut + tail;
  const lastSpace = cut.lastIndexOf(' ');
  return (lastSpace < 0 ? cut : cut.slice(0, lastSpace)) + tail;
}

function wordwrap(value: unknown, width: unknown = 79, breakLong: unknown = true, by: unknown = '\n'): string {
  const size = wholeNumber(width, 'the width');
  if (size < 1) fail('Expected a width of at least 1');
  const separator = toText(by ?? '\n');
  return splitLines(toText(value), false)
    .map((line) => wrapLine(line, size, truthy(breakLong)).join(separator))
    .join(separator);
}

function wrapLine(line: string, width: number, breakLong: boolean): string[] {
  const lines: string[] = [];
  let current = '';
  for (let word of line.match(/\s+|[^\s-]*[^\s-]-+(?=\w)|\S+/g) ?? []) {
    if (current.length + word.length <= width) {
      current += word;
      continue;
    }
    if (current.trim() !== '') lines.push(current.trimEnd());
    current = '';
    if (word.trim() === '') continue;
    while (breakLong && word.length > width) {
      lines.push(word.slice(0, width));
      word = word.slice(width);
    }
    current = word;
  }
  if (current.trim() !== '') lines.push(current.trimEnd());
  return lines;
}

function formatFilter(value: unknown, args: unknown[], named: Record<string, unknown>): string {
  const names = Object.keys(named);
  if (args.length > 0 && names.length > 0)
    fail("The filter 'format' takes either positional or named values, not both");
  return formatPercent(toText(value), names.length > 0 ? named : tupleOf(args));
}

function escapeMarkup(value: unknown): string {
  const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
  return toText(value).replace(/[&<>"']/g, (char) => escapes[char] ?? char);
}

function xmlAttributes(value: unknown, autospace: unknown = true): string {
  if (!isDict(value)) fail(`The filter 'xmlattr' expects a dict, got ${article(typeName(value))}`);
  const attributes = dictEntries(value)
    .filter(([, item]) => item !== null && !(item instanceof Undefined))
    .map(([key, item]) => {
      if (/[\s/>=]/.test(toText(key))) fail(`Expected the name of an attribute, got '${toText(key)}'`);
      return `${escapeMarkup(key)}="${escapeMarkup(item)}"`;
    });
  return (truthy(autospace) && attributes.length > 0 ? ' ' : '') + attributes.join(' ');
}

function urlEncode(value: unknown): string {
  if (typeof value === 'string' || !isIterable(value)) return quoteUrl(toText(value), '/');
  const pairs = isDict(value) ? dictEntries(value) : iterate(value).map((pair) => iterate(pair));
  return pairs.map(([key, item]) => `${quotePlus(key)}=${quotePlus(item)}`).join('&');
}

function quotePlus(value: unknown): string {
  return quoteUrl(toText(value), '').replaceAll('%20', '+');
}

function quoteUrl(text: string, safe: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]|%2F/g, (match) => {
    if (match === '%2F') return safe === '/' ? '/' : match;
    return `%${match.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
