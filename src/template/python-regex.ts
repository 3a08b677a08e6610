/** Python's regular expressions and replacement texts in JavaScript's terms. */

import { errorMessage } from '../errors.ts';
import { SHORT_ESCAPES } from '../util/short-escapes.ts';
import { fail } from './failure.ts';

export interface RegexOptions {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
  /** Matches at the start only (`re.match`), or the whole text (`re.fullmatch`). */
  readonly anchor?: 'start' | 'whole';
}

const MAX_PATTERNS = 500;
const patterns = new Map<string, RegExp>();

/**
 * A global regular expression with Python's meaning of the pattern; set `lastIndex` to 0 before use.
 *
 * @throws TEMPLATE_ERROR when it is no regular expression, or uses what JavaScript has not (conditional groups)
 */
export function pythonRegex(pattern: string, options: RegexOptions = {}): RegExp {
  const key = `${JSON.stringify(options)}${pattern}`;
  let regex = patterns.get(key);
  if (regex === undefined) {
    regex = compile(pattern, options);
    written.set(regex, pattern);
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    patterns.set(key, regex);
  }
  regex.lastIndex = 0;
  return regex;
}

const written = new WeakMap<RegExp, string>();

/** The pattern that an expression was made of, as its user wrote it. */
export function patternOf(regex: RegExp): string {
  return written.get(regex) ?? regex.source;
}

/** The text that a replacement (`\1`, `\g<name>`, `\n`) makes of a match. */
export function expandReplacement(replacement: string, match: RegExpExecArray): string {
  if (!replacement.includes('\\')) return replacement;
  return replacement.replace(/\\(?:g<(\w+)>|(0[0-7]{0,2})|(\d{1,2})|([\s\S]))/g, (whole, name, octal, digits, char) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (char !== undefined) return REPLACEMENT_ESCAPES[char] ?? (/[a-zA-Z]/.test(char) ? badEscape(whole) : whole);
    const reference: string = name ?? digits;
    if (!/^\d+$/.test(reference)) {
      const { groups } = match;
      if (groups === undefined || !(reference in groups)) fail(`The replacement names an unknown group '${reference}'`);
      return groups[reference] ?? '';
    }
    const index = Number(reference);
    if (index >= match.length) fail(`The replacement names group ${index}, the pattern has ${match.length - 1}`);
    return match[index] ?? '';
  });
}

/** Python's `re.escape`. */
export function escapeRegex(text: string): string {
  return text.replace(/[\t\n\v\f\r #$&()*+\-.?[\\\]^{|}~]/g, '\\$&');
}

const REPLACEMENT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  ...SHORT_ESCAPES,
};

function badEscape(whole: string): never {
  fail(`Unknown escape '${whole}' in the replacement`, "write '\\\\' for a backslash");
}

function compile(pattern: string, options: RegexOptions): RegExp {
  let flags = 'g';
  if (options.ignoreCase === true) flags += 'i';
  if (options.multiline === true) flags += 'm';
  if (options.dotAll === true) flags += 's';
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  for (const flag of inline?.[1] ?? '') {
    if ((flag === 'i' || flag === 'm' || flag === 's') && !flags.includes(flag)) flags += flag;
    if (flag === 'x')
      fail("The flag 'x' in a regular expression is not supported", 'write it on one line without spaces');
  }
  let source = translate(inline === null ? pattern : pattern.slice(inline[0].length), flags.includes('m'));
  if (options.anchor === 'start') source = `(?<![\\s\\S])(?:${source})`;
  if (options.anchor === 'whole') source = `(?<![\\s\\S])(?:${source})(?![\\s\\S])`;
  try {
    // The `u` flag counts by code points, as Python does; it refuses some escapes that Python ignores.
    return new RegExp(source, `${flags}u`);
  } catch {
    try {
      return new RegExp(source, flags);
    } catch (error) {
      fail(`'${pattern}' is no regular expression: ${errorMessage(error).replace(/^.*: /s, '')}`);
    }
  }
}

const CLASSES: Readonly<Record<string, string>> = { d: '\\p{Nd}', w: '\\p{L}\\p{N}_', s: '\\s' };

function translate(pattern: string, isMultiline: boolean): string {
  let result = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    const rest = pattern.slice(at);
    if (char === '\\') {
      result += translateEscape(pattern[++at] ?? '', inClass);
    } else if (inClass) {
      if (char === ']') inClass = false;
      result += char === '[' ? '\\[' : char;
    } else if (char === '[') {
      inClass = true;
      // A bracket right at the start of a set stands for itself in Python.
      const start = /^\[\^?\]/.exec(rest)?.[0];
      result += start === undefined ? '[' : `${start.slice(0, -1)}\\]`;
      at += start === undefined ? 0 : start.length - 1;
    } else if (rest.startsWith('(?P<')) {
      result += '(?<';
      at += 3;
    } else if (rest.startsWith('(?P=')) {
      const name = /^\(\?P=(\w+)\)/.exec(rest);
      result += name === null ? rest : `\\k<${name[1]}>`;
      at += (name?.[0].length ?? rest.length) - 1;
    } else if (rest.startsWith('(?#')) {
      at += Math.max(rest.indexOf(')'), 0);
    } else if (char === '$' && !isMultiline) {
      result += '(?=\\n?(?![\\s\\S]))';
    } else if (char === '{' && !/^\{\d*,?\d*\}/.test(rest)) {
      result += '\\{';
    } else if (char === '{' && rest.startsWith('{,')) {
      result += '{0';
    } else if (char === '}' && !/\{\d*,?\d*$/.test(pattern.slice(0, at))) {
      result += '\\}';
    } else if (char === ']') {
      result += '\\]';
    } else {
      result += char;
    }
  }
  return result;
}

function translateEscape(char: string, inClass: boolean): string {
  if (char === 'A') return '(?<![\\s\\S])';
  if (char === 'Z') return '(?![\\s\\S])';
  if (char === 'a') return '\\x07';
  const set = CLASSES[char];
  if (set !== undefined) return inClass ? set : `[${set}]`;
  const negated = CLASSES[char.toLowerCase()];
  if (negated !== undefined) return inClass ? `\\${char}` : `[^${negated}]`;
  // `\-` and the like are needless escapes, which the `u` flag refuses outside of sets.
  if (/[^\w\s]/.test(char) && !/[\^$\\.*+?()[\]{}|/-]/.test(char)) return char;
  if (char === '-' && !inClass) return '-';
  return `\\${char}`;
}
