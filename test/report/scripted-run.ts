/** Runs made of events, for the tests of the reports: a driver says what happens, and every sink gets it. */

import type {
  Change,
  EventSink,
  FailureKind,
  HostResultEvent,
  HostStats,
  HostStatus,
  ResultData,
  RunEndEvent,
  RunEvent,
  TaskRef,
} from '../../src/event.ts';
import { StatsCounter } from '../../src/report/host-stats.ts';

export interface ScriptedResult {
  readonly status?: HostStatus;
  readonly result?: ResultData;
  readonly changes?: readonly Change[];
  readonly kind?: FailureKind;
  readonly message?: string;
  readonly hint?: string;
  readonly ignored?: boolean;
  readonly rescued?: boolean;
  readonly noLog?: boolean;
  readonly durationMs?: number;
}

/** Sends a run to sinks, with a clock that only moves when it is told to. */
export class ScriptedRun {
  readonly events: RunEvent[] = [];
  readonly #sinks: readonly EventSink[];
  readonly #stats = new StatsCounter();
  atMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  #count = 0;

  constructor(...sinks: readonly EventSink[]) {
    this.#sinks = sinks;
  }

  send(event: RunEvent): void {
    this.events.push(event);
    for (const sink of this.#sinks) sink.onEvent(event);
  }

  start(options: { checkMode?: boolean; hostCount?: number } = {}): void {
    this.send({
      type: 'run:start',
      atMs: this.atMs,
      runId: 'run-1',
      version: '0.1.0',
      playbooks: ['clean.yml'],
      checkMode: options.checkMode ?? false,
      trigger: 'cli',
      hostCount: options.hostCount ?? 3,
      forks: 50,
    });
  }

  play(name: string, hosts: readonly string[], strategy: 'linear' | 'free' = 'linear'): string {
    const playId = `play-${this.#count++}`;
    const source = { file: 'clean.yml', line: 1, column: 3 };
    this.send({ type: 'play:start', atMs: this.atMs, playId, name, hosts, strategy, source });
    return playId;
  }

  task(playId: string, name: string, hostCount: number, extra: Partial<TaskRef> = {}): string {
    const taskId = `task-${this.#count++}`;
    const source = { file: 'clean.yml', line: 5 + this.#count, column: 7 };
    const task = { taskId, name, module: 'docker_prune', source, isHandler: false, tags: [], ...extra };
    this.send({ type: 'task:start', atMs: this.atMs, playId, task, hostCount });
    return taskId;
  }

  begin(playId: string, taskId: string, host: string): void {
    this.send({ type: 'host:start', atMs: this.atMs, playId, taskId, host });
  }

  result(playId: string, taskId: string, host: string, given: ScriptedResult = {}): void {
    const status = given.status ?? (given.message === undefined ? 'ok' : 'failed');
    const isFailure = status === 'failed' || status === 'unreachable';
    const message = given.message ?? 'it failed';
    const event: HostResultEvent = {
      type: 'host:result',
      atMs: this.atMs,
      playId,
      taskId,
      host,
      status,
      ignored: given.ignored ?? false,
      rescued: given.rescued ?? false,
      durationMs: given.durationMs ?? 12,
      result: given.result ?? { changed: status === 'changed', ...(isFailure ? { failed: true, msg: message } : {}) },
      changes: given.changes ?? [],
      ...(isFailure
        ? { failure: { kind: given.kind ?? 'failed', code: 'MODULE_FAILED', message, ...hintOf(given.hint) } }
        : {}),
      noLog: given.noLog ?? false,
    };
    this.#stats.add(event);
    this.send(event);
  }

  endPlay(playId: string, abortedBecause?: string): void {
    this.send({
      type: 'play:end',
      atMs: this.atMs,
      playId,
      ...(abortedBecause === undefined ? {} : { abortedBecause }),
    });
  }

  end(
    options: Partial<
      Pick<RunEndEvent, 'exitCode' | 'notStarted' | 'notFinished' | 'endedBy' | 'durationMs' | 'customStats'>
    > = {},
  ): void {
    const hosts: Record<string, HostStats> = Object.fromEntries(this.#stats.entries());
    this.send({
      type: 'run:end',
      atMs: this.atMs,
      runId: 'run-1',
      durationMs: 4200,
      exitCode: 0,
      hosts,
      notStarted: [],
      notFinished: [],
      endedBy: 'completed',
      ...options,
    });
  }

  async close(): Promise<void> {
    for (const sink of this.#sinks) await sink.close();
  }
}

/** `web01` … `webNN`. */
export function hostNames(prefix: string, count: number, width = 2): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1).padStart(width, '0')}`);
}

function hintOf(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
