/** Functions that every template can call. */
import { type Builtin, callBuiltin, contextual, pure } from './builtin.ts';
import { fail } from './failure.ts';
import { runLookup } from './lookups/run.ts';
import type { Runtime } from './runtime.ts';
import { dateTimeOf } from './values/date-time.ts';
import { dictEntries, isDict, makeDict } from './values/dict.ts';
import { Callable, Cycler, Joiner, Namespace } from './values/object.ts';
import { checkItemCount, iterate, wholeNumber } from './values/sequence.ts';
import { toText } from './values/text.ts';
import { truthy } from './values/truth.ts';
import { Undefined } from './values/undefined.ts';

const FUNCTIONS: readonly (readonly [string, Builtin])[] = [
  ['range', pure('start stop? step?', range)],
  [
    'dict',
    pure('values? **named', (values: unknown, named: Record<string, unknown>) =>
      makeDict([...pairsOf(values), ...Object.entries(named)]),
    ),
  ],
  [
    'namespace',
    pure(
      'values? **named',
      (values: unknown, named: Record<string, unknown>) =>
        new Namespace([...pairsOf(values), ...Object.entries(named)].map(([key, value]) => [toText(key), value])),
    ),
  ],
  [
    'lookup',
    contextual(
      'name *terms **options',
      (runtime: Runtime, name: unknown, terms: unknown[], options: Record<string, unknown>) =>
        runLookup(runtime, name, terms, options, 'joined'),
    ),
  ],
  ['query', contextual('name *terms **options', query)],
  ['q', contextual('name *terms **options', query)],
  [
    'now',
    contextual('utc? fmt?', (runtime: Runtime, utc: unknown = false, fmt?: unknown) =>
      dateTimeOf(runtime.environment.nowMs?.() ?? Date.now(), truthy(utc), fmt),
    ),
  ],
  ['cycler', pure('*items', (items: unknown[]) => new Cycler(items))],
  ['joiner', pure('sep?', (separator: unknown = ', ') => new Joiner(toText(separator)))],
  ['lipsum', pure('*args **options', () => fail("The function 'lipsum' is not here: it makes random text"))],
  [
    'undef',
    pure(
      'hint?',
      (hint?: unknown) => new Undefined(hint === undefined ? 'The value must be set: it is undef()' : toText(hint)),
    ),
  ],
];

/** By name, ready to be called. */
export const GLOBALS: ReadonlyMap<string, Callable> = new Map(
  FUNCTIONS.map(([name, builtin]) => [
    name,
    new Callable(name, (runtime, args, keywords) =>
      callBuiltin(runtime, builtin, `function '${name}'`, args, keywords),
    ),
  ]),
);

function range(start: unknown, stop?: unknown, step?: unknown): number[] {
  const from = stop === undefined ? 0 : wholeNumber(start, 'the start of a range');
  const to = wholeNumber(stop ?? start, 'the end of a range');
  const stride = step === undefined ? 1 : wholeNumber(step, 'the step of a range');
  if (stride === 0) fail('The step of a range cannot be 0');
  const count = Math.max(0, Math.ceil((to - from) / stride));
  checkItemCount(count, 'a range');
  return Array.from({ length: count }, (_, i) => from + i * stride);
}

function query(runtime: Runtime, name: unknown, terms: unknown[], options: Record<string, unknown>): unknown {
  return runLookup(runtime, name, terms, options, 'list');
}

function pairsOf(values: unknown): [unknown, unknown][] {
  if (values === undefined) return [];
  if (isDict(values)) return dictEntries(values);
  return iterate(values).map((pair) => {
    const [key, value, ...others] = iterate(pair);
    if (value === undefined || others.length > 0) fail('Expected pairs of a key and a value to make a dict of');
    return [key, value];
  });
}
