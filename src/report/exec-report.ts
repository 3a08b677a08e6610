/** The report of `fleetmend exec`: equal output once, under the set of hosts that gave it. */

import type { EventSink, HostResultEvent, RunEndEvent, RunEvent } from '../event.ts';
import { formatDuration } from '../util/duration.ts';
import { foldHosts } from '../util/fold.ts';
import { foldResults } from './fold-results.ts';
import { rerunLines, totalsLine } from './recap.ts';
import { type Detail, failureReason, generalReason, jsonLines, resultDetails, resultLabel } from './result-text.ts';
import { safeLine, safeText } from './safe-text.ts';
import { createPaint, type Paint, type Style, styleOf } from './theme.ts';

export interface ExecReportOptions {
  /** Takes the hosts' output: standard output. */
  readonly write: (text: string) => void;
  /** Takes notices and totals: standard error, so that the output can be piped. */
  readonly writeStatus: (text: string) => void;
  /** Whether to colour the headers and notices. */
  readonly color: boolean;
  readonly verbosity: number;
  /** No notices while it runs; output, failures and totals as always. */
  readonly quiet: boolean;
  readonly checkMode: boolean;
  readonly diff: boolean;
  readonly retryFile?: string;
}

/** Failures that are told while it runs; all come folded at the end. */
const MAX_LIVE_FAILURES = 20;

/** What a host gave. */
interface HostOutput {
  readonly style: Style;
  readonly header: string;
  /** Why it failed, exactly and without what differs from host to host; both empty when it did not. */
  readonly reason: string;
  readonly generalReason: string;
  readonly lines: readonly string[];
}

/** A sink that prints failures as they come, and at the end the output folded over hosts, then one line of totals. */
export function createExecReport(options: ExecReportOptions): EventSink {
  return new ExecReport(options);
}

class ExecReport implements EventSink {
  readonly #options: ExecReportOptions;
  readonly #paint: Paint;
  readonly #modules = new Map<string, string>();
  readonly #outputs: [string, HostOutput][] = [];
  #failureCount = 0;

  constructor(options: ExecReportOptions) {
    this.#options = options;
    this.#paint = createPaint(options.color);
  }

  onEvent(event: RunEvent): void {
    if (this.#options.verbosity >= 4) this.#options.writeStatus(`# ${safeText(JSON.stringify(event))}\n`);
    switch (event.type) {
      case 'task:start':
        this.#modules.set(event.task.taskId, event.task.module);
        return;
      case 'host:result':
        this.#addResult(event);
        return;
      case 'waiting':
        this.#notice(`waiting on ${safeLine(foldHosts(event.hosts), 200)} for ${formatDuration(event.forMs)}`);
        return;
      case 'warning':
        this.#options.writeStatus(`${this.#paint('changed', `[WARNING]: ${safeLine(event.message)}`)}\n`);
        return;
      case 'run:end':
        this.#finish(event);
        return;
      default:
        return;
    }
  }

  async close(): Promise<void> {
    // Everything was written at the run's end.
  }

  #addResult(event: HostResultEvent): void {
    this.#outputs.push([event.host, outputOf(event, this.#modules.get(event.taskId) ?? '', this.#options)]);
    if (event.failure === undefined) return;
    this.#failureCount++;
    if (this.#failureCount === MAX_LIVE_FAILURES + 1) this.#notice('… further failures come at the end');
    if (this.#failureCount <= MAX_LIVE_FAILURES) {
      this.#notice(this.#paint(styleOf(event), `${safeLine(event.host)}: ${event.status}: ${failureReason(event)}`));
    }
  }

  #finish(event: RunEndEvent): void {
    const groups = foldResults(this.#outputs, ({ header, generalReason, lines }) =>
      [header, generalReason, ...lines].join('\n'),
    );
    for (const { values, hosts, folded } of groups) {
      const [first] = values;
      const count = hosts.length === 1 ? '' : ` (${hosts.length} hosts)`;
      const header = this.#paint(first.style, `--- ${safeLine(folded)}${count}${first.header} ---`);
      const isExact = values.every((value) => value.reason === first.reason);
      const reason = isExact ? first.reason : first.generalReason;
      this.#options.write(`${[header, ...(reason === '' ? [] : [reason]), ...first.lines].join('\n')}\n`);
    }
    const options = { ...this.#options, paint: this.#paint };
    this.#options.writeStatus(`${[totalsLine(event, options), ...rerunLines(event, options)].join('\n')}\n`);
  }

  #notice(line: string): void {
    if (!this.#options.quiet) this.#options.writeStatus(`${line}\n`);
  }
}

// A command's output as it is; of other modules the result, as Ansible's ad-hoc mode shows it.
function outputOf(event: HostResultEvent, module: string, detail: Detail): HostOutput {
  const style = styleOf(event);
  const { stdout, stderr, rc } = event.result;
  const whole = detail.verbosity >= 2 ? jsonLines(event.result).map((line) => line.text) : [];
  if (event.failure !== undefined) {
    const exit = typeof rc === 'number' ? `, exit ${rc}` : '';
    const reason = safeLine(event.failure.message);
    const hint = event.failure.hint === undefined ? [] : [`hint: ${safeLine(event.failure.hint)}`];
    return {
      style,
      header: `: ${event.status}${exit}`,
      reason,
      generalReason: generalReason(reason, event.host),
      lines: [...hint, ...streamLines(stdout, stderr), ...whole],
    };
  }
  // A command always says `changed`: only what it printed tells hosts apart.
  const isPlain = event.status === 'ok' || (event.status === 'changed' && isCommand(module));
  const header = isPlain ? '' : `: ${resultLabel(event, detail.checkMode)}`;
  if (typeof stdout === 'string') {
    return { style, header, reason: '', generalReason: '', lines: [...streamLines(stdout, stderr), ...whole] };
  }
  const changes = resultDetails(event, { ...detail, verbosity: 0 }, '').map((line) => line.text);
  const result = jsonLines(event.result).map((line) => line.text);
  return { style, header, reason: '', generalReason: '', lines: [...changes, ...result] };
}

function isCommand(module: string): boolean {
  return module === 'command' || module === 'shell' || module === 'raw' || module === 'script';
}

// No `push(...lines)`: a host's output may have more lines than a call may have arguments.
function streamLines(stdout: unknown, stderr: unknown): string[] {
  const out = typeof stdout === 'string' && stdout !== '' ? safeText(stdout.replace(/\n$/, '')).split('\n') : [];
  if (typeof stderr !== 'string' || stderr.trim() === '') return out;
  const err = safeText(stderr.replace(/\n$/, '')).split('\n');
  return [...out, ...err.map((line) => `stderr: ${line}`)];
}
