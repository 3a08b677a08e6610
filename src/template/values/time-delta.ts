/** Lengths of time: what subtracting two dates gives. */
import { fail } from '../failure.ts';
import { asNumeric, isFloat, numberOf, toFloat } from './numbers.ts';
import { Callable, PyObject } from './object.ts';

const DAY_US = 86_400_000_000;

/** Python's timedelta. */
export class TimeDelta extends PyObject {
  readonly typeName = 'timedelta';
  /** The whole length in microseconds. */
  readonly totalUs: number;

  constructor(totalUs: number) {
    super();
    this.totalUs = totalUs;
  }

  override attribute(name: string): unknown {
    switch (name) {
      case 'days':
        return this.#days;
      case 'seconds':
        return Math.floor(this.#inDay / 1e6);
      case 'microseconds':
        return this.#inDay % 1e6;
      case 'total_seconds':
        return new Callable(name, () => toFloat(this.totalUs / 1e6));
      default:
        return undefined;
    }
  }

  override attributeNames(): Iterable<string> {
    return ['days', 'seconds', 'microseconds', 'total_seconds'];
  }

  override text(): string {
    const days = this.#days;
    const clock = clockText(this.#inDay, false);
    return days === 0 ? clock : `${days} day${Math.abs(days) === 1 ? '' : 's'}, ${clock}`;
  }

  override repr(): string {
    const parts = [
      ['days', this.#days],
      ['seconds', Math.floor(this.#inDay / 1e6)],
      ['microseconds', this.#inDay % 1e6],
    ] as const;
    const given = parts.filter(([, value]) => value !== 0).map(([name, value]) => `${name}=${value}`);
    return `datetime.timedelta(${given.join(', ') || '0'})`;
  }

  override operate(operator: string, other: unknown): unknown {
    if (other instanceof TimeDelta) return this.#withDelta(operator, other);
    if (operator === '+' && other instanceof PyObject) return other.operate('+', this);
    const numeric = asNumeric(other);
    if (numeric === undefined) return undefined;
    const by = numberOf(numeric);
    if (operator === '*') return new TimeDelta(Math.round(this.totalUs * by));
    if (operator !== '/' && (operator !== '//' || isFloat(other))) return undefined;
    if (by === 0) fail('Cannot divide by zero');
    return new TimeDelta(operator === '/' ? Math.round(this.totalUs / by) : Math.floor(this.totalUs / by));
  }

  override order(other: unknown): number | undefined {
    return other instanceof TimeDelta ? this.totalUs - other.totalUs : undefined;
  }

  #withDelta(operator: string, other: TimeDelta): unknown {
    if (operator === '+') return new TimeDelta(this.totalUs + other.totalUs);
    if (operator === '-') return new TimeDelta(this.totalUs - other.totalUs);
    if (operator !== '/' && operator !== '//') return undefined;
    if (other.totalUs === 0) fail('Cannot divide by zero');
    return operator === '/' ? toFloat(this.totalUs / other.totalUs) : Math.floor(this.totalUs / other.totalUs);
  }

  get #days(): number {
    return Math.floor(this.totalUs / DAY_US);
  }

  get #inDay(): number {
    return this.totalUs - this.#days * DAY_US;
  }
}

/** `3:04:05`, or `03:04:05` when padded; with six digits behind when there are any. */
export function clockText(inDayUs: number, isPadded: boolean): string {
  const seconds = Math.floor(inDayUs / 1e6);
  const micro = Math.floor(inDayUs % 1e6);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const clock = `${isPadded ? two(hours) : hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return micro === 0 ? clock : `${clock}.${String(micro).padStart(6, '0')}`;
}
