/** Filters of numbers. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { calculate, negate } from '../values/arithmetic.ts';
import { readPath } from '../values/attributes.ts';
import { formatFloat } from '../values/format-spec.ts';
import { typeName } from '../values/kinds.ts';
import { asNumeric, isFloat, isInt, numberOf, toFloat, toInt } from '../values/numbers.ts';
import { article, iterate, wholeNumber } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { trimChars } from '../values/text-operations.ts';
import { compare } from '../values/truth.ts';
import { orUndefined, requireDefined } from '../values/undefined.ts';

export const NUMBER_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['int', pure('value default? base?', toIntFilter)],
  [
    'float',
    pure('value default?', (value: unknown, fallback: unknown = toFloat(0)) => parseFloatText(value) ?? fallback),
  ],
  ['abs', pure('value', (value: unknown) => (compare(value, 0) < 0 ? negate(value) : calculate('+', value, 0)))],
  ['round', pure('value precision? method?', round)],
  [
    'sum',
    pure('value attribute? start?', (value: unknown, attribute?: unknown, start: unknown = 0) =>
      iterate(value)
        .map((item) =>
          attribute === undefined || attribute === null
            ? item
            : requireDefined(
                orUndefined(readPath(item, attribute), () => `An item has no attribute '${toText(attribute)}'`),
              ),
        )
        .reduce((sum, item) => calculate('+', sum, item), start),
    ),
  ],
  ['pow', pure('value y', (value: unknown, y: unknown) => calculate('**', value, calculate('*', y, toFloat(1))))],
  ['root', pure('value base?', (value: unknown, base: unknown = 2) => toFloat(number(value) ** (1 / number(base))))],
  [
    'log',
    pure('value base?', (value: unknown, base?: unknown) =>
      toFloat(base === undefined ? Math.log(number(value)) : logarithm(number(value), number(base))),
    ),
  ],
];

function toIntFilter(value: unknown, fallback: unknown = 0, base: unknown = 10): unknown {
  if (isInt(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  if (isFloat(value)) {
    const whole = Math.trunc(numberOf(value));
    return Number.isFinite(whole) ? toInt(BigInt(whole)) : fallback;
  }
  if (typeof value !== 'string') return fallback;
  const parsed = parseIntText(trimChars(value, null, 'both'), wholeNumber(base, 'the base'));
  if (parsed !== undefined) return parsed;
  const float = parseFloatText(value);
  return float === undefined ? fallback : toIntFilter(float, fallback);
}

// Python's int(text, base): a sign, single underscores, the prefix that fits the base; base 0 goes by the prefix.
function parseIntText(text: string, base: number): unknown {
  if (base !== 0 && (base < 2 || base > 36)) return undefined;
  const match = /^([+-]?)(0[xob])?([\da-z]+(?:_[\da-z]+)*)$/i.exec(text);
  if (match === null) return undefined;
  const [, sign = '', prefix, written = ''] = match;
  const prefixBase = { '0x': 16, '0o': 8, '0b': 2 }[prefix?.toLowerCase() ?? ''];
  const isPrefix = prefix !== undefined && (base === 0 || base === prefixBase);
  const digits = ((isPrefix ? '' : (prefix ?? '')) + written).replaceAll('_', '').toLowerCase();
  const radix = base === 0 ? (prefixBase ?? 10) : base;
  let result = 0n;
  for (const digit of digits) {
    const place = Number.parseInt(digit, 36);
    if (!(place < radix)) return undefined;
    result = result * BigInt(radix) + BigInt(place);
  }
  return toInt(sign === '-' ? -result : result);
}

function parseFloatText(value: unknown): unknown {
  const numeric = asNumeric(value);
  if (numeric !== undefined) return toFloat(numberOf(numeric));
  if (typeof value !== 'string') return undefined;
  const text = trimChars(value, null, 'both').toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special !== null) return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/.test(text)) return undefined;
  return toFloat(Number(text.replaceAll('_', '')));
}

function round(value: unknown, precision: unknown = 0, method: unknown = 'common'): unknown {
  const digits = wholeNumber(precision, 'the precision');
  const given = number(value);
  if (method === 'ceil' || method === 'floor') {
    const scale = 10 ** digits;
    return toFloat((method === 'ceil' ? Math.ceil(given * scale) : Math.floor(given * scale)) / scale);
  }
  if (method !== 'common') fail("Expected the method of 'round' to be common, ceil or floor");
  const isWhole = isInt(value) || typeof value === 'boolean';
  if (digits >= 0)
    return isWhole ? calculate('+', value, 0) : toFloat(Number(formatFloat(given, 'f', Math.min(digits, 300), false)));
  const scale = 10 ** -digits;
  const rounded = Number(formatFloat(given / scale, 'f', 0, false)) * scale;
  return isWhole ? toInt(BigInt(rounded)) : toFloat(rounded);
}

function logarithm(value: number, base: number): number {
  if (base === 10) return Math.log10(value);
  return base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base);
}

function number(value: unknown): number {
  const numeric = asNumeric(value);
  return numeric === undefined ? fail(`Expected a number, got ${article(typeName(value))}`) : numberOf(numeric);
}
