/** Methods of dicts. Views (`keys()`, `values()`, `items()`) are lists here, as Ansible makes them. */
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import { checkKey, type Dict, dictEntries, dictGet, dictKeys, dictValues, isDict, makeDict } from '../values/dict.ts';
import { iterate } from '../values/sequence.ts';
import { toRepr } from '../values/text.ts';
import { tupleOf } from '../values/tuple.ts';
import { checkOwned } from './owned.ts';

export const DICT_METHODS: ReadonlyMap<string, Builtin> = new Map([
  ['keys', pure('self', (self: Dict) => dictKeys(self))],
  ['values', pure('self', (self: Dict) => dictValues(self))],
  ['items', pure('self', (self: Dict) => dictEntries(self).map(tupleOf))],
  [
    'get',
    pure('self key default?', (self: Dict, key: unknown, fallback: unknown = null) => {
      const found = dictGet(self, key);
      return found === undefined ? fallback : found;
    }),
  ],
  ['copy', pure('self', (self: Dict) => makeDict(dictEntries(self)))],
  ['update', contextual('self other? **values', updateDict)],
  ['pop', contextual('self key default?', popKey)],
  [
    'setdefault',
    contextual('self key default?', (runtime: Runtime, self: Dict, key: unknown, fallback: unknown = null) => {
      checkOwned(runtime, self, 'setdefault', "use 'combine' to make a new dict");
      const found = dictGet(self, key);
      if (found !== undefined) return found;
      updateDict(runtime, self, makeDict([[checkKey(key), fallback]]), {});
      return fallback;
    }),
  ],
]);

function popKey(runtime: Runtime, self: Dict, key: unknown, fallback?: unknown): unknown {
  checkOwned(runtime, self, 'pop', "use 'dict2items' and 'rejectattr' to make a new dict");
  const found = dictGet(self, key);
  if (found === undefined) return fallback === undefined ? fail(`The dict has no key ${toRepr(key)} to pop`) : fallback;
  if (self instanceof Map) self.delete(key);
  else delete (self as Record<string, unknown>)[String(key)];
  return found;
}

function updateDict(runtime: Runtime, self: Dict, other: unknown, values: Record<string, unknown>): null {
  checkOwned(runtime, self, 'update', "use 'combine' to make a new dict");
  const given: [unknown, unknown][] = isDict(other)
    ? dictEntries(other)
    : iterate(other ?? []).map((pair) => {
        const [key, value] = iterate(pair);
        return [key, value];
      });
  for (const [key, value] of [...given, ...Object.entries(values)]) {
    if (self instanceof Map) self.set(key, value);
    else (self as Record<string, unknown>)[String(key)] = value;
  }
  return null;
}
