/** Lookups that need nothing but their arguments and the variables. */
import { didYouMean } from '../../util/did-you-mean.ts';
import { EvaluationFailure, fail } from '../failure.ts';
import { MAX_ITEMS } from '../runtime.ts';
import type { Lookup, Scope } from '../types.ts';
import { dictEntries, isDict, makeDict } from '../values/dict.ts';
import { formatPercent } from '../values/percent-format.ts';
import { toText } from '../values/text.ts';

export const DATA_LOOKUPS: readonly (readonly [string, Lookup])[] = [
  ['vars', lookUpVars],
  ['dict', lookUpDict],
  ['items', (terms) => terms.flatMap((term) => (Array.isArray(term) ? [...term] : [term]))],
  ['list', (terms) => [...terms]],
  ['sequence', (terms, options) => lookUpSequence(terms, options)],
];

function lookUpVars(terms: readonly unknown[], options: Readonly<Record<string, unknown>>, scope: Scope): unknown[] {
  return terms.map((term) => {
    const name = toText(term);
    const value = scope.get(name);
    if (value !== undefined) return value;
    if (options.default !== undefined) return options.default;
    throw new EvaluationFailure('TEMPLATE_UNDEFINED', `The lookup 'vars' found no variable '${name}'`, {
      hint: didYouMean(name, scope.names()),
    });
  });
}

function lookUpDict(terms: readonly unknown[]): unknown[] {
  return terms.flatMap((term) => {
    if (!isDict(term)) fail("The lookup 'dict' expects dicts");
    return dictEntries(term).map(([key, value]) =>
      makeDict([
        ['key', key],
        ['value', value],
      ]),
    );
  });
}

/** `start=1 end=5 stride=2 format=web%02d count=3`, or the short form `1-5/2:web%02d`. */
function lookUpSequence(terms: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown[] {
  if (terms.length === 0) return sequence(options);
  return terms.flatMap((term) => sequence({ ...parseSequence(toText(term)), ...options }));
}

function parseSequence(text: string): Record<string, unknown> {
  const short = /^(?:([+-]?\w+)-)?([+-]?\w+)(?:\/([+-]?\w+))?(?::(.+))?$/.exec(text.trim());
  if (short !== null && !text.includes('=')) {
    const [, start, end, stride, format] = short;
    return Object.fromEntries(
      Object.entries({ start, end, stride, format }).filter(([, value]) => value !== undefined),
    );
  }
  return Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => {
        const [, key, value] = /^(start|end|count|stride|format)=(.*)$/.exec(pair) ?? [];
        if (key === undefined)
          fail(`The lookup 'sequence' expects start=, end=, count=, stride= or format=, got '${pair}'`);
        return [key, value];
      }),
  );
}

function sequence(options: Readonly<Record<string, unknown>>): string[] {
  const number = (name: string, fallback: number | undefined): number | undefined => {
    const value = options[name];
    if (value === undefined) return fallback;
    const parsed = Number(toText(value).replace(/^0+(?=\d)/, ''));
    if (!Number.isSafeInteger(parsed))
      fail(`The lookup 'sequence' expects ${name} to be an int, got '${toText(value)}'`);
    return parsed;
  };
  const start = number('start', 1) ?? 1;
  const count = number('count', undefined);
  const given = number('end', undefined);
  if ((count === undefined) === (given === undefined)) fail("The lookup 'sequence' expects either end or count");
  if (count === 0) return [];
  const stride = number('stride', given !== undefined && given < start ? -1 : 1) ?? 1;
  const end = count === undefined ? (given ?? start) : start + (count - 1) * stride;
  if (stride === 0) return [];
  if (stride > 0 && end < start) fail("The lookup 'sequence' needs a negative stride to count down");
  if (stride < 0 && end > start) fail("The lookup 'sequence' needs a positive stride to count up");
  const size = Math.floor((end - start) / stride) + 1;
  if (size > MAX_ITEMS) fail(`The lookup 'sequence' makes at most ${MAX_ITEMS} items, asked for ${size}`);
  const format = toText(options.format ?? '%d');
  return Array.from({ length: size }, (_, i) => formatPercent(format, start + i * stride));
}
