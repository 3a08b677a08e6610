/** Filters of times. */
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import { formatTime } from '../values/date-time.ts';
import { typeName } from '../values/kinds.ts';
import { asNumeric, numberOf } from '../values/numbers.ts';
import { parseTime } from '../values/parse-time.ts';
import { article } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';

export const DATE_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['strftime', contextual('value second? utc?', strftime)],
  [
    'to_datetime',
    pure('value format?', (value: unknown, format: unknown = '%Y-%m-%d %H:%M:%S') => {
      if (typeof value !== 'string') fail(`Expected a time as a str, got ${article(typeName(value))}`);
      return parseTime(value, toText(format));
    }),
  ],
];

/** The value is the format; the time is in seconds since 1970, now by default. */
function strftime(runtime: Runtime, format: unknown, second: unknown = null, utc: unknown = false): string {
  const numeric = second === null ? undefined : (asNumeric(second) ?? Number(toText(second)));
  const timeMs = numeric === undefined ? (runtime.environment.nowMs?.() ?? Date.now()) : numberOf(numeric) * 1000;
  if (Number.isNaN(timeMs)) fail(`Expected seconds since 1970, got '${toText(second)}'`);
  return formatTime(toText(format), timeMs, truthy(utc));
}
