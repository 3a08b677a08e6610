/** Sizes for people. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { asNumeric, floatText, numberOf } from '../values/numbers.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';

const UNITS = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

export const UNIT_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['human_readable', pure('value isbits? unit?', humanReadable)],
  ['human_to_bytes', pure('value default_unit? isbits?', humanToBytes)],
  ['filesizeformat', pure('value binary?', fileSizeFormat)],
];

function humanReadable(value: unknown, isBits: unknown = false, unit: unknown = null): string {
  const size = numberFrom(value);
  const base = truthy(isBits) ? 'bits' : 'Bytes';
  const wanted = unit === null ? undefined : toText(unit).toUpperCase().charAt(0);
  for (let i = UNITS.length - 1; i > 0; i--) {
    const limit = 1024 ** i;
    if (wanted === undefined ? size < limit : UNITS[i] !== wanted) continue;
    return `${(size / limit).toFixed(2)} ${UNITS[i]}${base.charAt(0)}`;
  }
  return `${size.toFixed(2)} ${base}`;
}

function humanToBytes(value: unknown, defaultUnit: unknown = null, isBits: unknown = false): number {
  const match = /^\s*(\d*\.?\d*)\s*([a-zA-Z]*)\s*$/.exec(toText(value));
  const [, digits = '', written = ''] = match ?? [];
  if (digits === '' || Number.isNaN(Number(digits))) fail(`Expected a size such as '10M', got '${toText(value)}'`);
  const unit = written === '' && defaultUnit !== null ? toText(defaultUnit) : written;
  const power = UNITS.indexOf(unit.charAt(0).toUpperCase());
  const suffix = truthy(isBits)
    ? /^([KMGTPEZY]?(b|bits?))?$|^[KMGTPEZY]$/i
    : /^([KMGTPEZY]?(b|bytes?))?$|^[KMGTPEZY]$/i;
  if (!suffix.test(unit)) fail(`Unknown unit '${unit}' in '${toText(value)}'`, 'use B, K, M, G, T, P, E, Z or Y');
  return Math.round(Number(digits) * 1024 ** (/^b/i.test(unit) ? 0 : Math.max(0, power)));
}

function fileSizeFormat(value: unknown, binary: unknown = false): string {
  const size = numberFrom(value);
  const base = truthy(binary) ? 1024 : 1000;
  if (size === 1) return '1 Byte';
  if (size < base) return `${floatText(size).replace(/\.0$/, '')} Bytes`;
  let power = 1;
  while (power < UNITS.length - 1 && size >= base ** (power + 1)) power++;
  return `${(size / base ** power).toFixed(1)} ${truthy(binary) ? `${UNITS[power]}iB` : `${power === 1 ? 'k' : UNITS[power]}B`}`;
}

function numberFrom(value: unknown): number {
  const numeric = asNumeric(value) ?? (typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN);
  const size = numberOf(numeric);
  return Number.isNaN(size) ? fail(`Expected a number of bytes, got '${toText(value)}'`) : size;
}
