/** Python's `strptime`: a text and its format -> a date and time. */
import { fail } from '../failure.ts';
import { DAYS, DateTime, MONTHS } from './date-time.ts';

/** What a directive matches. */
const PATTERNS: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  y: '\\d{2}',
  m: '1[0-2]|0?[1-9]',
  d: '3[01]|[12]\\d|0?[1-9]| [1-9]',
  H: '2[0-3]|[01]?\\d',
  I: '1[0-2]|0?[1-9]',
  M: '[0-5]?\\d',
  S: '6[01]|[0-5]?\\d',
  f: '\\d{1,6}',
  j: '36[0-6]|3[0-5]\\d|[12]\\d\\d|0?[1-9]\\d|00?[1-9]|[1-9]',
  p: 'am|pm',
  a: DAYS.map((day) => day.slice(0, 3)).join('|'),
  A: DAYS.join('|'),
  b: MONTHS.map((month) => month.slice(0, 3)).join('|'),
  B: [...MONTHS].sort((x, y) => y.length - x.length).join('|'),
  z: '[+-]\\d\\d:?[0-5]\\d|Z',
  Z: 'utc|gmt',
};
const SHORTHANDS: Readonly<Record<string, string>> = {
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/**
 * Reads a time.
 *
 * @throws EvaluationFailure TEMPLATE_ERROR when the text does not fit the format, or is no date
 */
export function parseTime(text: string, format: string): DateTime {
  const directives: string[] = [];
  const full = format.replace(/%([cxX])/g, (_, name: string) => SHORTHANDS[name] ?? '');
  const source = full.replace(/%(.?)|\s+|[^%\s]/gs, (part, directive?: string) => {
    if (directive === undefined) return /^\s/.test(part) ? '\\s+' : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    if (directive === '%') return '%';
    const pattern = PATTERNS[directive];
    if (pattern === undefined) fail(`Unknown directive '${part}' in the time format '${format}'`);
    if (directives.includes(directive)) fail(`The directive '${part}' is twice in the time format '${format}'`);
    directives.push(directive);
    return `(${pattern})`;
  });
  const match = new RegExp(`^${source}$`, 'i').exec(text);
  if (match === null) fail(`Expected a time such as '${format}', got '${text}'`);
  return timeOf(new Map(directives.map((name, i) => [name, match[i + 1] ?? ''])), text);
}

function timeOf(found: ReadonlyMap<string, string>, text: string): DateTime {
  const number = (name: string): number | undefined => {
    const digits = found.get(name);
    return digits === undefined ? undefined : Number(digits);
  };
  const short = number('y');
  const year = number('Y') ?? (short === undefined ? 1900 : short + (short < 69 ? 2000 : 1900));
  const month = number('m') ?? monthOf(found.get('b') ?? found.get('B')) ?? 1;
  const day = number('d') ?? 1;
  const hour = number('H') ?? hourOf(number('I') ?? 0, found.get('p')?.toLowerCase());
  const [minute, second] = [number('M') ?? 0, number('S') ?? 0];
  const micro = Number((found.get('f') ?? '').padEnd(6, '0'));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (year < 1 || date.getUTCMonth() !== month - 1) fail(`Expected a day of the month, got '${text}'`);
  const dayOfYear = number('j');
  if (dayOfYear !== undefined && !found.has('d')) date.setUTCFullYear(year, 0, dayOfYear);
  date.setUTCHours(hour, minute, second);
  return new DateTime(date.getTime() * 1000 + micro, zoneOf(found.get('z')));
}

function monthOf(name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  return MONTHS.findIndex((month) => month.toLowerCase().startsWith(name.toLowerCase())) + 1;
}

function hourOf(hour12: number, half: string | undefined): number {
  if (half === 'pm') return (hour12 % 12) + 12;
  return half === 'am' ? hour12 % 12 : hour12;
}

function zoneOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text.toUpperCase() === 'Z') return 0;
  const digits = text.replace(/\D/g, '');
  return (text.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
}
