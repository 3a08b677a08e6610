/** The Prometheus report: figures of the last run as a file for node_exporter's textfile collector (docs/reports.md). */

import { basename } from 'node:path';
import type { EventSink, HostStats, RunEndEvent, RunEvent, RunStartEvent } from '../event.ts';
import { type ReportTarget, writeReport } from './report-target.ts';

/** Hosts that get a line of their own; the others are in the counts. */
const MAX_HOST_LINES = 1000;
/** Figures of `set_stats` that are written. */
const MAX_STATS = 200;

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

/** A sink that writes the metrics when it is closed; a run that did not come to its end leaves the last file alone. */
export function createPrometheusReport(target: ReportTarget): EventSink {
  let start: RunStartEvent | undefined;
  let end: RunEndEvent | undefined;
  return {
    onEvent(event: RunEvent): void {
      if (event.type === 'run:start') start = event;
      else if (event.type === 'run:end') end = event;
    },
    async close(): Promise<void> {
      if (start === undefined || end === undefined) return;
      await writeReport(target, [metricsOf(start, end).map(metricText).join('')]);
    },
  };
}

function metricsOf(start: RunStartEvent, end: RunEndEvent): Metric[] {
  const playbook = start.playbooks.map((path) => basename(path)).join(',');
  const one = (value: number): Metric['samples'] => [[{ playbook }, value]];
  const statuses = hostStatuses(end);
  const counts = countsOf(statuses);
  return [
    {
      name: 'run_info',
      help: 'Version and id of the run.',
      samples: [[{ playbook, version: start.version, run: end.runId }, 1]],
    },
    { name: 'run_start_timestamp_seconds', help: 'When the run began.', samples: one(start.atMs / 1000) },
    { name: 'run_end_timestamp_seconds', help: 'When the run ended.', samples: one(end.atMs / 1000) },
    { name: 'run_duration_seconds', help: 'How long the run took.', samples: one(end.durationMs / 1000) },
    { name: 'run_exit_code', help: 'Exit code of the run; 0 is good.', samples: one(end.exitCode) },
    {
      name: 'run_check_mode',
      help: 'Whether nothing was changed because of --check.',
      samples: one(Number(start.checkMode)),
    },
    {
      name: 'hosts',
      help: 'Hosts by how they ended; changed ones count as changed only.',
      samples: Object.entries(counts).map(([status, count]) => [{ playbook, status }, count]),
    },
    {
      name: 'tasks',
      help: 'Results of tasks on hosts, with the meaning of the recap.',
      samples: Object.entries(totalsOf(end)).map(([status, count]) => [{ playbook, status }, count]),
    },
    {
      name: 'host_not_fine',
      help: 'Hosts that did not end well.',
      samples: [...statuses]
        .filter(([, status]) => status !== 'ok' && status !== 'changed')
        .slice(0, MAX_HOST_LINES)
        .map(([host, status]) => [{ playbook, host, status }, 1]),
    },
    {
      name: 'custom_stat',
      help: 'Numbers that the playbook noted with set_stats.',
      samples: numbersOf('', end.customStats?.run).map(([stat, value]) => [{ playbook, stat }, value]),
    },
  ];
}

const NO_HOSTS = { ok: 0, changed: 0, failed: 0, unreachable: 0, not_started: 0, not_finished: 0 };
type HostEnd = keyof typeof NO_HOSTS;

function hostStatuses(end: RunEndEvent): Map<string, HostEnd> {
  const statuses = new Map<string, HostEnd>();
  for (const host of end.notFinished) statuses.set(host, 'not_finished');
  for (const host of end.notStarted) statuses.set(host, 'not_started');
  for (const [host, stats] of Object.entries(end.hosts)) {
    if (stats.unreachable > 0) statuses.set(host, 'unreachable');
    else if (stats.failed > 0) statuses.set(host, 'failed');
    else if (!statuses.has(host)) statuses.set(host, stats.changed > 0 ? 'changed' : 'ok');
  }
  return statuses;
}

function countsOf(statuses: ReadonlyMap<string, HostEnd>): Readonly<Record<HostEnd, number>> {
  const counts = { ...NO_HOSTS };
  for (const status of statuses.values()) counts[status]++;
  return counts;
}

function totalsOf({ hosts }: RunEndEvent): HostStats {
  const totals = { ok: 0, changed: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unreachable: 0 };
  for (const stats of Object.values(hosts)) {
    for (const key of Object.keys(totals) as (keyof HostStats)[]) totals[key] += stats[key];
  }
  return totals;
}

// Numbers and booleans within maps, by their path: `terminating_pods.count`.
function numbersOf(path: string, value: unknown): [string, number][] {
  if (typeof value === 'number' && Number.isFinite(value)) return [[path, value]];
  if (typeof value === 'boolean') return [[path, Number(value)]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .flatMap(([key, inner]) => numbersOf(path === '' ? key : `${path}.${key}`, inner))
    .slice(0, MAX_STATS);
}

function metricText({ name, help, samples }: Metric): string {
  const full = `fleetmend_${name}`;
  const lines = samples.map(([labels, value]) => `${full}{${labelsText(labels)}} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(
      ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',');
}
