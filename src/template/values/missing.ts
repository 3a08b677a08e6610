/** The undefined value of a missing attribute or key, with a message that helps. */
import { didYouMean } from '../../util/did-you-mean.ts';
import { methodNames } from '../methods/index.ts';
import { dictKeys, isDict } from './dict.ts';
import { typeName } from './kinds.ts';
import { PyObject } from './object.ts';
import { article } from './sequence.ts';
import { toRepr } from './text.ts';
import { Undefined } from './undefined.ts';

/**
 * @param source - how the template names the value (`a.b`), when that is short
 * @param offset - where the attribute is asked for
 */
export function missingMember(value: unknown, key: unknown, source: string | undefined, offset: number): Undefined {
  const owner = source === undefined ? article(typeName(value)) : `'${source}' (${typeName(value)})`;
  const subject = owner.replace(/^an? /, (word) => word.replace('a', 'A'));
  const what = typeof key === 'string' ? `attribute '${key}'` : `item ${toRepr(key)}`;
  return new Undefined(`${subject} has no ${what}`, { offset, hint: () => suggestion(value, key) });
}

function suggestion(value: unknown, key: unknown): string | undefined {
  if (typeof key !== 'string') return undefined;
  const names: string[] = [];
  if (isDict(value)) names.push(...dictKeys(value).filter((name) => typeof name === 'string'));
  if (value instanceof PyObject) names.push(...value.attributeNames());
  names.push(...methodNames(value));
  return didYouMean(key, names);
}
