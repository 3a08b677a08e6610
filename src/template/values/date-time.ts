/** Points in time: what `now()` and `to_datetime` give, and `strftime`. */
import { fail } from '../failure.ts';
import { toFloat } from './numbers.ts';
import { Callable, PyObject } from './object.ts';
import { toText } from './text.ts';
import { clockText, TimeDelta } from './time-delta.ts';

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
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

const DAY_US = 86_400_000_000;
const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'] as const;
const METHODS = ['strftime', 'isoformat', 'timestamp', 'weekday', 'isoweekday', 'date'];

/** A date and time with the calendar fields of Python's datetime, or a date alone. */
export class DateTime extends PyObject {
  /** Microseconds since 1970 of the calendar's fields, as if they were UTC. */
  readonly fieldsUs: number;
  /** Minutes east of UTC; undefined: the time says no zone and is taken for local time where it matters. */
  readonly offsetMinutes: number | undefined;
  readonly isDate: boolean;

  constructor(fieldsUs: number, offsetMinutes?: number, isDate = false) {
    super();
    this.fieldsUs = fieldsUs;
    this.offsetMinutes = offsetMinutes;
    this.isDate = isDate;
  }

  /** The time that it is, in fields of UTC or of the local zone. */
  static at(timeMs: number, isUtc: boolean): DateTime {
    const offset = isUtc ? 0 : -new Date(timeMs).getTimezoneOffset();
    return new DateTime((timeMs + offset * 60_000) * 1000);
  }

  get typeName(): string {
    return this.isDate ? 'date' : 'datetime';
  }

  /** Milliseconds since 1970. */
  get timeMs(): number {
    const ms = this.fieldsUs / 1000;
    if (this.offsetMinutes !== undefined) return ms - this.offsetMinutes * 60_000;
    const { year, month, day, hour, minute, second } = fieldsOf(ms);
    return (
      new Date(year, month - 1, day, hour, minute, second).getTime() + (((this.fieldsUs % 1e6) + 1e6) % 1e6) / 1000
    );
  }

  override attribute(name: string): unknown {
    const fields = fieldsOf(this.fieldsUs / 1000);
    switch (name) {
      case 'year':
      case 'month':
      case 'day':
        return fields[name];
      case 'hour':
      case 'minute':
      case 'second':
        return this.isDate ? undefined : fields[name];
      case 'microsecond':
        return this.isDate ? undefined : this.#microseconds;
      case 'strftime':
        return new Callable(name, (_runtime, [format]) => formatFields(toText(format), this));
      case 'isoformat':
        return new Callable(name, () => this.#iso('T'));
      case 'timestamp':
        return this.isDate ? undefined : new Callable(name, () => toFloat(this.timeMs / 1000));
      case 'weekday':
        return new Callable(name, () => (fields.weekday + 6) % 7);
      case 'isoweekday':
        return new Callable(name, () => fields.weekday || 7);
      case 'date':
        return new Callable(name, () => new DateTime(Math.floor(this.fieldsUs / DAY_US) * DAY_US, undefined, true));
      default:
        return undefined;
    }
  }

  override attributeNames(): Iterable<string> {
    return [...FIELDS, ...METHODS];
  }

  override text(): string {
    return this.#iso(' ');
  }

  override repr(): string {
    const { year, month, day, hour, minute, second } = fieldsOf(this.fieldsUs / 1000);
    if (this.isDate) return `datetime.date(${year}, ${month}, ${day})`;
    const micro = this.#microseconds;
    const fields = [year, month, day, hour, minute, ...(second || micro ? [second] : []), ...(micro ? [micro] : [])];
    return `datetime.datetime(${fields.join(', ')}${this.#zoneRepr()})`;
  }

  override operate(operator: string, other: unknown): unknown {
    if (other instanceof TimeDelta && (operator === '+' || operator === '-')) {
      const us = this.fieldsUs + (operator === '+' ? other.totalUs : -other.totalUs);
      return new DateTime(this.isDate ? Math.floor(us / DAY_US) * DAY_US : us, this.offsetMinutes, this.isDate);
    }
    if (!(other instanceof DateTime) || operator !== '-' || other.isDate !== this.isDate) return undefined;
    if ((this.offsetMinutes === undefined) !== (other.offsetMinutes === undefined)) {
      fail('Cannot subtract a time with a zone from one without, or the reverse');
    }
    return new TimeDelta(this.#utcUs - other.#utcUs);
  }

  override order(other: unknown): number | undefined {
    if (!(other instanceof DateTime) || other.isDate !== this.isDate) return undefined;
    if ((this.offsetMinutes === undefined) !== (other.offsetMinutes === undefined)) return undefined;
    return this.#utcUs - other.#utcUs;
  }

  get #microseconds(): number {
    return ((this.fieldsUs % 1e6) + 1e6) % 1e6;
  }

  get #utcUs(): number {
    return this.fieldsUs - (this.offsetMinutes ?? 0) * 60_000_000;
  }

