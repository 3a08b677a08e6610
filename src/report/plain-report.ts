/** The terminal report as plain lines: for pipes, cron, CI and high verbosity. Ansible's headings, folded results. */

import type { EventSink, HostResultEvent, RunEvent, TaskRef, TaskStartEvent, WaitingEvent } from '../event.ts';
import { formatDuration } from '../util/duration.ts';
import { foldHosts } from '../util/fold.ts';
import { FailureSummary, heading, recapLines } from './recap.ts';
import { groupLines, ResultGroups, singleGroup } from './result-groups.ts';
import type { Detail } from './result-text.ts';
import { safeLine, safeText } from './safe-text.ts';
import type { TerminalReportOptions } from './terminal-options.ts';
import { createPaint, type Paint } from './theme.ts';

/** Failures of a task that are printed one by one, at once; further ones come folded with its other results. */
const MAX_LIVE_FAILURES = 20;

interface OpenTask {
  readonly playId: string;
  readonly task: TaskRef;
  readonly groups: ResultGroups;
  hostCount: number;
  resultCount: number;
  failureCount: number;
}

/** A sink that prints lines. Results of a task are printed folded when the task ends, failures at once. */
export function createPlainReport(options: TerminalReportOptions): EventSink {
  return new PlainReport(options);
}

class PlainReport implements EventSink {
  readonly #options: TerminalReportOptions;
  readonly #detail: Detail;
  readonly #paint: Paint;
  readonly #open = new Map<string, OpenTask>();
  readonly #failures = new FailureSummary();
  readonly #freePlays = new Set<string>();
  /** The task whose heading was printed last. */
  #current: string | undefined;

  constructor(options: TerminalReportOptions) {
    this.#options = options;
    this.#detail = options;
    this.#paint = createPaint(options.color);
  }

  onEvent(event: RunEvent): void {
    if (this.#options.verbosity >= 4 && !this.#options.quiet) {
      this.#print(this.#paint('dim', `# ${safeText(JSON.stringify(event))}`));
    }
    switch (event.type) {
      case 'run:start':
        if (this.#options.verbosity > 0) {
          this.#say(`fleetmend ${event.version}, run ${event.runId}: ${event.hostCount} hosts, ${event.forks} at once`);
        }
        if (event.checkMode) this.#say('CHECK MODE: nothing is changed on any host');
        return;
      case 'play:start':
        if (event.strategy === 'free') this.#freePlays.add(event.playId);
        this.#heading(`PLAY [${safeLine(event.name)}]`);
        if (this.#options.verbosity > 0) this.#say(`hosts: ${safeLine(foldHosts(event.hosts))}`);
        return;
      case 'batch:start':
        this.#closeTasks(event.playId);
        if (event.count > 1) {
          this.#say('', `BATCH ${event.index + 1} of ${event.count}: ${safeLine(foldHosts(event.hosts))}`);
        }
        return;
      case 'task:start':
        this.#startTask(event);
        return;
      case 'item:result':
        if (event.status === 'changed' || event.status === 'failed' || this.#options.verbosity > 0) {
          this.#open.get(event.taskId)?.groups.addItem(event);
        }
        return;
      case 'host:retry':
        if (this.#options.verbosity > 0) {
          this.#taskLine(event.taskId, `retrying: ${safeLine(event.host)} (${event.attemptsLeft} attempts left)`);
        }
        return;
      case 'host:result':
        this.#addResult(event);
        return;
      case 'warning':
        this.#print(
          this.#paint(
            'changed',
            `[WARNING]: ${event.host === undefined ? '' : `${event.host}: `}${safeLine(event.message)}`,
          ),
        );
        return;
      case 'waiting':
        this.#waiting(event);
        return;
      case 'play:end':
        this.#closeTasks(event.playId);
        if (event.abortedBecause !== undefined) {
          this.#print('', this.#paint('failed', `PLAY ENDED EARLY: ${safeLine(event.abortedBecause)}`));
        }
        return;
      case 'run:end':
        for (const { playId } of [...this.#open.values()]) this.#closeTasks(playId);
        this.#print(...recapLines(event, this.#failures, { ...this.#options, paint: this.#paint }));
        return;
      case 'host:start':
        return;
    }
  }

  async close(): Promise<void> {
    // Everything was written as it came.
  }

  #startTask(event: TaskStartEvent): void {
    const { task, playId, hostCount } = event;
    const known = this.#open.get(task.taskId);
    if (known !== undefined) {
      known.hostCount = Math.max(known.hostCount, hostCount);
      return;
    }
    const isFree = this.#freePlays.has(playId);
    // Linear: a new task means that the one before has ended.
    if (!isFree) this.#closeTasks(playId);
    const groups = new ResultGroups(this.#detail);
    this.#open.set(task.taskId, { playId, task, groups, hostCount, resultCount: 0, failureCount: 0 });
    if (!isFree) this.#taskHeading(task);
  }

  #addResult(event: HostResultEvent): void {
    const open = this.#open.get(event.taskId);
    if (open === undefined) return;
    this.#failures.add(event, open.task.name);
    open.resultCount++;
    const isAlarm = event.failure !== undefined && !event.ignored && !event.rescued;
    if (isAlarm && open.failureCount++ < MAX_LIVE_FAILURES) {
      const lines = groupLines(singleGroup(event, open.task.module, this.#detail), this.#detail, this.#paint);
      this.#taskLine(event.taskId, ...lines);
    } else open.groups.addResult(event, open.task.module);
    if (open.resultCount === open.hostCount) this.#flush(open);
  }

  #waiting(event: WaitingEvent): void {
    const hosts = safeLine(foldHosts(event.hosts), 200);
    this.#taskLine(event.taskId, this.#paint('dim', `waiting on ${hosts} for ${formatDuration(event.forMs)}`));
  }

  #closeTasks(playId: string): void {
    for (const [taskId, open] of this.#open) {
      if (open.playId !== playId) continue;
      this.#flush(open);
      this.#open.delete(taskId);
    }
  }

  #flush(open: OpenTask): void {
    if (open.groups.isEmpty) return;
    const lines = open.groups.take().flatMap((group) => groupLines(group, this.#detail, this.#paint));
    this.#taskLine(open.task.taskId, ...lines);
  }

  // Lines of a task stand under its heading; it is repeated when another task's lines came between.
  #taskLine(taskId: string, ...lines: string[]): void {
    const task = this.#open.get(taskId)?.task;
    if (task !== undefined && this.#current !== taskId) this.#taskHeading(task);
    this.#say(...lines);
  }

  #taskHeading(task: TaskRef): void {
    this.#heading(`${task.isHandler ? 'RUNNING HANDLER' : 'TASK'} [${safeLine(task.name)}]`);
    this.#current = task.taskId;
    if (this.#options.verbosity >= 3)
      this.#say(this.#paint('dim', `task path: ${task.source.file}:${task.source.line}`));
  }

  #heading(text: string): void {
    this.#say('', this.#paint('heading', heading(text, this.#options.columns)));
  }

  // What --quiet leaves out.
  #say(...lines: string[]): void {
    if (!this.#options.quiet) this.#print(...lines);
  }

  #print(...lines: string[]): void {
    if (lines.length > 0) this.#options.write(`${lines.join('\n')}\n`);
  }
}
