/** Python's regular expressions and replacement texts in JavaScript's terms. */

import { errorMessage } from '../errors.ts';
import { SHORT_ESCAPES } from '../util/short-escapes.ts';
import { fail } from './failure.ts';
import { shapeOf } from './regex-shape.ts';

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
 * @throws TEMPLATE_ERROR when it is no regular expression, or one that JavaScript has not or would match otherwise
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

/**
 * Refuses an expression whose groups JavaScript fills otherwise than Python; for whoever reads groups.
 *
 * @throws EvaluationFailure TEMPLATE_ERROR
 */
export function requireSameGroups(regex: RegExp): void {
  if (!shapeOf(regex.source).forgets) return;
  fail(
    `The groups of '${patternOf(regex)}' mean something else here: one of them is optional inside of a repetition`,
    "make the inner group '(?:…)', or put the repetition into the group",
  );
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
  const flags = { i: options.ignoreCase === true, m: options.multiline === true, s: options.dotAll === true };
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  for (const flag of inline?.[1] ?? '') {
    if (flag === 'i' || flag === 'm' || flag === 's') flags[flag] = true;
    else if (flag !== 'u') fail(`The flag '${flag}' in a regular expression is not supported`, FLAG_HINTS[flag]);
  }
  let source = new Translator(inline === null ? pattern : pattern.slice(inline[0].length), flags).run();
  const shape = shapeOf(source);
  if (shape.references.some((group) => shape.optional.has(group))) {
    fail(`'${pattern}' refers to a group that may take no part in the match, which means something else here`);
  }
  if (options.anchor === 'start') source = `(?<![\\s\\S])(?:${source})`;
  if (options.anchor === 'whole') source = `(?<![\\s\\S])(?:${source})(?![\\s\\S])`;
  try {
    // The `u` flag counts by code points, as Python does.
    return new RegExp(source, flags.i ? 'giu' : 'gu');
  } catch (error) {
    return fail(`'${pattern}' is no regular expression here: ${errorMessage(error).replace(/^.*: /s, '')}`);
  }
}

const FLAG_HINTS: Readonly<Record<string, string>> = {
  x: 'write it on one line without spaces',
  a: 'write [A-Za-z0-9_] for \\w and [0-9] for \\d',
};

const WORD = '\\p{L}\\p{N}_';
/** What the classes hold in Python; JavaScript's own are other sets. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: WORD,
  s: '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000',
};
const BOUNDARY = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;
const INSIDE = `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`;

/** A pattern of Python's -> the source of a JavaScript expression with the flag `u`. */
class Translator {
  readonly #pattern: string;
  readonly #flags: { readonly m: boolean; readonly s: boolean };
  #at = 0;

  constructor(pattern: string, flags: { readonly m: boolean; readonly s: boolean }) {
    this.#pattern = pattern;
    this.#flags = flags;
  }

  run(): string {
    let result = '';
    while (this.#at < this.#pattern.length) result += this.#next();
    return result;
  }

  #next(): string {
    const rest = this.#pattern.slice(this.#at, this.#at + 80);
    const char = rest.charAt(0);
    if (char === '\\') {
      this.#at += 2;
      return translateEscape(rest.charAt(1));
    }
    if (char === '[') return this.#set();
    if (rest.startsWith('(?')) return this.#group();
    const repetition = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (char === '{' && repetition !== null && repetition[0] !== '{}') {
      this.#at += repetition[0].length;
      return repetition[1] === '' ? `{0,${repetition[3]}}` : repetition[0];
    }
    this.#at++;
    switch (char) {
      case '.':
        return this.#flags.s ? '[\\s\\S]' : '[^\\n]';
      case '^':
        return this.#flags.m ? '(?<![^\\n])' : '(?<![\\s\\S])';
      case '$':
        return this.#flags.m ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))';
      case '{':
      case '}':
      case ']':
        return `\\${char}`;
      default:
        return char;
    }
  }

  #group(): string {
    const rest = this.#pattern.slice(this.#at);
    const named = /^\(\?P<(\w+)>/.exec(rest);
    const reference = /^\(\?P=(\w+)\)/.exec(rest);
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    const plain = /^\(\?(?:[:=!]|<[=!]|-?i:)/.exec(rest);
    const found = named ?? reference ?? comment ?? plain;
    if (found === null) {
      const hint = rest.startsWith('(?<') ? "write '(?P<name>…)' for a named group" : undefined;
      fail(`The group '${rest.slice(0, 6)}…' of the pattern '${this.#pattern}' is not supported`, hint);
    }
    this.#at += found[0].length;
    if (named !== null) return `(?<${named[1]}>`;
    if (reference !== null) return `\\k<${reference[1]}>`;
    return comment === null ? found[0] : '';
  }

  // A set; classes that stand for all others (\W) cannot be in a set with the flag `u` and get sets of their own.
  #set(): string {
    const isNegated = this.#pattern[this.#at + 1] === '^';
    this.#at += isNegated ? 2 : 1;
    let own = '';
    const others: string[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#pattern[this.#at++];
      if (char === undefined) fail(`Expected ']' to close a set of the pattern '${this.#pattern}'`);
      // A bracket right at the start of a set stands for itself in Python.
      if (char === ']' && !isFirst) break;
      if (char !== '\\') {
        own += '[](){}/|&~^.*+?$'.includes(char) ? (/[[\]^/(){}|.*+?$]/.test(char) ? `\\${char}` : char) : char;
        continue;
      }
      const escaped = this.#pattern[this.#at++] ?? '';
      const negated = /[DWS]/.test(escaped) ? CLASSES[escaped.toLowerCase()] : undefined;
      if (negated !== undefined) others.push(`[^${negated}]`);
      else own += CLASSES[escaped] ?? (escaped === 'b' ? '\\x08' : plainEscape(escaped, true));
    }
    if (others.length === 0) return `[${isNegated ? '^' : ''}${own}]`;
    const all = [...(own === '' ? [] : [`[${own}]`]), ...others].join('|');
    return isNegated ? `(?:(?!${all})[\\s\\S])` : `(?:${all})`;
  }
}

function translateEscape(char: string): string {
  switch (char) {
    case 'A':
      return '(?<![\\s\\S])';
    case 'Z':
      return '(?![\\s\\S])';
    case 'b':
      return BOUNDARY;
    case 'B':
      return INSIDE;
    default: {
      const set = CLASSES[char.toLowerCase()];
      if (set === undefined || !/[dwsDWS]/.test(char)) return plainEscape(char, false);
      return char === char.toLowerCase() ? `[${set}]` : `[^${set}]`;
    }
  }
}

// What is escaped without need stands for itself, which the `u` flag would refuse.
function plainEscape(char: string, inSet: boolean): string {
  if (char === 'a') return '\\x07';
  if (/[\w\\^$.*+?()[\]{}|/]/.test(char) && char !== '_') return `\\${char}`;
  return char === '-' && inSet ? '\\-' : char;
}
