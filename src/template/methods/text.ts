/** Methods of texts, with Python's meaning. */
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import { typeName } from '../values/kinds.ts';
import { article, codePoints, iterate, lengthOf, wholeNumber } from '../values/sequence.ts';
import { formatBraces } from '../values/str-format.ts';
import { capitalize, replaceText, splitLines, splitText, titleCase, trimChars } from '../values/text-operations.ts';
import { tupleOf } from '../values/tuple.ts';

export const TEXT_METHODS: ReadonlyMap<string, Builtin> = new Map([
  ['lower', pure('self', (self: string) => self.toLowerCase())],
  ['upper', pure('self', (self: string) => self.toUpperCase())],
  ['casefold', pure('self', (self: string) => self.toLowerCase().replaceAll('ß', 'ss'))],
  ['title', pure('self', titleCase)],
  ['capitalize', pure('self', capitalize)],
  [
    'swapcase',
    pure('self', (self: string) =>
      self.replace(/\p{L}/gu, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())),
    ),
  ],
  ['strip', pure('self chars?', (self: string, chars?: unknown) => trimChars(self, chars, 'both'))],
  ['lstrip', pure('self chars?', (self: string, chars?: unknown) => trimChars(self, chars, 'start'))],
  ['rstrip', pure('self chars?', (self: string, chars?: unknown) => trimChars(self, chars, 'end'))],
  ['split', pure('self sep? maxsplit?', (self: string, sep?: unknown, max?: unknown) => splitText(self, sep, max))],
  [
    'rsplit',
    pure('self sep? maxsplit?', (self: string, sep?: unknown, max?: unknown) => splitText(self, sep, max, true)),
  ],
  ['splitlines', pure('self keepends?', (self: string, keep?: unknown) => splitLines(self, keep === true))],
  [
    'partition',
    pure('self sep', (self: string, sep: unknown) => partition(self, textOf(sep), self.indexOf(textOf(sep)))),
  ],
  [
    'rpartition',
    pure('self sep', (self: string, sep: unknown) => {
      const at = self.lastIndexOf(textOf(sep));
      return at < 0 ? tupleOf(['', '', self]) : partition(self, textOf(sep), at);
    }),
  ],
  ['startswith', pure('self prefix', (self: string, prefix: unknown) => anyOf(prefix, (p) => self.startsWith(p)))],
  ['endswith', pure('self suffix', (self: string, suffix: unknown) => anyOf(suffix, (s) => self.endsWith(s)))],
  [
    'removeprefix',
    pure('self prefix', (self: string, prefix: unknown) =>
      self.startsWith(textOf(prefix)) ? self.slice(textOf(prefix).length) : self,
    ),
  ],
  [
    'removesuffix',
    pure('self suffix', (self: string, suffix: unknown) =>
      textOf(suffix) !== '' && self.endsWith(textOf(suffix)) ? self.slice(0, -textOf(suffix).length) : self,
    ),
  ],
  [
    'replace',
    pure('self old new count?', (self: string, old: unknown, by: unknown, count?: unknown) =>
      replaceText(self, textOf(old), textOf(by), count),
    ),
  ],
  [
    'join',
    pure('self items', (self: string, items: unknown) =>
      iterate(items)
        .map((item) => textOf(item))
        .join(self),
    ),
  ],
  [
    'format',
    pure('self *values **named', (self: string, values: unknown[], named: Record<string, unknown>) =>
      formatBraces(self, values, named),
    ),
  ],
  ['find', pure('self sub', (self: string, sub: unknown) => pointIndex(self, self.indexOf(textOf(sub))))],
  ['rfind', pure('self sub', (self: string, sub: unknown) => pointIndex(self, self.lastIndexOf(textOf(sub))))],
  [
    'index',
    pure('self sub', (self: string, sub: unknown) => {
      const at = self.indexOf(textOf(sub));
      return at < 0 ? fail(`The text '${textOf(sub)}' is not in '${self}'`) : pointIndex(self, at);
    }),
  ],
  [
    'rindex',
    pure('self sub', (self: string, sub: unknown) => {
      const at = self.lastIndexOf(textOf(sub));
      return at < 0 ? fail(`The text '${textOf(sub)}' is not in '${self}'`) : pointIndex(self, at);
    }),
  ],
  ['expandtabs', pure('self tabsize?', expandTabs)],
  ['isascii', pure('self', (self: string) => [...self].every((char) => char <= '\x7f'))],
  ['istitle', pure('self', (self: string) => self.toLowerCase() !== self.toUpperCase() && self === titleCase(self))],
  [
    'count',
    pure('self sub', (self: string, sub: unknown) =>
      textOf(sub) === '' ? lengthOf(self) + 1 : self.split(textOf(sub)).length - 1,
    ),
  ],
  [
    'zfill',
    pure('self width', (self: string, width: unknown) => {
      const sign = /^[+-]/.exec(self)?.[0] ?? '';
      return sign + fill(self.slice(sign.length), width, '0', sign.length) + self.slice(sign.length);
    }),
  ],
  [
    'ljust',
    pure(
      'self width fillchar?',
      (self: string, width: unknown, char: unknown = ' ') => self + fill(self, width, textOf(char)),
    ),
  ],
  [
    'rjust',
    pure(
      'self width fillchar?',
      (self: string, width: unknown, char: unknown = ' ') => fill(self, width, textOf(char)) + self,
    ),
  ],
  [
    'center',
    pure('self width fillchar?', (self: string, width: unknown, char: unknown = ' ') => {
      const missing = fill(self, width, textOf(char));
      // Python puts the odd space left only when the width is odd.
      const left = Math.floor(missing.length / 2) + (missing.length & wholeNumber(width, 'a width') & 1);
      return missing.slice(0, left) + self + missing.slice(left);
    }),
  ],
  ['isdigit', test(/^\p{Nd}+$/u)],
  ['isdecimal', test(/^\p{Nd}+$/u)],
  ['isnumeric', test(/^\p{N}+$/u)],
  ['isalpha', test(/^\p{L}+$/u)],
  ['isalnum', test(/^[\p{L}\p{N}]+$/u)],
  ['isspace', test(/^\s+$/)],
  ['isidentifier', test(/^[\p{ID_Start}_][\p{ID_Continue}]*$/u)],
  ['islower', pure('self', (self: string) => self !== self.toUpperCase() && self === self.toLowerCase())],
  ['isupper', pure('self', (self: string) => self !== self.toLowerCase() && self === self.toUpperCase())],
]);

