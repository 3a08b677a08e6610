/** Operations on texts that methods and filters share. */
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { typeName } from './kinds.ts';
import { article, wholeNumber } from './sequence.ts';

// What Python's str takes for white space; JavaScript's \s also has U+FEFF and lacks U+001C to U+001F and U+0085.
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const SPACES = new RegExp(`${SPACE}+`);
const SPACES_START = new RegExp(`^${SPACE}+`);
const SPACES_END = new RegExp(`${SPACE}+$`);

// Built from text, like SPACE: the linter takes control characters in a literal for mistakes.
const LINE_END = new RegExp(`(\\r\\n|[${['\\n-\\r', '\\x1c-\\x1e', '\\x85', '\\u2028\\u2029'].join('')}])`);

/** `strip`, `lstrip`, `rstrip`: without `chars`, white space. */
export function trimChars(text: string, chars: unknown, side: 'both' | 'start' | 'end'): string {
  if (chars === undefined || chars === null) {
    const left = side === 'end' ? text : text.replace(SPACES_START, '');
    return side === 'start' ? left : left.replace(SPACES_END, '');
  }
  if (typeof chars !== 'string') fail(`Expected the characters to strip as a str, got ${article(typeName(chars))}`);
  const set = new Set(chars);
  const points = [...text];
  let from = 0;
  let to = points.length;
  if (side !== 'end') while (from < to && set.has(points[from] ?? '')) from++;
  if (side !== 'start') while (to > from && set.has(points[to - 1] ?? '')) to--;
  return points.slice(from, to).join('');
}

/** `split` and `rsplit`: by runs of white space without a separator; at most `max` cuts when it is not negative. */
export function splitText(text: string, separator: unknown, max: unknown, fromRight = false): string[] {
  const limit = max === undefined || max === null ? -1 : wholeNumber(max, 'maxsplit');
  if (separator !== undefined && separator !== null && typeof separator !== 'string') {
    fail(`Expected a str to split by, got ${article(typeName(separator))}`);
  }
  if (separator === '') fail('Cannot split by an empty text');
  if (typeof separator !== 'string') return splitSpaces(text, limit, fromRight);
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  if (fromRight) {
    const cut = parts.length - limit;
    return [parts.slice(0, cut).join(separator), ...parts.slice(cut)];
  }
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

/** `splitlines`: at any of Python's line ends; a final one starts no new line. */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines = text.split(LINE_END);
  const result: string[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const end = lines[i + 1];
    if (end === undefined && lines[i] === '') break;
    result.push((lines[i] ?? '') + (keepEnds ? (end ?? '') : ''));
  }
  return result;
}

/** `replace`: all occurrences, or the first `count`. */
export function replaceText(text: string, old: string, by: string, count: unknown): string {
  const limit = count === undefined || count === null ? -1 : wholeNumber(count, 'the count');
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  if ((parts.length - 1) * by.length + text.length > MAX_TEXT_SIZE)
    fail(`Expected a text of at most ${MAX_TEXT_SIZE} characters`);
  tick(parts.length);
  if (limit < 0 || limit >= parts.length - 1) return parts.join(by);
  return (
    parts.slice(0, limit + 1).join(by) +
    parts
      .slice(limit)
      .slice(1)
      .map((part) => old + part)
      .join('')
  );
}

/** First character upper, the rest lower. */
export function capitalize(text: string): string {
  const [first = ''] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** Python's `str.title`: a capital after anything that is no letter. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize);
}

function splitSpaces(text: string, limit: number, fromRight: boolean): string[] {
  const body = trimChars(text, undefined, 'both');
  if (body === '') return [];
  if (limit < 0) return body.split(SPACES);
  const parts: string[] = [];
  let rest = fromRight ? trimChars(text, undefined, 'end') : trimChars(text, undefined, 'start');
  const pattern = fromRight ? new RegExp(`${SPACE}+(?=[^\\t-\\r\\x1c-\\x20\\x85\\xa0]*$)`) : SPACES;
  while (parts.length < limit) {
    const match = pattern.exec(rest);
    if (match === null || match[0].length + match.index === rest.length) break;
    const after = rest.slice(match.index + match[0].length);
    const before = rest.slice(0, match.index);
    if (fromRight && before === '') break;
    parts.push(fromRight ? after : before);
    rest = fromRight ? before : after;
  }
  if (rest !== '') parts.push(rest);
  return fromRight ? parts.reverse() : parts;
}
