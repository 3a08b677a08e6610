/** Methods of lists and tuples. */
import { type Builtin, contextual, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { MAX_ITEMS, type Runtime } from '../runtime.ts';
import { iterate, wholeNumber } from '../values/sequence.ts';
import { toRepr } from '../values/text.ts';
import { compare, equals } from '../values/truth.ts';
import { checkOwned } from './owned.ts';

const INSTEAD = "use '+' to make a new list";

export const TUPLE_METHODS: ReadonlyMap<string, Builtin> = new Map([
  ['index', pure('self value', indexOf)],
  ['count', pure('self value', (self: unknown[], value: unknown) => self.filter((item) => equals(item, value)).length)],
]);

export const LIST_METHODS: ReadonlyMap<string, Builtin> = new Map([
  ...TUPLE_METHODS,
  ['copy', pure('self', (self: unknown[]) => [...self])],
  [
    'append',
    contextual('self value', (runtime: Runtime, self: unknown[], value: unknown) =>
      insertAt(runtime, self, 'append', self.length, [value]),
    ),
  ],
  [
    'extend',
    contextual('self values', (runtime: Runtime, self: unknown[], values: unknown) =>
      insertAt(runtime, self, 'extend', self.length, iterate(values)),
    ),
  ],
  [
    'insert',
    contextual('self index value', (runtime: Runtime, self: unknown[], index: unknown, value: unknown) =>
      insertAt(runtime, self, 'insert', wholeNumber(index, 'an index'), [value]),
    ),
  ],
  ['pop', contextual('self index?', pop)],
  [
    'remove',
    contextual('self value', (runtime: Runtime, self: unknown[], value: unknown) => {
      checkOwned(runtime, self, 'remove', "use 'reject' to make a new list");
      self.splice(indexOf(self, value), 1);
      return null;
    }),
  ],
  [
    'clear',
    contextual('self', (runtime: Runtime, self: unknown[]) => {
      checkOwned(runtime, self, 'clear', "use '[]' for an empty list");
      self.length = 0;
      return null;
    }),
  ],
  [
    'reverse',
    contextual('self', (runtime: Runtime, self: unknown[]) => {
      checkOwned(runtime, self, 'reverse', "use the filter 'reverse' to make a new list");
      self.reverse();
      return null;
    }),
  ],
  [
    'sort',
    contextual('self', (runtime: Runtime, self: unknown[]) => {
      checkOwned(runtime, self, 'sort', "use the filter 'sort' to make a new list");
      self.sort((a, b) => compare(a, b));
      return null;
    }),
  ],
]);

function insertAt(runtime: Runtime, self: unknown[], method: string, index: number, items: readonly unknown[]): null {
  checkOwned(runtime, self, method, INSTEAD);
  if (self.length + items.length > MAX_ITEMS) fail(`Expected a list of at most ${MAX_ITEMS} items`);
  self.splice(index, 0, ...items);
  return null;
}

function pop(runtime: Runtime, self: unknown[], index: unknown = -1): unknown {
  checkOwned(runtime, self, 'pop', "use 'last' and a slice");
  const at = wholeNumber(index, 'an index');
  const from = at < 0 ? at + self.length : at;
  if (from < 0 || from >= self.length) fail(`Cannot pop item ${at} of a list of ${self.length}`);
  return self.splice(from, 1)[0];
}

function indexOf(self: unknown[], value: unknown): number {
  const index = self.findIndex((item) => equals(item, value));
  if (index < 0) fail(`${toRepr(value)} is not in the list`);
  return index;
}
