/**
 * Python's two kinds of number. An int is a safe integer `number`, or a `bigint` beyond 2^53. A float is any other
 * `number` (also NaN and the infinities), or a {@link PyFloat} when its value is whole, so that `1.0` stays a float.
 */

/** A float with a whole value (`2.0`), which a bare JavaScript number cannot tell from the int. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  toJSON(): number {
    return this.value;
  }
}

export type Numeric = number | bigint | PyFloat;

/** A float of that value, in its canonical form. */
export function toFloat(value: number): number | PyFloat {
  return Number.isSafeInteger(value) ? new PyFloat(value) : value;
}

/** An int of that value, in its canonical form. */
export function toInt(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** Whether the value is an int; a bool is not, see {@link asNumeric} for Python's bool arithmetic. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'bigint';
}

export function isFloat(value: unknown): value is number | PyFloat {
  return typeof value === 'number' ? !Number.isSafeInteger(value) : value instanceof PyFloat;
}

/** The value as a number of Python's (True is 1), or undefined when it is none. */
export function asNumeric(value: unknown): Numeric | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof PyFloat) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return undefined;
}

/** The JavaScript number of a numeric; ints beyond 2^53 lose precision, as Python's float() does. */
export function numberOf(value: Numeric): number {
  if (value instanceof PyFloat) return value.value;
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Python's `repr` of a float: the shortest digits, an exponent below 1e-4 and from 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const sign = value < 0 ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
