/** A task while it runs: its counts for the live row, its results until they are printed. */

import type { HostResultEvent, TaskRef, TaskStartEvent, WaitingEvent } from '../event.ts';
import { formatDuration } from '../util/duration.ts';
import { foldHosts } from '../util/fold.ts';
import { ResultGroups } from './result-groups.ts';
import { type Detail, resultLabel } from './result-text.ts';
import { safeLine } from './safe-text.ts';
import { type Paint, type Style, styleOf } from './theme.ts';

/** Hosts named in a live row are cut to this. */
const MAX_WAITING_CHARS = 40;
/** Names of tasks are cut to this; in a row on a narrow terminal to less, so that the counts are in sight. */
const MAX_NAME_CHARS = 60;
const MIN_NAME_CHARS = 16;
const COUNTS_CHARS = 42;

export class OpenTask {
  readonly playId: string;
  readonly task: TaskRef;
  readonly groups: ResultGroups;
  readonly startedAtMs: number;
  hostCount: number;
  resultCount = 0;
  failureCount = 0;
  /** Lines of files that were shown with a failure: once is enough for all hosts. */
  readonly shownPlaces = new Set<string>();
  #runningCount = 0;
  #lastAtMs: number;
  readonly #counts = new Map<string, { style: Style; count: number }>();
  #waiting: { hosts: Set<string>; sinceMs: number } | undefined;
  readonly #detail: Detail;

  constructor(event: TaskStartEvent, detail: Detail) {
    this.playId = event.playId;
    this.task = event.task;
    this.hostCount = event.hostCount;
    this.startedAtMs = event.atMs;
    this.#lastAtMs = event.atMs;
    this.#detail = detail;
    this.groups = new ResultGroups(detail);
  }

  /** Whether every host that is known to run it has its result. */
  get isDone(): boolean {
    return this.resultCount >= this.hostCount;
  }

  startHost(): void {
    this.#runningCount++;
  }

  /** Counts a result; adding it to `groups` is the caller's choice. */
  count(event: HostResultEvent): void {
    this.resultCount++;
    this.#runningCount = Math.max(0, this.#runningCount - 1);
    this.#lastAtMs = event.atMs;
    this.#waiting?.hosts.delete(event.host);
    const label = resultLabel(event, this.#detail.checkMode);
    const known = this.#counts.get(label);
    if (known === undefined) this.#counts.set(label, { style: styleOf(event), count: 1 });
    else known.count++;
  }

  wait(event: WaitingEvent): void {
    this.#waiting = { hosts: new Set(event.hosts), sinceMs: event.atMs - event.forMs };
  }

  /** `Remove dead containers  ok 2 changed 37 failed 1 · 9 running · waiting on web[08,12] 14 s`. */
  row(paint: Paint, nowMs: number, columns: number): string {
    const parts = [this.#countsText(paint)];
    if (this.#runningCount > 0) parts.push(`${this.#runningCount} running`);
    if (this.#waiting !== undefined && this.#waiting.hosts.size > 0) {
      const hosts = safeLine(foldHosts(this.#waiting.hosts), MAX_WAITING_CHARS);
      parts.push(`waiting on ${hosts} ${formatWholeSeconds(nowMs - this.#waiting.sinceMs)}`);
    }
    const queued = this.hostCount - this.resultCount - this.#runningCount;
    if (queued > 0) parts.push(`${queued} to go`);
    const nameChars = Math.min(MAX_NAME_CHARS, Math.max(MIN_NAME_CHARS, columns - COUNTS_CHARS));
    return `${this.title(nameChars)}  ${parts.filter((part) => part !== '').join(' · ')}`;
  }

  /** The row that stays when the task has ended: `✔ Remove dead containers  changed 37 (4.2 s)`. */
  finalRow(paint: Paint): string {
    const mark = this.failureCount > 0 ? paint('failed', '✖') : paint('ok', '✔');
    const time = formatDuration(this.#lastAtMs - this.startedAtMs);
    return `${mark} ${this.title()}  ${this.#countsText(paint)} ${paint('dim', `(${time})`)}`;
  }

  title(nameChars = MAX_NAME_CHARS): string {
    return `${this.task.isHandler ? 'handler: ' : ''}${safeLine(this.task.name, nameChars)}`;
  }

  #countsText(paint: Paint): string {
    return [...this.#counts].map(([label, { style, count }]) => paint(style, `${label} ${count}`)).join(' ');
  }
}

// Tenths that stand still for a second would look wrong in a row that moves.
function formatWholeSeconds(durationMs: number): string {
  return formatDuration(Math.max(1, Math.floor(durationMs / 1000)) * 1000).replace('.0 s', ' s');
}
