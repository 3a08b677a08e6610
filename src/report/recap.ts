/** The end of a terminal report: recap, failures grouped by reason, totals, and what to rerun. */

import type { HostResultEvent, HostStats, RunEndEvent } from '../event.ts';
import { formatDuration } from '../util/duration.ts';
import { foldHosts } from '../util/fold.ts';
import { failureReason, generalReason, placeLines } from './result-text.ts';
import { safeLine } from './safe-text.ts';
import type { Paint, Style } from './theme.ts';

export interface RecapOptions {
  readonly paint: Paint;
  readonly checkMode: boolean;
  /** Leaves out the table of hosts. */
  readonly quiet: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  /** A file that the caller writes with the failed hosts, a line each; named when they are too many to paste. */
  readonly retryFile?: string;
}

/** More failed hosts than this are not offered as text to paste. */
const MAX_LIMIT_HOSTS = 20;
/** Host sets up to this length share the table's first column. */
const MAX_NAME_CHARS = 40;
/** In the order of Ansible's recap. */
const COUNT_NAMES = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const;

interface FailureGroup {
  readonly task: string;
  readonly label: string;
  readonly style: Style;
  /** The exact reason while all hosts give the same, else with what differs taken out. */
  reason: string;
  readonly general: string;
  readonly hint?: string;
  /** The line of the expression that failed. */
  readonly place: readonly string[];
  readonly hosts: Set<string>;
}

/** Gathers the failures of a run that were neither ignored nor rescued. */
export class FailureSummary {
  readonly #groups = new Map<string, FailureGroup>();

  add(event: HostResultEvent, taskName: string): void {
    if (event.failure === undefined || event.ignored || event.rescued) return;
    const reason = failureReason(event);
    const general = generalReason(reason, event.host);
    const key = `${taskName}\0${event.failure.kind}\0${general}`;
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.hosts.add(event.host);
      if (group.reason !== reason) group.reason = group.general;
      return;
    }
    this.#groups.set(key, {
      task: taskName,
      label: event.failure.kind.replaceAll('_', ' '),
      style: event.status,
      reason,
      general,
      hint: event.failure.hint,
      place: placeLines(event),
      hosts: new Set([event.host]),
    });
  }

  /** Largest group last, so that it stands nearest to the prompt. */
  lines({ paint, quiet }: Pick<RecapOptions, 'paint' | 'quiet'>): string[] {
    const groups = [...this.#groups.values()].sort((a, b) => a.hosts.size - b.hosts.size);
    return groups.flatMap((group) => {
      const count = group.hosts.size === 1 ? '' : ` (${group.hosts.size} hosts)`;
      const head = `${safeLine(foldHosts(group.hosts))}${count}: ${group.reason}`;
      const lines = [
        paint(group.style, `  ${head}`),
        paint('dim', `      ${group.label} in task '${safeLine(group.task)}'`),
      ];
      // Else they stand under the task.
      if (quiet) lines.push(...group.place.map((line) => `      ${line}`));
      if (group.hint !== undefined) lines.push(`      hint: ${safeLine(group.hint)}`);
      return lines;
    });
  }
}

/** All lines of the recap; see {@link RecapOptions}. With `quiet` there are none after a run that went well: cron mails what is printed. */
export function recapLines(end: RunEndEvent, failures: FailureSummary, options: RecapOptions): string[] {
  const { paint } = options;
  if (options.quiet && end.exitCode === 0) return [];
  const lines: string[] = [];
  if (!options.quiet)
    lines.push('', paint('heading', heading('PLAY RECAP', options.columns)), ...tableLines(end, paint));
  if (!options.quiet) lines.push(...customStatsLines(end, options));
  const failureLines = failures.lines(options);
  if (failureLines.length > 0) lines.push('', paint('failed', 'FAILURES'), ...failureLines);
  if (!options.quiet || failureLines.length > 0) lines.push('');
  lines.push(totalsLine(end, options));
  lines.push(...rerunLines(end, options));
  return lines;
}

// What `set_stats` noted, as Ansible shows it.
function customStatsLines({ customStats }: RunEndEvent, { paint, columns }: RecapOptions): string[] {
  if (customStats === undefined) return [];
  const line = (owner: string, values: unknown) => `  ${safeLine(`${owner}: ${JSON.stringify(values)}`)}`;
  return [
    '',
    paint('heading', heading('CUSTOM STATS', columns)),
    ...Object.entries(customStats.hosts).map(([host, values]) => line(host, values)),
    ...(Object.keys(customStats.run).length === 0 ? [] : [line('RUN', customStats.run)]),
  ];
}

/** A heading filled with stars, as Ansible's are. */
export function heading(text: string, columns: number): string {
  const width = Math.min(columns, 79);
  return `${text} ${'*'.repeat(Math.max(3, width - text.length - 1))}`;
}

