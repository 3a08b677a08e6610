/** The result of a restart, from what was planned, what the worker did and what runs afterwards; pure. */

import { ModuleError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import type { Outcome } from '../contract.ts';
import type { RestartOptions } from './options.ts';
import { comesBack, plannedResult } from './plan.ts';
import type { DaemonState } from './probe.ts';
import { type RunningContainer, reasonNotBack } from './running-set.ts';
import type { WorkerReport } from './worker.ts';

/** What runs after the daemon is back. */
export interface Afterwards {
  readonly runningIds: readonly string[];
  /** IDs of containers that were started on request. */
  readonly started: ReadonlySet<string>;
  /** Why one could not be started, by ID. */
  readonly startErrors: ReadonlyMap<string, string>;
  readonly pid?: number;
}

/**
 * The outcome where all steps were done.
 *
 * @param after - undefined: the daemon was to be stopped
 */
export function outcomeOf(
  options: RestartOptions,
  before: DaemonState,
  report: WorkerReport,
  after: Afterwards | undefined,
): Outcome {
  const { would_stop: _would, would_not_come_back: _not, ...frame } = plannedResult(options, before);
  const common = { ...frame, ...durations(report), killed: report.killed };
  if (after === undefined) {
    const msg = `stopped in ${formatDuration(report.stopMs ?? 0)}`;
    return { result: { ...common, msg } };
  }
  const running = new Set(after.runningIds);
  const known = before.running ?? [];
  const missing = known.filter(({ id }) => !running.has(id));
  const broken = missing.filter((each) => options.startStopped || comesBack(each, before));
  const result = {
    ...common,
    pid_after: after.pid ?? null,
    running_after: after.runningIds.length,
    back: known.filter(({ id }) => running.has(id)).map(({ name }) => name),
    not_back: missing.map((each) => ({ id: each.id, name: each.name, reason: reasonOf(each, before, after) })),
    started: known.filter(({ id }) => after.started.has(id)).map(({ name }) => name),
    msg: messageOf(report, known, missing, broken),
  };
  return { failed: broken.length > 0, result, warnings: warningsOf(before, report, missing, broken) };
}

/**
 * The error of a step that failed.
 *
 * @throws {@link ModuleError} always; its message says in which state the host is left
 */
export function failStep(options: RestartOptions, before: DaemonState, report: WorkerReport): never {
  const { step, text, output } = report.failure ?? { step: 'stop', text: '', output: '' };
  const said = text === '' ? '' : `: ${text}`;
  const result = { ...plannedResult(options, before), ...durations(report), killed: report.killed, step, output };
  const changed = { changed: step !== 'stop' };
  switch (step) {
    case 'stop':
      throw new ModuleError(`the daemon could not be stopped${said}; it runs as before`, { ...result, ...changed });
    case 'stopping':
      throw new ModuleError(
        `the daemon did not end within ${formatDuration(options.stopTimeoutMs)}${said}; it was told to stop, was not killed, and was not started again`,
        { ...result, ...changed },
        { hint: 'wait for it and start it with `state: started`, or have its process killed with `kill_after`' },
      );
    case 'start':
      throw new ModuleError(`the daemon is stopped and could not be started${said}`, { ...result, ...changed });
    case 'ready':
      throw new ModuleError(
        `the daemon was started, but did not answer \`ps\` within ${formatDuration(options.startTimeoutMs)}${said}`,
        { ...result, ...changed },
        { hint: 'with thousands of containers it may need longer: do not stop it now, raise start_timeout' },
      );
  }
}

function durations({ stopMs, startMs }: WorkerReport): Readonly<Record<string, number | null>> {
  return { stop_ms: stopMs ?? null, start_ms: startMs ?? null };
}

function reasonOf(container: RunningContainer, before: DaemonState, after: Afterwards): string {
  const error = after.startErrors.get(container.id);
  if (error !== undefined) return `it could not be started: ${error}`;
  const expected = reasonNotBack(container);
  if (before.liveRestore === true) return 'it ended although live-restore is on';
  return expected ?? `it does not run although its restart policy is ${container.restartPolicy}`;
}

function messageOf(
  report: WorkerReport,
  known: readonly RunningContainer[],
  missing: readonly RunningContainer[],
  broken: readonly RunningContainer[],
): string {
  const parts = [
    ...(report.stopMs === undefined ? [] : [`stopped in ${formatDuration(report.stopMs)}`]),
    `answered ${formatDuration(report.startMs ?? 0)} after its start`,
  ];
  const back = known.length === 0 ? '' : `; ${known.length - missing.length} of ${known.length} containers run again`;
  const [first] = broken;
  const lost = first === undefined ? '' : `; not back, though expected: ${broken.map(({ name }) => name).join(', ')}`;
  return `${parts.join(', ')}${back}${lost}`;
}

function warningsOf(
  before: DaemonState,
  report: WorkerReport,
  missing: readonly RunningContainer[],
  broken: readonly RunningContainer[],
): string[] {
  const expected = missing.filter((each) => !broken.includes(each));
  return [
    ...(report.killed ? ['the daemon did not end by itself and was killed'] : []),
    ...(report.startedTwice ? ['the daemon came up only at the second try'] : []),
    ...(before.running === undefined ? ['which containers ran before is not known'] : []),
    ...(expected.length === 0
      ? []
      : [`not running any more: ${expected.map((each) => `${each.name} (${reasonNotBack(each)})`).join(', ')}`]),
  ];
}
