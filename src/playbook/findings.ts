/** Collects everything that is wrong with one file, so that a person sees it all at once. */

import type { Diagnostic, ErrorCode, Position } from '../errors.ts';
import { DiagnosticsError } from '../errors.ts';
import type { SourceText } from '../util/source-text.ts';

export class Findings {
  readonly source: SourceText;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #unreadable = new Set<string>();

  constructor(source: SourceText) {
    this.source = source;
  }

  get isEmpty(): boolean {
    return this.#diagnostics.length === 0;
  }

  /** Notes a finding at an offset of the file's text. */
  add(code: ErrorCode, offset: number, message: string, hint?: string): void {
    this.addAt(code, this.source.position(offset), message, hint);
  }

  /** Notes a finding at a place of this file. */
  addAt(code: ErrorCode, source: Position, message: string, hint?: string): void {
    // What cannot be read as YAML is read as nothing; that it is nothing is then no finding of its own.
    const place = `${source.line}:${source.column}`;
    if (this.#unreadable.has(place)) return;
    if (code === 'YAML_SYNTAX') this.#unreadable.add(place);
    this.#diagnostics.push({ code, message, source, hint, excerpt: this.source.excerpt(source.line) });
  }

  /** All findings so far, as they came. */
  all(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** Each finding once, in the order of their places, those of this file first. */
  sorted(): readonly Diagnostic[] {
    const files = [this.source.path, ...this.#diagnostics.map(({ source }) => source?.file)];
    const ranks = new Map(files.toReversed().map((file, i) => [file, files.length - i]));
    // A file that is imported twice is wrong once.
    const unique = new Map(this.#diagnostics.map((each) => [JSON.stringify([each.source, each.message]), each]));
    return [...unique.values()].toSorted(
      (a, b) =>
        (ranks.get(a.source?.file) ?? 0) - (ranks.get(b.source?.file) ?? 0) ||
        (a.source?.line ?? 0) - (b.source?.line ?? 0) ||
        (a.source?.column ?? 0) - (b.source?.column ?? 0),
    );
  }

  /** Takes over the findings of another file that this one loads. */
  addAll(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics);
  }

  /** @throws {@link DiagnosticsError} when there is a finding */
  throwIfAny(): void {
    if (!this.isEmpty) throw new DiagnosticsError(this.sorted());
  }
}
