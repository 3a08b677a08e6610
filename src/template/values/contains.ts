/** Python's `in`. */
import { fail } from '../failure.ts';
import { tick } from '../limits.ts';
import { checkKey, dictHas, isDict } from './dict.ts';
import { typeName } from './kinds.ts';
import { article } from './sequence.ts';
import { equals } from './truth.ts';
import { requireDefined, Undefined } from './undefined.ts';

/** Whether the item is in the list, the key in the dict, the text in the text. */
export function contains(container: unknown, item: unknown): boolean {
  if (container instanceof Undefined || item instanceof Undefined) {
    return contains(requireDefined(container), requireDefined(item));
  }
  if (typeof container === 'string') {
    if (typeof item !== 'string') fail(`Expected a str to look for in a str, got ${article(typeName(item))}`);
    return container.includes(item);
  }
  if (Array.isArray(container)) {
    tick(container.length);
    return container.some((member) => equals(member, item));
  }
  if (isDict(container)) return dictHas(container, checkKey(item));
  fail(`Expected a list, dict or str after 'in', got ${article(typeName(container))}`);
}
