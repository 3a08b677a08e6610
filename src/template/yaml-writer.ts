/**
 * YAML text as PyYAML writes it: lists not indented below their key, leaves in flow style where asked for, quotes where
 * YAML 1.1 would read another type, long lines folded. Files made by `to_yaml` then stay the same byte by byte.
 */
import { fail } from './failure.ts';
import { tick } from './limits.ts';
import { MAX_TEXT_SIZE } from './runtime.ts';
import { dictEntries, isDict } from './values/dict.ts';
import { floatText, isInt, PyFloat } from './values/numbers.ts';
import { PyObject } from './values/object.ts';
import { MAX_DEPTH, toText } from './values/text.ts';
import { compare } from './values/truth.ts';
import { doubleQuote, isPlainText, needsDoubleQuotes } from './yaml-text.ts';

export interface YamlOptions {
  /** Spaces a level, at least 2. */
  readonly indent: number;
  readonly sortKeys: boolean;
  /** Column after which long texts and flow collections go on in the next line. */
  readonly lineWidth: number;
  /** Which collections are written in one line: all, those that hold no others, none. Empty ones always are. */
  readonly flow: 'always' | 'leaves' | 'never';
}

/** @throws TEMPLATE_UNDEFINED when an undefined value is in it */
export function toYamlText(value: unknown, options: YamlOptions): string {
  const writer = new YamlWriter(options);
  writer.node(value, 0, 0);
  return `${writer.text}\n`;
}

class YamlWriter {
  text = '';
  #column = 0;
  readonly #options: YamlOptions;

  constructor(options: YamlOptions) {
    this.#options = { ...options, indent: Math.min(Math.max(options.indent, 2), 9) };
  }

  /** Writes a node whose block form starts at `column`; the cursor is where it begins. */
  node(value: unknown, column: number, depth: number): void {
    this.#measure();
    if (depth > MAX_DEPTH) fail(`The value is nested deeper than ${MAX_DEPTH} levels and cannot be made YAML`);
    if (!isCollection(value)) this.#scalar(value, column + this.#options.indent, false, false);
    else if (this.#isFlow(value)) this.#flow(value, column + this.#options.indent, depth);
    else if (Array.isArray(value)) this.#blockList(value, column, depth);
    else this.#blockDict(value, column, depth);
  }

  // Values may hold the same list many times over, so the text is measured while it grows.
  #measure(): void {
    tick(1);
    if (this.text.length > MAX_TEXT_SIZE) fail(`Expected YAML of at most ${MAX_TEXT_SIZE} characters`);
  }

  #put(text: string): void {
    this.text += text;
    const lastBreak = text.lastIndexOf('\n');
    this.#column = lastBreak < 0 ? this.#column + text.length : text.length - lastBreak - 1;
  }

  #blockList(items: readonly unknown[], column: number, depth: number): void {
    const { indent } = this.#options;
    items.forEach((item, i) => {
      if (i > 0) this.#newLine(column);
      this.#put('-');
      const isBlock = isCollection(item) && !this.#isFlow(item);
      this.#put(' '.repeat(isBlock ? indent - 1 : 1));
      this.node(item, isBlock ? column + indent : column, depth + 1);
    });
  }

  #blockDict(dict: unknown, column: number, depth: number): void {
    const { indent } = this.#options;
    this.#entries(dict).forEach(([key, item], i) => {
      if (i > 0) this.#newLine(column);
      this.#scalar(key, column + indent, false, true);
      this.#put(':');
      if (!isCollection(item) || this.#isFlow(item)) {
        this.#put(' ');
        this.node(item, column, depth + 1);
        return;
      }
      const inner = Array.isArray(item) ? column : column + indent;
      this.#newLine(inner);
      this.node(item, inner, depth + 1);
    });
  }

  #flow(value: unknown, column: number, depth: number): void {
    this.#measure();
    if (depth > MAX_DEPTH) fail(`The value is nested deeper than ${MAX_DEPTH} levels and cannot be made YAML`);
    const isList = Array.isArray(value);
    const entries: (readonly [unknown, unknown])[] = isList
      ? value.map((item) => [undefined, item])
      : this.#entries(value);
    this.#put(isList ? '[' : '{');
    entries.forEach(([key, item], i) => {
      if (i > 0) this.#put(',');
      if (this.#column > this.#options.lineWidth) this.#newLine(column);
      else if (i > 0) this.#put(' ');
      if (!isList) {
        this.#scalar(key, column, true, true);
        this.#put(': ');
      }
      if (isCollection(item)) this.#flow(item, column + this.#options.indent, depth + 1);
      else this.#scalar(item, column + this.#options.indent, true, false);
    });
    this.#put(isList ? ']' : '}');
  }

  #scalar(value: unknown, column: number, isFlow: boolean, isKey: boolean): void {
    if (typeof value !== 'string') {
      this.#put(scalarText(value));
    } else if (needsDoubleQuotes(value)) {
      this.#put(doubleQuote(value));
    } else if (isPlainText(value, isFlow)) {
      this.#folded(value, column, isKey, false);
    } else {
      this.#put("'");
      this.#folded(value.replaceAll("'", "''"), column, isKey, true);
      this.#put("'");
    }
  }

  // Long lines go on in the next one at a single space; a line break is written as an empty line more.
  #folded(text: string, column: number, isKey: boolean, isQuoted: boolean): void {
    let line = '';
    for (let at = 0; at < text.length; at++) {
      const char = text[at] ?? '';
      const isLoneSpace = char === ' ' && text[at - 1] !== ' ' && text[at + 1] !== ' ';
      const isInside = at > 0 && at < text.length - 1;
      if (char === '\n') {
        this.#put(line);
        line = '';
        const breaks = /^\n+/.exec(text.slice(at))?.[0].length ?? 1;
        this.#put('\n'.repeat(breaks + 1));
        at += breaks - 1;
        this.#put(' '.repeat(column));
      } else if (
        isLoneSpace &&
        !isKey &&
        (isInside || !isQuoted) &&
        this.#column + line.length > this.#options.lineWidth
      ) {
        this.#put(line);
        line = '';
        this.#newLine(column);
      } else {
        line += char;
      }
    }
    this.#put(line);
  }

  #newLine(column: number): void {
    this.#put(`\n${' '.repeat(column)}`);
  }

  #entries(dict: unknown): [unknown, unknown][] {
    const entries = isDict(dict) ? dictEntries(dict) : [];
    return this.#options.sortKeys ? entries.sort(([a], [b]) => compare(a, b)) : entries;
  }

  #isFlow(value: unknown): boolean {
    const items = Array.isArray(value) ? value : this.#entries(value).map(([, item]) => item);
    if (items.length === 0 || this.#options.flow === 'always') return true;
    return this.#options.flow === 'leaves' && !items.some(isCollection);
  }
}

function isCollection(value: unknown): boolean {
  return Array.isArray(value) || isDict(value);
}

function scalarText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (isInt(value)) return String(value);
  if (typeof value === 'number' || value instanceof PyFloat)
    return floatScalar(typeof value === 'number' ? value : value.value);
  return value instanceof PyObject ? value.text() : toText(value);
}

function floatScalar(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  const text = floatText(value);
  return text.includes('.') ? text : text.replace('e', '.0e');
}
