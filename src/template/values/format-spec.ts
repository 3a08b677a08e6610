/** Formats one value by one specification, shared by `%` and `str.format`. */
import { fail } from '../failure.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { typeName } from './kinds.ts';
import { asNumeric, floatText, isInt, type Numeric, numberOf, PyFloat } from './numbers.ts';
import { codePoints, lengthOf } from './sequence.ts';
import { toText } from './text.ts';

export interface FormatSpec {
  readonly fill: string;
  readonly align: '<' | '>' | '^' | '=' | undefined;
  readonly sign: '+' | '-' | ' ';
  readonly isAlternate: boolean;
  readonly width: number;
  readonly grouping: '' | ',' | '_';
  readonly precision: number | undefined;
  readonly type: string;
}

/** The mini-language of Python's `format()`: `[[fill]align][sign][#][0][width][grouping][.precision][type]`. */
const SPEC = /^(?:(.)?([<>=^]))?([+\- ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

/** @throws TEMPLATE_ERROR when the text is no specification */
export function parseFormatSpec(text: string): FormatSpec {
  const match = SPEC.exec(text);
  if (match === null) fail(`Expected a format specification such as '>10' or '.2f', got '${text}'`);
  const [, fill, align, sign, alternate, zero, width, grouping, precision, type] = match;
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: (align ?? (zero === undefined ? undefined : '=')) as FormatSpec['align'],
    sign: (sign ?? '-') as FormatSpec['sign'],
    isAlternate: alternate !== undefined,
    width: checkedWidth(width),
    grouping: (grouping ?? '') as FormatSpec['grouping'],
    precision: precision === undefined ? undefined : checkedPrecision(precision),
    type: type ?? '',
  };
}

/** The value by the specification; numbers go right, everything else left, unless it says how. */
export function formatValue(value: unknown, spec: FormatSpec): string {
  const numeric = typeof value === 'boolean' && spec.type === '' ? undefined : asNumeric(value);
  if (numeric !== undefined && spec.type !== 's') return formatNumber(numeric, spec);
  if (spec.type !== '' && spec.type !== 's') fail(`Cannot format ${typeName(value)} as a number ('${spec.type}')`);
  const text = toText(value);
  const cut = spec.precision === undefined ? text : [...text].slice(0, spec.precision).join('');
  return pad(cut, spec.fill, spec.align === '=' ? '<' : (spec.align ?? '<'), spec.width);
}

/** The digits of a float by `e`, `f`, `g` or `%`, without sign of its own for positives. */
export function formatFloat(value: number, type: string, precision: number | undefined, isAlternate: boolean): string {
  if (!Number.isFinite(value))
    return type === type.toUpperCase() && type !== '%' ? floatText(value).toUpperCase() : floatText(value);
  const digits = precision ?? 6;
  switch (type) {
    case 'e':
    case 'E':
      return upperIf(type === 'E', exponentForm(value, digits));
    case '%':
      return `${fixed(value * 100, digits)}%`;
    case 'g':
    case 'G':
      return upperIf(type === 'G', general(value, digits === 0 ? 1 : digits, isAlternate));
    default:
      return fixed(value, digits);
  }
}

function formatNumber(numeric: Numeric, spec: FormatSpec): string {
  const isNegative = numberOf(numeric) < 0 || Object.is(numberOf(numeric), -0);
  let digits = isInt(numeric) && 'bcdnoxX'.includes(spec.type) ? intDigits(numeric, spec) : floatDigits(numeric, spec);
  digits = digits.replace(/^-/, '');
  if (spec.grouping !== '') digits = digits.replace(/^\d+/, (whole) => group(whole, spec.grouping));
  const sign = isNegative ? '-' : spec.sign === '-' ? '' : spec.sign;
  if (spec.align === '=') {
    return sign + pad(digits, spec.fill, '>', spec.width - sign.length);
  }
  return pad(sign + digits, spec.fill, spec.align ?? '>', spec.width);
}

function intDigits(value: number | bigint, spec: FormatSpec): string {
  const size = BigInt(value) < 0n ? -BigInt(value) : BigInt(value);
  switch (spec.type) {
    case 'b':
      return (spec.isAlternate ? '0b' : '') + size.toString(2);
    case 'o':
      return (spec.isAlternate ? '0o' : '') + size.toString(8);
    case 'x':
      return (spec.isAlternate ? '0x' : '') + size.toString(16);
    case 'X':
      return (spec.isAlternate ? '0X' : '') + size.toString(16).toUpperCase();
    case 'c':
      return String.fromCodePoint(Number(value));
    default:
      return size.toString();
  }
}

function floatDigits(value: Numeric, spec: FormatSpec): string {
  if (spec.type === '') {
    if (spec.precision === undefined) return floatText(numberOf(value));
    const short = general(numberOf(value), spec.precision || 1, false);
    return value instanceof PyFloat && /^-?\d+$/.test(short) ? `${short}.0` : short;
  }
  if (!'eEfFgG%'.includes(spec.type)) fail(`Cannot format a float by '${spec.type}'`);
  return formatFloat(numberOf(value), spec.type, spec.precision, spec.isAlternate);
}

function fixed(value: number, digits: number): string {
  // toFixed gives an exponent from 1e21 on; such a float is a whole number, exact as a bigint.
  if (Math.abs(value) >= 1e21) return BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  const text = halfEven(value, digits) ?? value.toFixed(Math.min(digits, 100));
  const full = digits > 100 ? text + '0'.repeat(digits - 100) : text;
  return Object.is(value, -0) ? `-${full}` : full;
}

// toFixed rounds exact halves up (2.5 -> 3); Python rounds them to even.
function halfEven(value: number, digits: number): string | undefined {
  if (digits > 15) return undefined;
  const scaled = value * 10 ** digits;
  if (Math.abs(scaled) > 2 ** 52 || Math.abs(scaled % 1) !== 0.5 || scaled / 10 ** digits !== value) return undefined;
  // Only dyadic fractions are exact halves; anything else only looks like one after the multiplication.
  if (!Number.isInteger(value * 2 ** (digits + 1))) return undefined;
  const floor = Math.floor(scaled);
  return ((floor % 2 === 0 ? floor : floor + 1) / 10 ** digits).toFixed(digits);
}

function exponentForm(value: number, digits: number): string {
  const [mantissa = '', exponent = '+0'] = value.toExponential(Math.min(digits, 100)).split('e');
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function general(value: number, digits: number, keepZeros: boolean): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const exponent = Number(value.toExponential(Math.min(digits, 100) - 1).split('e')[1]);
  const isSmall = exponent >= -4 && exponent < digits;
  const text = isSmall ? fixed(value, digits - 1 - exponent) : exponentForm(value, digits - 1);
  if (keepZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(e|$)/, '$1');
}

function group(whole: string, separator: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, separator);
}

function pad(text: string, fill: string, align: '<' | '>' | '^' | '=', width: number): string {
  const missing = width - (width > text.length ? lengthOf(text) : codePoints(text).length);
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align !== '^') return fill.repeat(missing) + text;
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function upperIf(condition: boolean, text: string): string {
  return condition ? text.toUpperCase() : text;
}

function checkedWidth(width: string | undefined): number {
  const size = Number(width ?? 0);
  if (size > MAX_TEXT_SIZE) fail(`Expected a width of at most ${MAX_TEXT_SIZE}, got ${width}`);
  return size;
}

function checkedPrecision(precision: string): number {
  const size = Number(precision);
  if (size > 10_000) fail(`Expected a precision of at most 10000, got ${precision}`);
  return size;
}