function test(pattern: RegExp): Builtin {
  return pure('self', (self: string) => pattern.test(self));
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') fail(`Expected a str, got ${article(typeName(value))}`);
  return value;
}

// A tab goes on to the next multiple of the size, counted from the start of its line.
function expandTabs(self: string, size: unknown = 8): string {
  const width = wholeNumber(size, 'tabsize');
  if (width > 1000) fail(`Expected a tabsize of at most 1000, got ${width}`);
  let column = 0;
  return [...self]
    .map((char) => {
      if (char === '\n' || char === '\r') column = 0;
      else if (char === '\t') {
        const spaces = width > 0 ? width - (column % width) : 0;
        column += spaces;
        return ' '.repeat(spaces);
      } else column++;
      return char;
    })
    .join('');
}

function anyOf(given: unknown, holds: (text: string) => boolean): boolean {
  return Array.isArray(given) ? given.some((item) => holds(textOf(item))) : holds(textOf(given));
}

function partition(self: string, separator: string, at: number): unknown {
  if (separator === '') fail('Cannot split by an empty text');
  if (at < 0) return tupleOf([self, '', '']);
  return tupleOf([self.slice(0, at), separator, self.slice(at + separator.length)]);
}

// An index in UTF-16 units as an index in code points.
function pointIndex(self: string, at: number): number {
  return at < 0 ? at : codePoints(self.slice(0, at)).length;
}

// The characters that are missing to the width.
function fill(self: string, width: unknown, char: string, reserved = 0): string {
  const missing = wholeNumber(width, 'a width') - lengthOf(self) - reserved;
  if (missing > MAX_TEXT_SIZE) fail(`Expected a width of at most ${MAX_TEXT_SIZE}`);
  return char.repeat(Math.max(0, missing));
}
