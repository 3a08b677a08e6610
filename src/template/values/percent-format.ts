/** Python's `'…' % values`, also the `format` filter. */
import { fail } from '../failure.ts';
import { dictGet, dictHas, isDict } from './dict.ts';
import { type FormatSpec, formatFloat, formatValue, parseFormatSpec } from './format-spec.ts';
import { typeName } from './kinds.ts';
import { asNumeric, isFloat, numberOf } from './numbers.ts';
import { toRepr, toText } from './text.ts';
import { Tuple } from './tuple.ts';
import { requireDefined } from './undefined.ts';

const DIRECTIVE = /%(?:\(([^)]*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?(.)?/gsu;

/**
 * The text with its directives filled in.
 *
 * @param values - a tuple for several, a dict for named ones (`%(name)s`), or the one value itself
 * @throws TEMPLATE_ERROR when directives and values do not match
 */
export function formatPercent(format: string, values: unknown): string {
  const args = values instanceof Tuple ? values : [values];
  let used = 0;
  const next = (): unknown => {
    if (used >= args.length) fail(`The format '${format}' needs more values than the ${args.length} it got`);
    return requireDefined(args[used++]);
  };
  const text = format.replace(
    DIRECTIVE,
    (whole, key?: string, flags = '', width?: string, precision?: string, type?: string) => {
      if (type === undefined) fail(`The format '${format}' ends in an incomplete directive '${whole}'`);
      if (type === '%') return '%';
      const columns = width === '*' ? Number(numberArgument(next())) : Number(width ?? 0);
      const digits = precision === '*' ? Number(numberArgument(next())) : precision;
      const value = key === undefined ? next() : named(format, values, key);
      return directive(value, flags, columns, digits === undefined ? undefined : Number(digits), type);
    },
  );
  // Python takes a lone dict or list for a mapping that directives may, but need not, name.
  const isMapping = isDict(values) || (Array.isArray(values) && !(values instanceof Tuple));
  if (used < args.length && !isMapping) {
    fail(`The format '${format}' has ${used} directives for ${args.length} values`);
  }
  return text;
}

function directive(value: unknown, flags: string, width: number, precision: number | undefined, type: string): string {
  const isLeft = flags.includes('-') || width < 0;
  const padded = (body: string, isNumber: boolean): string => {
    const isZero = flags.includes('0') && !isLeft && isNumber;
    return formatValue(body, {
      ...parseFormatSpec(String(Math.abs(width) || '')),
      align: isLeft ? '<' : '>',
      fill: isZero ? '0' : ' ',
    });
  };
  switch (type) {
    case 's':
      return padded(cut(toText(value), precision), false);
    case 'r':
    case 'a':
      return padded(cut(toRepr(value), precision), false);
    case 'c':
      return padded(typeof value === 'string' ? value : String.fromCodePoint(numberArgument(value)), false);
    default:
      return signed(numberText(value, flags, precision, type), flags, isLeft, Math.abs(width));
  }
}

// The sign stands before the zeros of a zero-padded number.
function signed(digits: string, flags: string, isLeft: boolean, width: number): string {
  const isNegative = digits.startsWith('-');
  const sign = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const body = isNegative ? digits.slice(1) : digits;
  const spec: FormatSpec = parseFormatSpec(String(width || ''));
  if (flags.includes('0') && !isLeft) {
    return sign + formatValue(body, { ...spec, width: Math.max(0, width - sign.length), align: '>', fill: '0' });
  }
  return formatValue(sign + body, { ...spec, align: isLeft ? '<' : '>', fill: ' ' });
}

function numberText(value: unknown, flags: string, precision: number | undefined, type: string): string {
  const numeric = asNumeric(value);
  if (numeric === undefined) fail(`Expected a number for '%${type}', got ${typeName(value)}`);
  if ('eEfFgG'.includes(type)) return formatFloat(numberOf(numeric), type, precision, flags.includes('#'));
  if (!'diuoxX'.includes(type)) fail(`Unknown format directive '%${type}'`);
  const whole = isFloat(numeric) ? Math.trunc(numberOf(numeric)) : (numeric as number | bigint);
  if (isFloat(numeric) && (type === 'x' || type === 'X' || type === 'o')) {
    fail(`Expected an int for '%${type}', got a float`);
  }
  const kind = type === 'i' || type === 'u' ? 'd' : type;
  const text = formatValue(whole, parseFormatSpec((flags.includes('#') ? '#' : '') + kind));
  return precision === undefined ? text : text.replace(/\d+/, (run) => run.padStart(precision, '0'));
}

function named(format: string, values: unknown, key: string): unknown {
  if (!isDict(values)) fail(`The format '${format}' names '${key}' and needs a dict, got ${typeName(values)}`);
  if (!dictHas(values, key)) fail(`The format '${format}' names '${key}', which the dict does not have`);
  return requireDefined(dictGet(values, key));
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function numberArgument(value: unknown): number {
  const numeric = asNumeric(value);
  if (numeric === undefined || isFloat(value)) fail(`Expected an int in a format, got ${typeName(value)}`);
  return numberOf(numeric);
}
