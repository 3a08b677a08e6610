/** The NDJSON report, also the journal of a run: every event a line, as it happens. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { errorMessage } from '../errors.ts';
import type { EventSink, RunEvent } from '../event.ts';
import { type ReportTarget, reportError } from './report-target.ts';

/** Buffered text is written at the latest when it reaches this size. */
const FLUSH_CHARS = 64 * 1024;

/**
 * A sink that writes each event as a line of JSON. The file is made when the first event comes (a run that never starts
 * leaves an older journal alone) and written in place, so that a crash leaves a valid prefix; lines of one turn of the event
 * loop are written together. A file that cannot be written is said by `close`; check it before with `checkReportTarget`.
 */
export function createNdjsonReport(target: ReportTarget): EventSink {
  return new NdjsonReport(target);
}

class NdjsonReport implements EventSink {
  readonly #target: ReportTarget;
  #file: number | undefined;
  #pending = '';
  #flush: NodeJS.Immediate | undefined;
  #error: unknown;

  constructor(target: ReportTarget) {
    this.#target = target;
  }

  onEvent(event: RunEvent): void {
    if (this.#error !== undefined) return;
    this.#pending += `${JSON.stringify(event)}\n`;
    if (this.#pending.length >= FLUSH_CHARS) this.#flushNow();
    else this.#flush ??= setImmediate(() => this.#flushNow());
  }

  async close(): Promise<void> {
    this.#flushNow();
    if (this.#file !== undefined) closeSync(this.#file);
    if (this.#error === undefined) return;
    const path = 'path' in this.#target ? this.#target.path : '-';
    throw reportError(path, errorMessage(this.#error), { cause: this.#error });
  }

  // A full disk must not end the run: the error is kept for close(), and nothing more is written after it.
  #flushNow(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#pending === '' || this.#error !== undefined) return;
    const text = this.#pending;
    this.#pending = '';
    try {
      this.#write(text);
    } catch (error) {
      this.#error = error;
    }
  }

  #write(text: string): void {
    if ('write' in this.#target) {
      this.#target.write(text);
      return;
    }
    this.#file ??= openSync(this.#target.path, 'w', 0o644);
    const bytes = Buffer.from(text);
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#file, bytes, done);
  }
}