  #iso(separator: string): string {
    const { year, month, day } = fieldsOf(this.fieldsUs / 1000);
    const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
    if (this.isDate) return date;
    const inDay = ((this.fieldsUs % DAY_US) + DAY_US) % DAY_US;
    const zone = this.offsetMinutes === undefined ? '' : zoneText(this.offsetMinutes, ':');
    return `${date}${separator}${clockText(inDay, true)}${zone}`;
  }

  #zoneRepr(): string {
    if (this.offsetMinutes === undefined) return '';
    if (this.offsetMinutes === 0) return ', tzinfo=datetime.timezone.utc';
    return `, tzinfo=datetime.timezone(${new TimeDelta(this.offsetMinutes * 60_000_000).repr()})`;
  }
}

/** The time itself, or its text when a format is given (`now(fmt='%Y')`). */
export function dateTimeOf(timeMs: number, isUtc: boolean, format: unknown): unknown {
  const time = DateTime.at(timeMs, isUtc);
  return format === undefined ? time : formatFields(toText(format), time);
}

/**
 * C's `strftime` in the C locale.
 *
 * @throws TEMPLATE_ERROR for a directive that is not known
 */
export function formatTime(format: string, timeMs: number, isUtc: boolean): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) fail('Expected seconds since 1970 that make a date');
  return formatFields(format, DateTime.at(timeMs, isUtc), isUtc ? 0 : undefined);
}

function formatFields(format: string, time: DateTime, zoneMinutes?: number): string {
  const f = {
    ...fieldsOf(time.fieldsUs / 1000),
    microsecond: ((time.fieldsUs % 1e6) + 1e6) % 1e6,
    offsetMinutes: zoneMinutes ?? time.offsetMinutes ?? -new Date(time.timeMs).getTimezoneOffset(),
    zone: zoneMinutes === 0 ? 'GMT' : time.offsetMinutes === undefined ? undefined : zoneOf(time.offsetMinutes),
  };
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, unpadded: string, directive: string) => {
    const value = directiveText(directive, f, time.timeMs);
    if (value === undefined) fail(`Unknown directive '${whole}' in the time format '${format}'`);
    return unpadded === '-' ? value.replace(/^0+(?=\d)/, '') : value;
  });
}

type Fields = ReturnType<typeof fieldsOf> & {
  readonly microsecond: number;
  readonly offsetMinutes: number;
  /** The name of the zone, where it is not the local one. */
  readonly zone?: string;
};

function fieldsOf(fieldsMs: number) {
  const date = new Date(fieldsMs);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    dayOfYear: Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1,
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

// The name of a fixed offset, as Python has it: UTC, UTC+02:00.
function zoneOf(offsetMinutes: number): string {
  return offsetMinutes === 0 ? 'UTC' : `UTC${zoneText(offsetMinutes, ':')}`;
}

function zoneText(offsetMinutes: number, separator: string): string {
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}

// The week of the year whose weeks start on Sunday (0) or Monday (1); days before the first such day are week 0.
function weekOfYear(f: Fields, firstDay: 0 | 1): number {
  const sinceFirst = (f.weekday - firstDay + 7) % 7;
  return Math.floor((f.dayOfYear + 6 - sinceFirst) / 7);
}

// ISO 8601: the week that has the Thursday, and the year that this Thursday is in.
function isoWeek(f: Fields): { readonly year: number; readonly week: number } {
  const thursday = new Date(Date.UTC(f.year, 0, f.dayOfYear - ((f.weekday + 6) % 7) + 3));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 };
}

function directiveText(directive: string, f: Fields, timeMs: number): string | undefined {
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
      return String(Math.floor(f.microsecond)).padStart(6, '0');
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
    case 'z':
      return zoneText(f.offsetMinutes, '');
    case 'Z':
      return f.zone ?? zoneName(timeMs);
    case 'C':
      return two(Math.floor(f.year / 100));
    case 'k':
      return String(f.hour).padStart(2);
    case 'l':
      return String(hour12).padStart(2);
    case 'r':
      return `${two(hour12)}:${time.slice(3)} ${f.hour < 12 ? 'AM' : 'PM'}`;
    case 'P':
      return f.hour < 12 ? 'am' : 'pm';
    case 'U':
      return two(weekOfYear(f, 0));
    case 'W':
      return two(weekOfYear(f, 1));
    case 'V':
      return two(isoWeek(f).week);
    case 'G':
      return String(isoWeek(f).year).padStart(4, '0');
    case 'g':
      return two(isoWeek(f).year % 100);
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

// The abbreviation of the local zone at that time, as far as JavaScript knows one.
function zoneName(timeMs: number): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(timeMs);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}
