/** Collects what is wrong with one inventory file, so that a person sees it all at once. */
import { type Diagnostic, DiagnosticsError, type Position } from '../errors.ts';
import type { SourceText } from '../util/source-text.ts';

/** More than this many findings are not listed: the file is then of another kind than it was taken for. */
const MAX_FINDINGS = 20;

export class FileFindings {
  readonly source: SourceText;
  readonly #diagnostics: Diagnostic[] = [];

  constructor(source: SourceText) {
    this.source = source;
  }

  get isFull(): boolean {
    return this.#diagnostics.length >= MAX_FINDINGS;
  }

  add(source: Position, message: string, hint?: string): void {
    if (this.isFull) return;
    const excerpt = this.source.excerpt(source.line);
    this.#diagnostics.push({ code: 'INVENTORY_INVALID', message, source, hint, excerpt });
  }

  /** @throws {@link DiagnosticsError} INVENTORY_INVALID with all findings, in the order of their places */
  throwIfAny(): void {
    if (this.#diagnostics.length === 0) return;
    const place = (d: Diagnostic) => (d.source?.line ?? 0) * 100_000 + (d.source?.column ?? 0);
    throw new DiagnosticsError(this.#diagnostics.toSorted((a, b) => place(a) - place(b)));
  }
}
