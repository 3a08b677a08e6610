/** The JSON report: one document a run, schema 1 (docs/reports.md). */

import type { EventSink, HostResultEvent, RunEndEvent, RunEvent, RunStartEvent, TaskStartEvent } from '../event.ts';
import { StatsCounter } from './host-stats.ts';
import { type ReportTarget, writeReport } from './report-target.ts';

interface TaskRecord {
  readonly head: string;
  /** `"host":{…}` texts: the results themselves are let go at once. */
  readonly hosts: string[];
}

interface PlayRecord {
  readonly name: string;
  readonly tasks: TaskRecord[];
  abortedBecause?: string;
}

/**
 * A sink that writes the JSON report when it is closed. A run without `run:end` (a replayed journal of a crash) is
 * written with `endedAt` and `exitCode` null and counts made from its results.
 */
export function createJsonReport(target: ReportTarget): EventSink {
  return new JsonReport(target);
}

class JsonReport implements EventSink {
  readonly #target: ReportTarget;
  readonly #plays = new Map<string, PlayRecord>();
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #stats = new StatsCounter();
  readonly #warnings: string[] = [];
  #start: RunStartEvent | undefined;
  #end: RunEndEvent | undefined;

  constructor(target: ReportTarget) {
    this.#target = target;
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'run:start':
        this.#start = event;
        return;
      case 'play:start':
        this.#plays.set(event.playId, { name: event.name, tasks: [] });
        return;
      case 'task:start':
        this.#addTask(event);
        return;
      case 'host:result':
        this.#stats.add(event);
        this.#tasks.get(event.taskId)?.hosts.push(`${JSON.stringify(event.host)}:${resultText(event)}`);
        return;
      case 'warning':
        this.#warnings.push(JSON.stringify({ message: event.message, host: event.host, source: event.source }));
        return;
      case 'play:end': {
        const play = this.#plays.get(event.playId);
        if (play !== undefined) play.abortedBecause = event.abortedBecause;
        return;
      }
      case 'run:end':
        this.#end = event;
        return;
      default:
        return;
    }
  }

  async close(): Promise<void> {
    // A run that never started leaves an older report alone.
    if (this.#start === undefined) return;
    await writeReport(this.#target, this.#chunks());
  }

  // With strategy free, or in a later batch, a task's start may come more than once: it stays one task.
  #addTask(event: TaskStartEvent): void {
    if (this.#tasks.has(event.task.taskId)) return;
    const { name, module, source, isHandler } = event.task;
    const head = JSON.stringify({
      name,
      module,
      path: `${source.file}:${source.line}`,
      ...(isHandler ? { handler: true } : {}),
    });
    const task: TaskRecord = { head: head.slice(0, -1), hosts: [] };
    this.#tasks.set(event.task.taskId, task);
    this.#plays.get(event.playId)?.tasks.push(task);
  }

  // One line a host and task, so that the document can be searched with grep and is never one huge string in memory.
  *#chunks(): Generator<string> {
    yield `{"fleetmend":${JSON.stringify(this.#start?.version)},"schema":1,\n`;
    yield `"run":${JSON.stringify(this.#run())},\n`;
    const hosts = this.#end === undefined ? this.#stats.entries() : Object.entries(this.#end.hosts);
    yield `"hosts":{${block(hosts.map(([host, stats]) => `${JSON.stringify(host)}:${JSON.stringify(stats)}`))}},\n`;
    const customStats = this.#end?.customStats;
    if (customStats !== undefined) yield `"customStats":${JSON.stringify(customStats)},\n`;
    if (this.#warnings.length > 0) yield `"warnings":[${block(this.#warnings)}],\n`;
    yield '"plays":[';
    let isFirstPlay = true;
    for (const play of this.#plays.values()) {
      const aborted = play.abortedBecause;
      const head = JSON.stringify({ name: play.name, ...(aborted === undefined ? {} : { abortedBecause: aborted }) });
      yield `${isFirstPlay ? '' : ','}\n${head.slice(0, -1)},"tasks":[`;
      isFirstPlay = false;
      for (const [index, task] of play.tasks.entries()) {
        yield `${index === 0 ? '' : ','}\n${task.head},"hosts":{`;
        for (const [place, host] of task.hosts.entries()) yield `${place === 0 ? '' : ','}\n${host}`;
        yield `${task.hosts.length === 0 ? '' : '\n'}}}`;
      }
      yield `${play.tasks.length === 0 ? '' : '\n'}]}`;
    }
    yield `${isFirstPlay ? '' : '\n'}]}\n`;
  }

  #run(): Record<string, unknown> {
    const start = this.#start;
    const end = this.#end;
    const notStarted = end?.notStarted ?? [];
    const notFinished = end?.notFinished ?? [];
    return {
      id: start?.runId,
      playbooks: start?.playbooks,
      startedAt: isoTime(start?.atMs),
      endedAt: isoTime(end?.atMs),
      durationMs: end?.durationMs ?? null,
      checkMode: start?.checkMode,
      trigger: start?.trigger,
      exitCode: end?.exitCode ?? null,
      endedBy: end?.endedBy ?? null,
      ...(notStarted.length === 0 ? {} : { notStarted }),
      ...(notFinished.length === 0 ? {} : { notFinished }),
    };
  }
}

function resultText(event: HostResultEvent): string {
  const { status, durationMs, result, failure, changes, delegatedTo } = event;
  return JSON.stringify({
    status,
    durationMs,
    result,
    failure,
    changes: changes.length === 0 ? undefined : changes,
    ignored: event.ignored || undefined,
    rescued: event.rescued || undefined,
    delegatedTo,
  });
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${lines.join(',\n')}\n`;
}

function isoTime(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
