/** Filters of URLs. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { makeDict } from '../values/dict.ts';
import { toText } from '../values/text.ts';
import { splitUrl } from '../values/url.ts';

export const URL_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['urlsplit', pure('value query? alias?', urlSplit)],
  ['urldecode', pure('value', (value: unknown) => decodeUrl(toText(value)))],
];

function urlSplit(value: unknown, part: unknown = ''): unknown {
  const parts = splitUrl(toText(value));
  const name = toText(part);
  if (name === '') return makeDict(Object.entries(parts));
  if (!Object.hasOwn(parts, name)) {
    fail(`Unknown part '${name}' of a URL`, `its parts are ${Object.keys(parts).join(', ')}`);
  }
  return parts[name as keyof typeof parts];
}

// Like Python's unquote_plus: what is no escape stays, and bytes that are no UTF-8 become U+FFFD.
function decodeUrl(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}
