/** Reads the text of one ssh_config file into its lines: settings, the heads of sections, and Include. */
import { type Diagnostic, DiagnosticsError, errorMessage, withExcerpt } from '../../errors.ts';
import { didYouMean } from '../../util/did-you-mean.ts';
import {
  allKeywords,
  IGNORED,
  KEYWORD_ALIASES,
  type KeywordInput,
  OTHER_AUTHENTICATION,
  READERS,
  REFUSED,
  type UsedKeyword,
} from './keywords.ts';
import { compilePattern, compilePatternList, type Pattern } from './pattern.ts';
import { splitArguments } from './words.ts';

/** A keyword with its value, checked. */
export interface Setting {
  readonly kind: 'used' | 'other-authentication' | 'refused';
  /** In lower case, aliases resolved. */
  readonly keyword: string;
  /** Of the type that {@link KeywordValues} says for the keyword. */
  readonly value: unknown;
  /** `file:line`, or the name of the variable that holds the option. */
  readonly place: string;
}

/** One test of a `Match` line. */
export interface Criterion {
  readonly kind: 'all' | 'final' | 'exec' | 'host' | 'originalhost' | 'user' | 'localuser';
  readonly isNegated: boolean;
  readonly patterns: readonly Pattern[];
  /** For `exec`. */
  readonly command: string;
}

/** When a section holds. */
export type Condition =
  | { readonly kind: 'host'; readonly patterns: readonly Pattern[] }
  | { readonly kind: 'match'; readonly criteria: readonly Criterion[]; readonly place: string };

/** One line with a meaning. */
export type Item =
  | { readonly kind: 'setting'; readonly setting: Setting }
  | { readonly kind: 'section'; readonly condition: Condition }
  | { readonly kind: 'include'; readonly patterns: readonly string[]; readonly line: number };

/** @throws DiagnosticsError CONFIG_INVALID with all that is wrong in the file */
export function parseSshConfig(text: string, file: string): readonly Item[] {
  const items: Item[] = [];
  const problems: Diagnostic[] = [];
  const ignoredUnknown: Pattern[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const head = /^[\s\0]*([^\s=]+)[ \t]*=?[ \t]*(.*?)[\s\f]*$/s.exec(raw);
    const [, keyword = '', rest = ''] = head ?? [];
    if (keyword === '' || keyword.startsWith('#')) continue;
    try {
      if (keyword.toLowerCase() === 'ignoreunknown') ignoredUnknown.push(...compilePatternList(rest));
      const item = parseLine(keyword, rest, `${file}:${index + 1}`, index + 1);
      if (item !== undefined) items.push(item);
    } catch (error) {
      if (error instanceof UnknownKeywordError && ignoredUnknown.some((pattern) => pattern.matches(keyword))) continue;
      const source = { file, line: index + 1, column: raw.indexOf(keyword) + 1 };
      const hint = error instanceof UnknownKeywordError ? error.hint : undefined;
      problems.push(withExcerpt({ code: 'CONFIG_INVALID', message: errorMessage(error), hint, source }, text));
    }
  }
  if (problems.length > 0) throw new DiagnosticsError(problems);
  return items;
}

/** A keyword that no version of ssh known here has. */
export class UnknownKeywordError extends Error {
  readonly hint: string | undefined;

  constructor(keyword: string) {
    super(`unknown keyword '${keyword}'`);
    this.hint = didYouMean(keyword, allKeywords());
  }
}

/**
 * A keyword with its arguments.
 *
 * @param rest - the arguments as they stand in the line
 * @returns undefined for a keyword that has no meaning here
 * @throws Error that says what was expected
 */
export function readSetting(keyword: string, rest: string, place: string): Setting | undefined {
  const lower = keyword.toLowerCase();
  const used = Object.hasOwn(READERS, lower) ? (lower as UsedKeyword) : KEYWORD_ALIASES.get(lower);
  const other = OTHER_AUTHENTICATION.get(lower);
  const refused = REFUSED.get(lower);
  if (IGNORED.has(lower)) return undefined;
  if (used === undefined && other === undefined && refused === undefined) throw new UnknownKeywordError(keyword);
  const words = splitArguments(rest);
  if (words === undefined) throw new Error('a quote is not closed');
  const input: KeywordInput = { words, rest };
  if (used === undefined) {
    const kind = refused === undefined ? 'other-authentication' : 'refused';
    return { kind, keyword: lower, value: words.join(' '), place };
  }
  try {
    return { kind: 'used', keyword: used, value: READERS[used](input), place };
  } catch (error) {
    throw new Error(`${keyword}: ${errorMessage(error)}`);
  }
}

function parseLine(keyword: string, rest: string, place: string, line: number): Item | undefined {
  switch (keyword.toLowerCase()) {
    case 'host': {
      const patterns = wordsOf(keyword, rest).map(compilePattern);
      return { kind: 'section', condition: { kind: 'host', patterns } };
    }
    case 'match':
      return { kind: 'section', condition: { kind: 'match', criteria: parseCriteria(rest), place } };
    case 'include':
      return { kind: 'include', patterns: wordsOf(keyword, rest), line };
    default: {
      const setting = readSetting(keyword, rest, place);
      return setting === undefined ? undefined : { kind: 'setting', setting };
    }
  }
}

function wordsOf(keyword: string, rest: string): string[] {
  const words = splitArguments(rest);
  if (words === undefined) throw new Error('a quote is not closed');
  if (words.length === 0) throw new Error(`${keyword}: expected an argument, found none`);
  return words;
}

function parseCriteria(rest: string): readonly Criterion[] {
  const words = wordsOf('Match', rest).flatMap((word) => {
    // `host=name` is two words.
    const pair = /^(!?\w+)=(.+)$/s.exec(word);
    return pair === null ? [word] : pair.slice(1);
  });
  const criteria: Criterion[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const isNegated = word.startsWith('!');
    const name = word.slice(isNegated ? 1 : 0).toLowerCase();
    const none = { isNegated, patterns: [], command: '' };
    switch (name) {
      case 'all':
        if (isNegated || i + 1 < words.length || criteria.some((each) => each.kind !== 'final')) {
          throw new Error("Match: 'all' stands alone, or last after 'final' or 'canonical'");
        }
        criteria.push({ kind: 'all', ...none });
        break;
      // Names are not made canonical here, so both mean the second reading.
      case 'canonical':
      case 'final':
        criteria.push({ kind: 'final', ...none });
        break;
      case 'exec':
      case 'host':
      case 'originalhost':
      case 'user':
      case 'localuser': {
        const argument = words[++i];
        if (argument === undefined || argument === '') throw new Error(`Match: expected an argument after '${word}'`);
        const isHost = name === 'host' || name === 'originalhost';
        const patterns = name === 'exec' ? [] : compilePatternList(isHost ? argument.toLowerCase() : argument);
        criteria.push({ kind: name, isNegated, patterns, command: argument });
        break;
      }
      default: {
        const hint = didYouMean(name, [
          'all',
          'canonical',
          'final',
          'exec',
          'host',
          'originalhost',
          'user',
          'localuser',
        ]);
        throw new Error(`Match: unknown criterion '${word}'${hint === undefined ? '' : `; ${hint}`}`);
      }
    }
  }
  return criteria;
}
