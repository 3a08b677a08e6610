/** Filters that apply a filter or test to each item: `map`, `select`, `selectattr` and their opposites. */
import { type Builtin, callBuiltin, contextual } from '../builtin.ts';
import { fail } from '../failure.ts';
import { whyUnknown } from '../refused.ts';
import type { Runtime } from '../runtime.ts';
import { readPath } from '../values/attributes.ts';
import { iterate } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { orUndefined, Undefined } from '../values/undefined.ts';

type Named = Record<string, unknown>;

export const SELECT_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['map', contextual('value *args **named', map)],
  ['select', selection(false, true)],
  ['reject', selection(false, false)],
  ['selectattr', selection(true, true)],
  ['rejectattr', selection(true, false)],
];

function map(runtime: Runtime, value: unknown, args: unknown[], named: Named): unknown {
  const items = iterate(value);
  if (args.length === 0) {
    const { attribute, default: fallback, ...others } = named;
    if (attribute === undefined) fail("The filter 'map' needs a filter's name or attribute=");
    for (const name of Object.keys(others)) fail(`The filter 'map' has no argument '${name}'`);
    return items.map((item) => attributeOf(item, attribute, fallback));
  }
  const [name, ...rest] = args;
  const filter = findByName('filter', toText(name), runtime.filters);
  return items.map((item) =>
    callBuiltin(runtime, filter, `filter '${toText(name)}'`, [item, ...rest], Object.entries(named)),
  );
}

function selection(byAttribute: boolean, keeps: boolean): Builtin {
  const signature = byAttribute ? 'value attribute *args **named' : 'value *args **named';
  const select = (runtime: Runtime, value: unknown, attribute: unknown, args: unknown[], named: Named): unknown[] => {
    const [name, ...rest] = args;
    const test = name === undefined ? undefined : findByName('test', toText(name), runtime.tests);
    return iterate(value).filter((item) => {
      const subject = byAttribute ? attributeOf(item, attribute, undefined) : item;
      if (test === undefined) return truthy(subject) === keeps;
      const holds = callBuiltin(runtime, test, `test '${toText(name)}'`, [subject, ...rest], Object.entries(named));
      return truthy(holds) === keeps;
    });
  };
  return byAttribute
    ? contextual(signature, select)
    : contextual(signature, (runtime: Runtime, value: unknown, args: unknown[], named: Named) =>
        select(runtime, value, undefined, args, named),
      );
}

function attributeOf(item: unknown, attribute: unknown, fallback: unknown): unknown {
  const found = readPath(item, attribute);
  if (found !== undefined && !(found instanceof Undefined)) return found;
  return fallback ?? orUndefined(found, () => `An item has no attribute '${toText(attribute)}'`);
}

function findByName(kind: 'filter' | 'test', name: string, table: ReadonlyMap<string, Builtin>): Builtin {
  const found = table.get(name) ?? table.get(name.replace(/^ansible\.(builtin|legacy)\./, ''));
  if (found !== undefined) return found;
  const { message, hint } = whyUnknown(kind, name, table.keys());
  return fail(message, hint);
}
