/** Points in time: what `now()` gives, and `strftime`. */
import { fail } from '../failure.ts';
import { Callable, PyObject } from './object.ts';
import { toText } from './text.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A date and time with the calendar fields of Python's datetime. */
export class DateTime extends PyObject {
  readonly typeName = 'datetime';
  readonly #timeMs: number;
  readonly #isUtc: boolean;

  constructor(timeMs: number, isUtc: boolean) {
    super();
    this.#timeMs = timeMs;
    this.#isUtc = isUtc;
  }

  override attribute(name: string): unknown {
    const f = fieldsOf(this.#timeMs, this.#isUtc);
    switch (name) {
      case 'year':
        return f.year;
      case 'month':
        return f.month;
      case 'day':
        return f.day;
      case 'hour':
        return f.hour;
      case 'minute':
        return f.minute;
      case 'second':
        return f.second;
      case 'strftime':
        return new Callable(name, (_runtime, [format]) => formatTime(toText(format), this.#timeMs, this.#isUtc));
      case 'isoformat':
        return new Callable(name, () => formatTime('%Y-%m-%dT%H:%M:%S.%f', this.#timeMs, this.#isUtc));
      case 'timestamp':
        return new Callable(name, () => this.#timeMs / 1000);
      default:
        return undefined;
    }
  }

  override attributeNames(): Iterable<string> {
    return ['year', 'month', 'day', 'hour', 'minute', 'second', 'strftime', 'isoformat', 'timestamp'];
  }

  override text(): string {
    return formatTime('%Y-%m-%d %H:%M:%S.%f', this.#timeMs, this.#isUtc);
  }
}

/** The time itself, or its text when a format is given (`now(fmt='%Y')`). */
export function dateTimeOf(timeMs: number, isUtc: boolean, format: unknown): unknown {
  return format === undefined ? new DateTime(timeMs, isUtc) : formatTime(toText(format), timeMs, isUtc);
}

/**
 * C's `strftime` in the C locale.
 *
 * @throws TEMPLATE_ERROR for a directive that is not known
 */
export function formatTime(format: string, timeMs: number, isUtc: boolean): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) fail('Expected seconds since 1970 that make a date');
  const f = fieldsOf(timeMs, isUtc);
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, unpadded: string, directive: string) => {
    const value = directiveText(directive, f, timeMs);
    if (value === undefined) fail(`Unknown directive '${whole}' in the time format '${format}'`);
    return unpadded === '-' ? value.replace(/^0+(?=\d)/, '') : value;
  });
}

type Fields = ReturnType<typeof fieldsOf>;

function fieldsOf(timeMs: number, isUtc: boolean) {
  const local = new Date(timeMs);
  const offsetMinutes = isUtc ? 0 : -local.getTimezoneOffset();
  const shifted = new Date(timeMs + offsetMinutes * 60_000);
  const year = shifted.getUTCFullYear();
  return {
    year,
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    millisecond: shifted.getUTCMilliseconds(),
    weekday: shifted.getUTCDay(),
    dayOfYear: Math.floor((shifted.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1,
    offsetMinutes,
  };
}

function directiveText(directive: string, f: Fields, timeMs: number): string | undefined {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = DAYS[f.weekday] ?? '';
  const month = MONTHS[f.month - 1] ?? '';
  const hour12 = f.hour % 12 || 12;
  const time = `${two(f.hour)}:${two(f.minute)}:${two(f.second)}`;
  switch (directive) {
    case 'Y':
      return String(f.year).padStart(4, '0');
    case 'y':
      return two(f.year % 100);
    case 'm':
      return two(f.month);
    case 'd':
      return two(f.day);
    case 'e':
      return String(f.day).padStart(2);
    case 'H':
      return two(f.hour);
    case 'I':
      return two(hour12);
    case 'M':
      return two(f.minute);
    case 'S':
      return two(f.second);
    case 'f':
      return `${String(f.millisecond).padStart(3, '0')}000`;
    case 'p':
      return f.hour < 12 ? 'AM' : 'PM';
    case 'j':
      return String(f.dayOfYear).padStart(3, '0');
    case 'a':
      return day.slice(0, 3);
    case 'A':
      return day;
    case 'b':
    case 'h':
      return month.slice(0, 3);
    case 'B':
      return month;
    case 'u':
      return String(f.weekday || 7);
    case 'w':
      return String(f.weekday);
    case 'D':
      return `${two(f.month)}/${two(f.day)}/${two(f.year % 100)}`;
    case 'F':
      return `${String(f.year).padStart(4, '0')}-${two(f.month)}-${two(f.day)}`;
    case 'T':
    case 'X':
      return time;
    case 'R':
      return time.slice(0, 5);
    case 'c':
      return `${day.slice(0, 3)} ${month.slice(0, 3)} ${String(f.day).padStart(2)} ${time} ${f.year}`;
    case 'x':
      return `${two(f.month)}/${two(f.day)}/${two(f.year % 100)}`;
    case 's':
      return String(Math.floor(timeMs / 1000));
    case 'z': {
      const size = Math.abs(f.offsetMinutes);
      return `${f.offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
    }
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    default:
      return undefined;
  }
}
