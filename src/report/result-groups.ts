/** Groups the results of one task that say the same, so that forty equal hosts are one line. */

import type { HostResultEvent, ItemResultEvent } from '../event.ts';
import { formatDuration } from '../util/duration.ts';
import { foldHosts } from '../util/fold.ts';
import {
  type Detail,
  type DetailLine,
  debugLines,
  itemDetails,
  itemSummary,
  resultDetails,
  resultLabel,
  resultSummary,
} from './result-text.ts';
import { safeLine } from './safe-text.ts';
import { createPaint, type Paint, type Style, styleOf } from './theme.ts';

/** Without -v, a folded host set is cut to this. */
const MAX_HOSTS_CHARS = 100;

/** Hosts with the same label, summary and details. */
export interface ResultGroup {
  readonly style: Style;
  readonly label: string;
  readonly summary: string;
  readonly details: readonly DetailLine[];
  readonly hosts: string[];
  minMs: number;
  maxMs: number;
}

/** The groups of one task, in order of their first result. */
export class ResultGroups {
  readonly #groups = new Map<string, ResultGroup>();
  readonly #detail: Detail;

  constructor(detail: Detail) {
    this.#detail = detail;
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  addResult(event: HostResultEvent, module: string): void {
    this.#add(event.host, event.durationMs, groupOf(event, module, this.#detail));
  }

  addItem(event: ItemResultEvent, module: string): void {
    const label = `${resultLabel(event, this.#detail.checkMode)} (item=${safeLine(event.label, 80)})`;
    const summary = itemSummary(event, module, this.#detail);
    const details = saidLines(event, module, this.#detail) ?? itemDetails(event, this.#detail, summary);
    this.#add(event.host, 0, { style: styleOf(event), label, summary, details });
  }

  /** All groups, and forgets them. */
  take(): ResultGroup[] {
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    return groups;
  }

  #add(host: string, durationMs: number, head: Omit<ResultGroup, 'hosts' | 'minMs' | 'maxMs'>): void {
    const key = [head.label, head.summary, ...head.details.map((line) => line.text)].join('\n');
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { ...head, hosts: [host], minMs: durationMs, maxMs: durationMs });
      return;
    }
    group.hosts.push(host);
    group.minMs = Math.min(group.minMs, durationMs);
    group.maxMs = Math.max(group.maxMs, durationMs);
  }
}

/** A result as a group of one host, for failures that are shown at once. */
export function singleGroup(event: HostResultEvent, module: string, detail: Detail): ResultGroup {
  const { host, durationMs } = event;
  return { ...groupOf(event, module, detail), hosts: [host], minMs: durationMs, maxMs: durationMs };
}

/** The lines of a group: `changed: web[01-40] => removed 3 containers`, then its details indented. */
export function groupLines(group: ResultGroup, detail: Detail, paint: Paint = createPaint(false)): string[] {
  const summary = group.summary === '' ? '' : ` => ${group.summary}`;
  const times = detail.verbosity >= 3 ? paint('dim', `  (${timeRange(group)})`) : '';
  const head = `${paint(group.style, `${group.label}: ${hostsText(group.hosts, detail)}${summary}`)}${times}`;
  return [
    head,
    ...group.details.map((line) => `    ${line.kind === 'plain' ? line.text : paint(line.kind, line.text)}`),
  ];
}

function groupOf(
  event: HostResultEvent,
  module: string,
  detail: Detail,
): Omit<ResultGroup, 'hosts' | 'minMs' | 'maxMs'> {
  const delegated = event.delegatedTo === undefined ? '' : ` (on ${safeLine(event.delegatedTo)})`;
  const summary = resultSummary(event, module, detail);
  return {
    style: styleOf(event),
    label: `${resultLabel(event, detail.checkMode)}${delegated}`,
    summary,
    details: saidLines(event, module, detail) ?? resultDetails(event, detail, summary),
  };
}

// What `debug` says takes the place of a result's details; with -vv the whole result says it too.
function saidLines(event: HostResultEvent | ItemResultEvent, module: string, { verbosity }: Detail) {
  return module === 'debug' && event.status === 'ok' && verbosity < 2 ? debugLines(event.result) : undefined;
}

// A set that does not fold well is cut: the recap and the JSON report have all of it.
function hostsText(hosts: readonly string[], detail: Detail): string {
  const folded = safeLine(foldHosts(hosts), detail.verbosity > 0 ? undefined : MAX_HOSTS_CHARS);
  return hosts.length === 1 ? folded : `${folded} (${hosts.length} hosts)`;
}

function timeRange(group: ResultGroup): string {
  const [min, max] = [formatDuration(group.minMs), formatDuration(group.maxMs)];
  return min === max ? min : `${min} to ${max}`;
}
