/** The filter `comment`: a text as a comment of some language. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { wholeNumber } from '../values/sequence.ts';
import { toText } from '../values/text.ts';

interface Style {
  readonly decoration: string;
  readonly beginning?: string;
  readonly end?: string;
}

const STYLES: Readonly<Record<string, Style>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { decoration: ' * ', beginning: '/*', end: ' */' },
  xml: { decoration: ' - ', beginning: '<!--', end: '-->' },
};
const OPTIONS = ['newline', 'beginning', 'prefix', 'prefix_count', 'decoration', 'postfix', 'postfix_count', 'end'];

export const COMMENT_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['comment', pure('value style? **options', comment)],
];

function comment(value: unknown, name: unknown = 'plain', options: Record<string, unknown> = {}): string {
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key))
      fail(`The filter 'comment' has no argument '${key}'`, `its options are ${OPTIONS.join(', ')}`);
  }
  const style = Object.hasOwn(STYLES, toText(name)) ? STYLES[toText(name)] : undefined;
  if (style === undefined) fail(`Unknown style '${toText(name)}' of comment`, `use ${Object.keys(STYLES).join(', ')}`);
  const text = (key: string, fallback: string): string =>
    options[key] === undefined ? fallback : toText(options[key]);
  const count = (key: string): number => {
    const times = wholeNumber(options[key] ?? 1, key);
    return times > 1000 ? fail(`Expected ${key} to be at most 1000, got ${times}`) : Math.max(0, times);
  };
  const newline = text('newline', '\n');
  const decoration = text('decoration', style.decoration);
  const bare = decoration.trimEnd();
  const [beginning, end] = [text('beginning', style.beginning ?? ''), text('end', style.end ?? '')];
  const [prefix, postfix] = [text('prefix', bare), text('postfix', bare)];
  const body = decoration + toText(value).replaceAll(newline, newline + decoration);
  const head = beginning === '' ? '' : beginning + newline;
  const before = prefix === '' ? '' : (prefix + newline).repeat(count('prefix_count'));
  const after = (newline + postfix).repeat(count('postfix_count'));
  const tail = end === '' ? '' : newline + end;
  const result = head + before + body.replaceAll(decoration + newline, bare + newline) + after + tail;
  return result.length > MAX_TEXT_SIZE ? fail(`Expected a text of at most ${MAX_TEXT_SIZE} characters`) : result;
}
