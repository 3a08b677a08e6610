/** Collects what is wrong with one inventory file, so that a person sees it all at once. */
import { type Diagnostic, DiagnosticsError, type Position, withExcerpt } from '../errors.ts';

/** More than this many findings are not listed: the file is then of another kind than it was taken for. */
const MAX_FINDINGS = 20;

export class FileFindings {
  readonly file: string;
  readonly text: string;
  readonly #isSecret: boolean;
  readonly #diagnostics: Diagnostic[] = [];

  /** @param isSecret - the text was decrypted: no line of it is shown */
  constructor(file: string, text: string, isSecret = false) {
    this.file = file;
    this.text = text;
    this.#isSecret = isSecret;
  }

  get isFull(): boolean {
    return this.#diagnostics.length >= MAX_FINDINGS;
  }

  add(source: Position, message: string, hint?: string): void {
    if (this.isFull) return;
    const finding: Diagnostic = { code: 'INVENTORY_INVALID', message, source, hint };
    this.#diagnostics.push(this.#isSecret ? finding : withExcerpt(finding, this.text));
  }

  /** @throws {@link DiagnosticsError} INVENTORY_INVALID with all findings, in the order of their places */
  throwIfAny(): void {
    if (this.#diagnostics.length === 0) return;
    const place = (d: Diagnostic) => (d.source?.line ?? 0) * 100_000 + (d.source?.column ?? 0);
    throw new DiagnosticsError(this.#diagnostics.toSorted((a, b) => place(a) - place(b)));
  }
}