// Rows with the same counts are one row; what went wrong stands last.
function tableLines(end: RunEndEvent, paint: Paint): string[] {
  const rows = new Map<string, { stats: HostStats; hosts: string[] }>();
  for (const [host, stats] of Object.entries(end.hosts)) {
    const key = COUNT_NAMES.map((name) => stats[name]).join();
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { stats, hosts: [host] });
    else row.hosts.push(host);
  }
  const all = [...rows.values()].sort((a, b) => severity(a.stats) - severity(b.stats));
  const cells = all.map(({ stats, hosts }) => ({ stats, name: safeLine(foldHosts(hosts)), size: hosts.length }));
  const width = Math.max(...cells.map((cell) => cell.name.length).filter((length) => length <= MAX_NAME_CHARS), 0);
  const digits = COUNT_NAMES.map((name) => Math.max(...all.map(({ stats }) => String(stats[name]).length)));
  return cells.flatMap(({ stats, name, size }) => {
    const counts = COUNT_NAMES.map((key, i) => `${key}=${String(stats[key]).padEnd(digits[i] ?? 1)}`).join(' ');
    const row = `: ${counts}${size === 1 ? '' : `  (${size} hosts)`}`.trimEnd();
    const host = paint(rowStyle(stats), name.padEnd(width));
    // A set too long for the table has its counts on a line of their own.
    return name.length > width ? [host, `${' '.repeat(width)} ${row}`] : [`${host} ${row}`];
  });
}

function severity(stats: HostStats): number {
  if (stats.unreachable > 0) return 2;
  return stats.failed > 0 ? 3 : stats.changed > 0 ? 1 : 0;
}

function rowStyle(stats: HostStats): Style {
  if (stats.failed > 0) return 'failed';
  if (stats.unreachable > 0) return 'unreachable';
  return stats.changed > 0 ? 'changed' : 'ok';
}

/** One line: how many hosts, how they fared, how long it took, and why it ended early. */
export function totalsLine(end: RunEndEvent, options: Pick<RecapOptions, 'paint' | 'checkMode'>): string {
  const { paint } = options;
  const unfinished = new Set(end.notFinished);
  const all = Object.values(end.hosts);
  const failed = all.filter((stats) => stats.failed > 0).length;
  const unreachable = all.filter((stats) => stats.failed === 0 && stats.unreachable > 0).length;
  const changed = Object.entries(end.hosts).filter(
    ([host, stats]) => stats.changed > 0 && stats.failed === 0 && stats.unreachable === 0 && !unfinished.has(host),
  ).length;
  const changedNote = changed === 0 ? '' : ` (${changed} ${options.checkMode ? 'would change' : 'changed'})`;
  const parts = [
    `${all.length - failed - unreachable - unfinished.size} ok${changedNote}`,
    failed > 0 ? paint('failed', `${failed} failed`) : '',
    unreachable > 0 ? paint('unreachable', `${unreachable} unreachable`) : '',
    unfinished.size > 0 ? paint('failed', `${unfinished.size} not finished`) : '',
    end.notStarted.length > 0 ? paint('failed', `${end.notStarted.length} not started`) : '',
  ].filter((part) => part !== '');
  const total = all.length + end.notStarted.length;
  const why = { completed: '', interrupted: ' (interrupted)', deadline: ' (deadline passed)', aborted: ' (aborted)' };
  const mode = options.checkMode ? 'check mode, nothing was changed: ' : '';
  const hosts = total === 1 ? '1 host' : `${total} hosts`;
  return `${mode}${hosts}: ${parts.join(', ')} in ${formatDuration(end.durationMs)}${why[end.endedBy]}`;
}

/** What to give to `--limit` to try the rest again; empty when every host is done. */
export function rerunLines(end: RunEndEvent, options: Pick<RecapOptions, 'retryFile'>): string[] {
  const failed = Object.entries(end.hosts).filter(([, stats]) => stats.failed > 0 || stats.unreachable > 0);
  const hosts = [...failed.map(([host]) => host), ...end.notFinished, ...end.notStarted];
  if (hosts.length === 0) return [];
  if (hosts.length <= MAX_LIMIT_HOSTS) return [`rerun only these: --limit ${safeLine(limitWord(hosts))}`];
  if (options.retryFile !== undefined) return [`rerun only these: --limit @${options.retryFile}`];
  return [
    `not done on: ${safeLine(foldHosts(hosts))} (${hosts.length} hosts)`,
    'to rerun only these, have them written with --retry-file FILE and pass --limit @FILE',
  ];
}

// Patterns know no ranges, so names are listed. Quoted for the shell only when a name needs it.
function limitWord(hosts: readonly string[]): string {
  const text = hosts.join(',');
  return /^[\w.,:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
