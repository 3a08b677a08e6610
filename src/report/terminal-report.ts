/**
 * The report on the terminal. Plain lines (pipes, cron, CI, `-v` and more) have Ansible's headings; the live view has a row a
 * running task in their place. Both print results folded when a task ends, failures at once, and the same recap.
 */

import type {
  EventSink,
  HostResultEvent,
  ItemResultEvent,
  RunEvent,
  TaskRef,
  TaskStartEvent,
  WaitingEvent,
} from '../event.ts';
import { formatDuration } from '../util/duration.ts';
import { foldHosts } from '../util/fold.ts';
import { unreachable } from '../util/unreachable.ts';
import { type LiveRow, LiveWindow } from './live-window.ts';
import { OpenTask } from './open-task.ts';
import { FailureSummary, heading, recapLines } from './recap.ts';
import { groupLines, type ResultGroup, singleGroup } from './result-groups.ts';
import { safeLine, safeText } from './safe-text.ts';
import type { TerminalReportOptions } from './terminal-options.ts';
import { createPaint, type Paint } from './theme.ts';

/** Failures of a task that are printed one by one, at once; further ones come folded with its other results. */
const MAX_LIVE_FAILURES = 20;
/** With strategy free many tasks are open at once. */
const MAX_LIVE_ROWS = 8;

/** A sink whose moving rows can make way for a prompt. */
export interface TerminalReport extends EventSink {
  /** Takes the live rows away, until {@link resume}: the terminal is free for a question. Plain lines have nothing to do. */
  pause(): Promise<void>;
  resume(): void;
}

/** The report on the terminal: live when it is one and neither `--quiet` nor `-v` asks for lines. */
export function createTerminalReport(options: TerminalReportOptions): TerminalReport {
  const isLive = options.isTty && !options.quiet && options.verbosity === 0;
  return new LineReport(options, isLive);
}

class LineReport implements TerminalReport {
  readonly #options: TerminalReportOptions;
  readonly #paint: Paint;
  readonly #window: LiveWindow | undefined;
  readonly #open = new Map<string, OpenTask>();
  readonly #failures = new FailureSummary();
  readonly #freePlays = new Set<string>();
  /** The task whose heading was printed last. */
  #current: string | undefined;

