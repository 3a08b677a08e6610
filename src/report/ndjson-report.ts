/** The NDJSON report, also the journal of a run: every event a line, as it happens. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { errorMessage } from '../errors.ts';
import type { EventSink, RunEvent } from '../event.ts';
import { type ReportTarget, reportError } from './report-target.ts';

/** Buffered text is written at the latest when it reaches this size. */
const FLUSH_CHARS = 64 * 1024;

/**
 * A sink that writes each event as a line of JSON. The file is made at once and written in place, so that a crash leaves
 * a valid prefix; lines of one turn of the event loop are written together.
 *
 * @throws {@link FleetmendError} REPORT_FAILED when the file cannot be opened
 */
export function createNdjsonReport(target: ReportTarget): EventSink {
  return new NdjsonReport(target);
}

class NdjsonReport implements EventSink {
  readonly #write: (text: string) => void;
  readonly #finish: () => void;
  readonly #path: string;
  #pending = '';
  #flush: NodeJS.Immediate | undefined;
  #error: unknown;

  constructor(target: ReportTarget) {
    if ('write' in target) {
      this.#path = '-';
      this.#write = target.write;
      this.#finish = () => undefined;
      return;
    }
    this.#path = target.path;
    const file = openJournal(target.path);
    this.#write = (text) => writeAll(file, text);
    this.#finish = () => closeSync(file);
  }

  onEvent(event: RunEvent): void {
    if (this.#error !== undefined) return;
    this.#pending += `${JSON.stringify(event)}\n`;
    if (this.#pending.length >= FLUSH_CHARS) this.#flushNow();
    else this.#flush ??= setImmediate(() => this.#flushNow());
  }

  async close(): Promise<void> {
    this.#flushNow();
    this.#finish();
    if (this.#error !== undefined) {
      throw reportError(this.#path, errorMessage(this.#error), { cause: this.#error });
    }
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
}

function openJournal(path: string): number {
  try {
    return openSync(path, 'w', 0o644);
  } catch (error) {
    throw reportError(path, errorMessage(error), { cause: error });
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done);
}
