/** The JUnit report: a testsuite a play, a testcase a host and task, for CI servers. */

import type { EventSink, HostResultEvent, PlayStartEvent, RunEndEvent, RunEvent, TaskRef } from '../event.ts';
import { type ReportTarget, writeReport } from './report-target.ts';
import { failureReason, placeLines } from './result-text.ts';

/** Characters kept of each output stream of a testcase: head and tail. */
const MAX_OUTPUT_CHARS = 10_000;

interface Totals {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  durationMs: number;
}

interface Suite {
  readonly name: string;
  readonly startedAtMs: number;
  readonly totals: Totals;
  /** Testcases as XML: the results themselves are let go at once. */
  readonly cases: string[];
}

/**
 * A sink that writes JUnit XML when it is closed. A failed result is a `failure`, an unreachable one an `error`, both with
 * the failure's kind as `type`; ignored and rescued failures are `skipped` with the reason, so that they are seen and do
 * not fail a build that fleetmend itself calls good. Hosts that the run never reached are errors in a suite of their own.
 */
export function createJunitReport(target: ReportTarget): EventSink {
  return new JunitReport(target);
}

class JunitReport implements EventSink {
  readonly #target: ReportTarget;
  readonly #suites = new Map<string, Suite>();
  readonly #tasks = new Map<string, TaskRef>();
  #hasStarted = false;
  #durationMs = 0;

  constructor(target: ReportTarget) {
    this.#target = target;
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'run:start':
        this.#hasStarted = true;
        return;
      case 'play:start':
        this.#suites.set(event.playId, createSuite(event));
        return;
      case 'task:start':
        this.#tasks.set(event.task.taskId, event.task);
        return;
      case 'host:result':
        this.#addCase(event);
        return;
      case 'run:end':
        this.#durationMs = event.durationMs;
        this.#addMissed('start', 'not started', 'The run ended before this host was started', event);
        this.#addMissed('finish', 'not finished', 'The run ended before the last task of this host', event);
        return;
      default:
        return;
    }
  }

  async close(): Promise<void> {
    // A run that never started leaves an older report alone.
    if (!this.#hasStarted) return;
    await writeReport(this.#target, this.#chunks());
  }

  #addCase(event: HostResultEvent): void {
    const suite = this.#suites.get(event.playId);
    const task = this.#tasks.get(event.taskId);
    if (suite === undefined || task === undefined) return;
    const verdict = verdictOf(event, suite.totals);
    suite.totals.tests++;
    suite.totals.durationMs += event.durationMs;
    const attributes = `${caseAttributes(event.host, task.name, event.durationMs)} file="${xmlText(task.source.file)}" line="${task.source.line}"`;
    const body = [
      verdict,
      outputElement('system-out', event.result.stdout),
      outputElement('system-err', event.result.stderr),
    ]
      .filter((element) => element !== '')
      .map((element) => `      ${element}\n`)
      .join('');
    suite.cases.push(
      body === '' ? `    <testcase ${attributes}/>\n` : `    <testcase ${attributes}>\n${body}    </testcase>\n`,
    );
  }

  #addMissed(step: 'start' | 'finish', name: string, text: string, event: RunEndEvent): void {
    const hosts = step === 'start' ? event.notStarted : event.notFinished;
    if (hosts.length === 0) return;
    const count = hosts.length;
    const reason = `${text} (${event.endedBy})`;
    this.#suites.set(name, {
      name,
      startedAtMs: event.atMs,
      totals: { tests: count, failures: 0, errors: count, skipped: 0, durationMs: 0 },
      cases: hosts.map(
        (host) =>
          `    <testcase ${caseAttributes(host, step, 0)}>\n      <error type="${name.replace(' ', '_')}" message="${xmlText(reason)}"/>\n    </testcase>\n`,
      ),
    });
  }

  *#chunks(): Generator<string> {
    const all: Totals = { tests: 0, failures: 0, errors: 0, skipped: 0, durationMs: this.#durationMs };
    for (const { totals } of this.#suites.values()) {
      all.tests += totals.tests;
      all.failures += totals.failures;
      all.errors += totals.errors;
      all.skipped += totals.skipped;
    }
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="fleetmend" ${totalAttributes(all)}>\n`;
    for (const suite of this.#suites.values()) {
      const timestamp = new Date(suite.startedAtMs).toISOString().slice(0, 19);
      yield `  <testsuite name="${xmlText(suite.name)}" timestamp="${timestamp}" ${totalAttributes(suite.totals)}>\n`;
      yield* suite.cases;
      yield '  </testsuite>\n';
    }
    yield '</testsuites>\n';
  }
}

function createSuite(event: PlayStartEvent): Suite {
  const totals = { tests: 0, failures: 0, errors: 0, skipped: 0, durationMs: 0 };
  return { name: event.name, startedAtMs: event.atMs, totals, cases: [] };
}

// The element that says how the case ended, counted; empty for a pass.
function verdictOf(event: HostResultEvent, totals: Totals): string {
  if (event.status === 'ok' || event.status === 'changed') return '';
  if (event.status === 'skipped') {
    totals.skipped++;
    const reason = event.result.skip_reason ?? event.result.msg;
    return typeof reason === 'string' ? `<skipped message="${xmlText(reason)}"/>` : '<skipped/>';
  }
  const reason = failureReason(event);
  if (event.ignored || event.rescued) {
    totals.skipped++;
    return `<skipped message="${xmlText(`${event.ignored ? 'failure ignored' : 'failure rescued'}: ${reason}`)}"/>`;
  }
  const element = event.status === 'failed' ? 'failure' : 'error';
  if (element === 'failure') totals.failures++;
  else totals.errors++;
  const hint = event.failure?.hint === undefined ? '' : `\nhint: ${event.failure.hint}`;
  const place = placeLines(event).map((line) => `\n${line}`);
  const type = xmlText(event.failure?.kind ?? event.status);
  return `<${element} type="${type}" message="${xmlText(reason)}">${xmlText([reason, hint, ...place].join(''))}</${element}>`;
}

function outputElement(name: string, output: unknown): string {
  if (typeof output !== 'string' || output === '') return '';
  const half = MAX_OUTPUT_CHARS / 2;
  const text =
    output.length <= MAX_OUTPUT_CHARS
      ? output
      : `${output.slice(0, half)}\n… ${output.length - MAX_OUTPUT_CHARS} characters left out …\n${output.slice(-half)}`;
  return `<${name}>${xmlText(text)}</${name}>`;
}

function caseAttributes(host: string, name: string, durationMs: number): string {
  return `classname="${xmlText(host)}" name="${xmlText(name)}" time="${seconds(durationMs)}"`;
}

function totalAttributes(totals: Totals): string {
  const { tests, failures, errors, skipped, durationMs } = totals;
  return `tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds(durationMs)}"`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

// XML 1.0 cannot hold most control characters, U+FFFE, U+FFFF or half a surrogate pair, not even escaped.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const NOT_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g;

function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(NOT_XML, '\ufffd')
    .replace(/[&<>"\n\t\r]/g, (char) => ENTITIES[char] ?? char);
}
