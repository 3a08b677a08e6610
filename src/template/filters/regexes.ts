/** Filters of regular expressions, with Python's meaning of patterns and replacements. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { escapeRegex, expandReplacement, pythonRegex, requireSameGroups } from '../python-regex.ts';
import { guardMatch } from '../regex-guard.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { wholeNumber } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { tupleOf } from '../values/tuple.ts';

export const REGEX_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['regex_replace', pure('value pattern? replacement? ignorecase? multiline? count? mandatory_count?', replace)],
  ['regex_search', pure('value regex *groups **options', search)],
  ['regex_findall', pure('value regex multiline? ignorecase?', findAll)],
  ['regex_escape', pure('value re_type?', escapeText)],
];

function replace(
  value: unknown,
  pattern: unknown = '',
  replacement: unknown = '',
  ignoreCase: unknown = false,
  multiline: unknown = false,
  count: unknown = 0,
  mandatory: unknown = 0,
): string {
  const text = toText(value);
  const regex = pythonRegex(toText(pattern), { ignoreCase: truthy(ignoreCase), multiline: truthy(multiline) });
  const by = toText(replacement);
  if (by.includes('\\')) requireSameGroups(regex);
  const limit = wholeNumber(count, 'the count');
  let result = '';
  let at = 0;
  let made = 0;
  for (const match of guardMatch(regex, text.length, () => [...text.matchAll(regex)])) {
    if (limit > 0 && made === limit) break;
    result += text.slice(at, match.index) + expandReplacement(by, match);
    if (result.length > MAX_TEXT_SIZE) fail(`Expected a text of at most ${MAX_TEXT_SIZE} characters`);
    at = match.index + match[0].length;
    made++;
  }
  const least = wholeNumber(mandatory, 'mandatory_count');
  if (least > 0 && made !== least)
    fail(`Expected '${toText(pattern)}' to match ${least} times, it matched ${made} times`);
  return result + text.slice(at);
}

function search(value: unknown, pattern: unknown, groups: unknown[], options: Record<string, unknown>): unknown {
  const { ignorecase = false, multiline = false, ...unknown } = options;
  for (const name of Object.keys(unknown)) fail(`The filter 'regex_search' has no argument '${name}'`);
  const regex = pythonRegex(toText(pattern), { ignoreCase: truthy(ignorecase), multiline: truthy(multiline) });
  const text = toText(value);
  const match = guardMatch(regex, text.length, () => regex.exec(text));
  if (groups.length > 0) requireSameGroups(regex);
  if (match === null) return null;
  if (groups.length === 0) return match[0];
  return groups.map((group) => groupOf(match, toText(group)));
}

function groupOf(match: RegExpExecArray, wanted: string): string | null {
  const named = /^\\g<(\S+)>$/.exec(wanted)?.[1];
  if (named !== undefined && !/^\d+$/.test(named)) {
    const { groups } = match;
    if (groups === undefined || !Object.hasOwn(groups, named)) fail(`The pattern has no group '${named}'`);
    return groups[named] ?? null;
  }
  const index = Number(
    named ?? /^\\(\d+)$/.exec(wanted)?.[1] ?? fail(`Expected a group such as '\\1' or '\\g<name>', got '${wanted}'`),
  );
  if (index >= match.length) fail(`The pattern has ${match.length - 1} groups, '${wanted}' asks for another`);
  return match[index] ?? null;
}

// Without groups the matches, with one its text, with several tuples of theirs.
function findAll(value: unknown, pattern: unknown, multiline: unknown = false, ignoreCase: unknown = false): unknown {
  const regex = pythonRegex(toText(pattern), { ignoreCase: truthy(ignoreCase), multiline: truthy(multiline) });
  requireSameGroups(regex);
  const text = toText(value);
  const matches = guardMatch(regex, text.length, () => [...text.matchAll(regex)]);
  return Array.from(matches, ([whole, ...groups]) => {
    if (groups.length === 0) return whole;
    return groups.length === 1 ? (groups[0] ?? '') : tupleOf(groups.map((group) => group ?? ''));
  });
}

function escapeText(value: unknown, type: unknown = 'python'): string {
  if (type === 'python') return escapeRegex(toText(value));
  if (type === 'posix_basic') return toText(value).replace(/[\].[^$*\\]/g, '\\$&');
  return fail(`Expected re_type to be python or posix_basic, got '${toText(type)}'`);
}
