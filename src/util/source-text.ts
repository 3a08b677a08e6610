/** A user's file as text, with the way from an offset in it to a position a person can find. */

import type { Position } from '../errors.ts';

export class SourceText {
  readonly path: string;
  /** It was decrypted: no line of it is shown. */
  readonly isSecret: boolean;
  /** The text without its byte order mark; all offsets count from its start, in UTF-16 code units. */
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(path: string, text: string, isSecret = false) {
    this.path = path;
    this.isSecret = isSecret;
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
      this.#lineStarts.push(at + 1);
  }

  /** Number of lines; a text that ends with a line break has an empty last line. */
  get lineCount(): number {
    return this.#lineStarts.length;
  }

  position(offset: number): Position {
    const line = this.#lineIndex(offset);
    return { file: this.path, line: line + 1, column: offset - (this.#lineStarts[line] ?? 0) + 1 };
  }

  /** Offset of a line's first character. `line` counts from 1. */
  lineStart(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }

  /** A line without its line break. `line` counts from 1. */
  lineText(line: number): string {
    const next = this.#lineStarts[line];
    return this.text.slice(this.lineStart(line), next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }

  /** A line as it may be shown beside an error; undefined: it was decrypted, or a secret stands in it. */
  excerpt(line: number): string | undefined {
    const text = this.lineText(line);
    return this.isSecret || line < 1 || line > this.lineCount || holdsSecret(text) ? undefined : text;
  }

  /** Offset of a position that {@link position} gave. */
  offsetOf({ line, column }: Position): number {
    return this.lineStart(line) + column - 1;
  }

  #lineIndex(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

// A key such as `db_password`, and what its value may hold beside names of variables.
const SECRET_KEY = /(?:pass(?:w(?:or)?d|phrase)?|secret|token|api_?key|credentials?)["']?\s*[:=](.*)$/i;

// `password: "{{ vaulted }}"` may be shown, `password: hunter2` and `password: "{{ 'hunter2' }}"` may not.
function holdsSecret(line: string): boolean {
  const value = SECRET_KEY.exec(line)?.[1]
    ?.trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  if (value === undefined) return false;
  return /["']/.test(value) || /[^\s>|-]/.test(value.replace(/\{\{[^{}]*\}\}/g, '').replace(/(?:^|\s)#.*$/, ''));
}