  constructor(options: TerminalReportOptions, isLive: boolean) {
    this.#options = options;
    this.#paint = createPaint(options.color);
    if (!isLive) return;
    this.#window = new LiveWindow({
      write: options.write,
      columns: () => options.columns,
      rows: () => options.rows ?? 24,
      content: () => this.#rows(),
    });
  }

  onEvent(event: RunEvent): void {
    if (this.#options.verbosity >= 4) this.#say(this.#paint('dim', `# ${safeText(JSON.stringify(event))}`));
    switch (event.type) {
      case 'run:start':
        this.#window?.open();
        if (this.#options.verbosity > 0) {
          const hosts = event.hostCount === 1 ? '1 host' : `${event.hostCount} hosts`;
          this.#say(`fleetmend ${event.version}, run ${event.runId}: ${hosts}, ${event.forks} at once`);
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
      case 'host:start':
        this.#open.get(event.taskId)?.startHost();
        return;
      case 'item:result':
        this.#addItem(event);
        return;
      case 'host:retry':
        if (this.#options.verbosity > 0) {
          this.#taskLines(event.taskId, [`retrying: ${safeLine(event.host)} (${event.attemptsLeft} attempts left)`]);
        }
        return;
      case 'host:result':
        this.#addResult(event);
        return;
      case 'warning': {
        const host = event.host === undefined ? '' : `${safeLine(event.host)}: `;
        this.#print(this.#paint('changed', `[WARNING]: ${host}${safeLine(event.message)}`));
        return;
      }
      case 'waiting':
        this.#wait(event);
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
      default:
        unreachable(event);
    }
  }

  async pause(): Promise<void> {
    // What the question may be about: tasks that have ended are shown before it.
    for (const open of this.#open.values()) if (open.isDone && !this.#freePlays.has(open.playId)) this.#closeTask(open);
    await this.#window?.pause();
  }

  resume(): void {
    this.#window?.open();
  }

  async close(): Promise<void> {
    await this.#window?.pause();
  }

  #startTask(event: TaskStartEvent): void {
    const { task, playId, hostCount } = event;
    const known = this.#open.get(task.taskId);
    if (known !== undefined) {
      known.hostCount = Math.max(known.hostCount, hostCount);
      return;
    }
    const isFree = this.#freePlays.has(playId);
    // Linear: a new task means that the one before has ended, but where hosts go through different included files.
    if (!isFree) for (const open of this.#open.values()) if (open.isDone) this.#closeTask(open);
    this.#open.set(task.taskId, new OpenTask(event, this.#options));
    if (!isFree && this.#window === undefined) this.#taskHeading(task);
  }

  #addResult(event: HostResultEvent): void {
    const open = this.#open.get(event.taskId);
    if (open === undefined) return;
    this.#failures.add(event, open.task.name);
    open.count(event);
    const isAlarm = event.failure !== undefined && !event.ignored && !event.rescued;
    if (isAlarm && open.failureCount++ < MAX_LIVE_FAILURES) {
      const alarm = withNewPlace(event, open.shownPlaces);
      this.#taskLines(event.taskId, this.#groupLines(singleGroup(alarm, open.task.module, this.#options)));
    } else open.groups.addResult(event, open.task.module);
    // Plain lines need not wait for the next task to know that this one has ended. A row stays till then: with strategy free
    // more hosts may follow.
    if (open.isDone && this.#window === undefined) this.#flush(open);
  }

  #addItem(event: ItemResultEvent): void {
    const open = this.#open.get(event.taskId);
    if (open === undefined) return;
    // The host's own result lists the changes of all items.
    const says =
      event.status === 'failed' ||
      (event.status === 'ok' && open.task.module === 'debug' && event.result.censored === undefined);
    if (says || this.#options.verbosity > 0) open.groups.addItem(event, open.task.module);
  }

  #wait(event: WaitingEvent): void {
    if (this.#window !== undefined) {
      this.#open.get(event.taskId)?.wait(event);
      return;
    }
    const hosts = safeLine(foldHosts(event.hosts), 200);
    this.#taskLines(event.taskId, [this.#paint('dim', `waiting on ${hosts} for ${formatDuration(event.forMs)}`)]);
  }

  #closeTasks(playId: string): void {
    for (const open of this.#open.values()) if (open.playId === playId) this.#closeTask(open);
  }

  #closeTask(open: OpenTask): void {
    if (this.#window !== undefined && open.resultCount > 0) this.#print(open.finalRow(this.#paint));
    this.#flush(open);
    this.#open.delete(open.task.taskId);
  }

  // The live view's row has counted what has nothing more to say.
  #flush(open: OpenTask): void {
    const groups = open.groups.take();
    const shown = this.#window === undefined ? groups : groups.filter(saysMoreThanCount);
    // Group by group: all of a task's output with -vv may be more than a text can hold.
    for (const group of shown) this.#taskLines(open.task.taskId, this.#groupLines(group));
  }

  #groupLines(group: ResultGroup): string[] {
    const lines = groupLines(group, this.#options, this.#paint);
    return this.#window === undefined ? lines : lines.map((line) => `  ${line}`);
  }

  // Plain lines of a task stand under its heading; it is repeated when another task's lines came between.
  #taskLines(taskId: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const task = this.#open.get(taskId)?.task;
    if (task !== undefined && this.#current !== taskId && this.#window === undefined) this.#taskHeading(task);
    // Joined here: a host's output may have more lines than a call may have arguments.
    this.#say(lines.join('\n'));
  }

  #taskHeading(task: TaskRef): void {
    this.#heading(`${task.isHandler ? 'RUNNING HANDLER' : 'TASK'} [${safeLine(task.name)}]`);
    this.#current = task.taskId;
    if (this.#options.verbosity < 3) return;
    this.#say(this.#paint('dim', `task path: ${task.source.file}:${task.source.line}`));
  }

  #heading(text: string): void {
    this.#say('', this.#paint('heading', heading(text, this.#options.columns)));
  }

  // Called at each drawing of the live view, not at each event.
  #rows(): LiveRow[] {
    const nowMs = (this.#options.nowMs ?? Date.now)();
    const rows: LiveRow[] = [];
    for (const [id, open] of this.#open) {
      if (rows.length < MAX_LIVE_ROWS) rows.push({ id, title: open.row(this.#paint, nowMs, this.#options.columns) });
    }
    const more = this.#open.size - rows.length;
    if (more > 0) rows.push({ id: 'more', title: `… and ${more} more tasks` });
    return rows;
  }

  // What --quiet leaves out.
  #say(...lines: string[]): void {
    if (!this.#options.quiet) this.#print(...lines);
  }

  #print(...lines: string[]): void {
    if (lines.length === 0) return;
    const text = `${lines.join('\n')}\n`;
    if (this.#window === undefined) this.#options.write(text);
    else this.#window.print(text);
  }
}

// The first host shows the line of the expression that failed, the others say only where it is.
function withNewPlace(event: HostResultEvent, shown: Set<string>): HostResultEvent {
  const { failure } = event;
  if (failure?.source === undefined || failure.excerpt === undefined) return event;
  const place = JSON.stringify(failure.source);
  if (shown.has(place)) return { ...event, failure: { ...failure, excerpt: undefined } };
  shown.add(place);
  return event;
}

function saysMoreThanCount(group: ResultGroup): boolean {
  if (group.label === 'skipped') return false;
  return group.label !== 'ok' || group.summary !== '' || group.details.length > 0;
}
