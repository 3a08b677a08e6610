/** Tests of a registered result: `is failed`, `is changed` … */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { type Dict, dictGet, isDict } from '../values/dict.ts';
import { typeName } from '../values/kinds.ts';
import { article, iterate } from '../values/sequence.ts';
import { truthy } from '../values/truth.ts';

const FAILED = result('failed', (value) => flag(value, 'failed'));
const SUCCEEDED = result('success', (value) => !flag(value, 'failed'));
const CHANGED = result('changed', isChanged);
const SKIPPED = result('skipped', (value) => flag(value, 'skipped'));

export const RESULT_TESTS: readonly (readonly [string, Builtin])[] = [
  ['failed', FAILED],
  ['failure', FAILED],
  ['succeeded', SUCCEEDED],
  ['success', SUCCEEDED],
  ['successful', SUCCEEDED],
  ['changed', CHANGED],
  ['change', CHANGED],
  ['skipped', SKIPPED],
  ['skip', SKIPPED],
  ['unreachable', result('unreachable', (value) => flag(value, 'unreachable'))],
  ['reachable', result('reachable', (value) => !flag(value, 'unreachable'))],
  ['timedout', result('timedout', (value) => flag(dictGet(value, 'timedout') ?? {}, 'period'))],
  ['started', result('started', (value) => !saysSo(value, 'started') || flag(value, 'started'))],
  ['finished', result('finished', (value) => !saysSo(value, 'finished') || flag(value, 'finished'))],
];

function result(name: string, holds: (value: Dict) => boolean): Builtin {
  return pure('value', (value: unknown) => {
    if (!isDict(value))
      fail(`The test '${name}' expects a registered result (a dict), got ${article(typeName(value))}`);
    return holds(value);
  });
}

function flag(value: unknown, name: string): boolean {
  return isDict(value) && truthy(dictGet(value, name) ?? false);
}

// A loop's result is changed when one of its items is, even where the sum says nothing.
function isChanged(value: Dict): boolean {
  if (flag(value, 'changed')) return true;
  const results = dictGet(value, 'results');
  return (
    dictGet(value, 'changed') === undefined &&
    Array.isArray(results) &&
    iterate(results).some((item) => flag(item, 'changed'))
  );
}

// Whether the result says anything about it: one that does not is no asynchronous one and is over.
function saysSo(value: Dict, name: string): boolean {
  return dictGet(value, name) !== undefined;
}
