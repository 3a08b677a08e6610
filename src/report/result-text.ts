/** What is said of one result: its one line of text and the lines under it. All of it is safe for a terminal. */

import { caretLines } from '../errors.ts';
import type { Change, HostResultEvent, HostStatus, ItemResultEvent, ResultData } from '../event.ts';
import { safeLine, safeText } from './safe-text.ts';
import { unifiedDiff } from './unified-diff.ts';

/** How much is shown; the same for the whole run. */
export interface Detail {
  /** 0 to 4, as `-v` is counted. */
  readonly verbosity: number;
  readonly diff: boolean;
  readonly checkMode: boolean;
}

/** One line under a result; `kind` chooses its colour. */
export interface DetailLine {
  readonly kind: 'plain' | 'added' | 'removed' | 'dim';
  readonly text: string;
}

const MAX_TEXT_CHARS = 300;
const BESIDE_DEBUG: ReadonlySet<string> = new Set(['changed', 'failed', 'msg', 'ansible_loop_var', 'ansible_loop']);
/** Somebody asked for it to be shown. */
const MAX_DEBUG_CHARS = 10_000;
const MAX_CHANGES = 20;
const MAX_OUTPUT_LINES = 40;
/** Of a failed command's output, without -v. */
const FAILED_OUTPUT_LINES = 3;

/** The word for a result: `changed`, `would change` in check mode, `failed (ignored)` … */
export function resultLabel(
  event: { status: HostStatus; ignored?: boolean; rescued?: boolean },
  checkMode: boolean,
): string {
  if (event.status === 'changed' && checkMode) return 'would change';
  if (event.ignored) return `${event.status} (ignored)`;
  if (event.rescued) return `${event.status} (rescued)`;
  return event.status;
}

/** The result in one line: what was done, why it was skipped, why it failed; empty when there is nothing to say. */
export function resultSummary(event: HostResultEvent, module: string, detail: Detail): string {
  if (event.failure !== undefined) return failureReason(event);
  if (event.noLog) return detail.verbosity > 0 ? textOf(event.result.censored) : '';
  const message = textOf(event.result.msg);
  if (event.status === 'skipped') return message || textOf(event.result.skip_reason);
  if (event.status === 'changed') {
    if (message !== '') return message;
    const [only] = event.changes;
    if (event.changes.length === 1 && only !== undefined) return safeLine(only.line, MAX_TEXT_CHARS);
    return event.changes.length > 1 ? `${event.changes.length} changes` : '';
  }
  // The items of a loop have said it.
  if (module === 'debug') return Array.isArray(event.result.results) ? '' : debugText(event.result);
  if (module === 'include_tasks' && typeof event.result.include === 'string')
    return `included: ${event.result.include}`;
  return detail.verbosity > 0 ? message : '';
}

/** The same for one item of a loop. */
export function itemSummary(event: ItemResultEvent, module: string, detail: Detail): string {
  const { status, result } = event;
  if (result.censored !== undefined) return detail.verbosity > 0 ? textOf(result.censored) : '';
  if (status === 'failed') return failureReason(event);
  const message = textOf(result.msg);
  if (status !== 'ok') return message || textOf(result.skip_reason);
  if (module === 'debug') return debugText(result);
  return detail.verbosity > 0 ? message : '';
}

/** Why a result failed: the failure's message, and the last line of stderr when the message does not hold it. */
export function failureReason(event: Pick<HostResultEvent, 'failure' | 'result' | 'status'>): string {
  const message = textOf(event.failure?.message ?? event.result.msg) || event.status;
  const lastLine =
    typeof event.result.stderr === 'string' ? event.result.stderr.trimEnd().split('\n').at(-1) : undefined;
  const stderr = textOf(lastLine);
  return stderr === '' || message.includes(stderr) ? message : `${message}: ${stderr}`;
}

/**
 * A reason with what differs from host to host taken out: their name, addresses, ids, times. Hosts that failed alike rarely say
 * it with the same bytes.
 */
export function generalReason(reason: string, host: string): string {
  return reason
    .replaceAll(host, '<host>')
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?/g, '<address>')
    .replace(/\b[0-9a-f]{12,64}\b/g, '<id>')
    .replace(/\b\d+(?:\.\d+)? ?(ms|s)\b/g, '<time>');
}

/** The lines under a result: changes, diffs, output, the whole result, as far as `detail` asks for them. */
export function resultDetails(event: HostResultEvent, detail: Detail, summary: string): DetailLine[] {
  const isAlarm = event.failure !== undefined && !event.ignored && !event.rescued;
  // No `push(...lines)`: a host's output may have more lines than a call may have arguments.
  return [
    ...(!event.noLog && event.status === 'changed' ? changeLines(event.changes, detail, summary) : []),
    ...(isAlarm ? failureLines(event) : []),
    ...outputOrResult(event, detail, isAlarm, summary),
  ];
}

function outputOrResult(event: HostResultEvent, detail: Detail, isAlarm: boolean, summary: string): DetailLine[] {
  if (detail.verbosity >= 2) return jsonLines(event.result);
  if (event.noLog || (detail.verbosity === 0 && !isAlarm)) return [];
  const maxLines = detail.verbosity === 1 ? MAX_OUTPUT_LINES : FAILED_OUTPUT_LINES;
  // Only a failure's line quotes output; `run: echo fine` merely looks as if it did.
  return outputLines(event.result, maxLines, event.failure === undefined ? '' : summary);
}

/** The lines under an item of a loop. */
export function itemDetails({ status, result }: ItemResultEvent, detail: Detail, summary: string): DetailLine[] {
  if (detail.verbosity >= 2) return jsonLines(result);
  if (status === 'failed')
    return outputLines(result, detail.verbosity === 1 ? MAX_OUTPUT_LINES : FAILED_OUTPUT_LINES, summary);
  return detail.verbosity === 1 ? outputLines(result, MAX_OUTPUT_LINES, '') : [];
}

/** The result as lines of JSON, strings in it unescaped no further than JSON does, control characters made visible. */
export function jsonLines(result: ResultData): DetailLine[] {
  return plain(safeText(JSON.stringify(result, null, 2)).split('\n'));
}

function changeLines(changes: readonly Change[], detail: Detail, summary: string): DetailLine[] {
  const shown = detail.verbosity > 0 ? changes : changes.slice(0, MAX_CHANGES);
  const lines: DetailLine[] = [];
  for (const change of shown) {
    const line = safeLine(change.line, MAX_TEXT_CHARS);
    if (line !== summary) lines.push({ kind: 'plain', text: `- ${line}` });
    if (detail.diff && change.diff !== undefined) for (const each of diffLines(change.diff)) lines.push(each);
  }
  if (changes.length > shown.length) {
    lines.push({ kind: 'dim', text: `… and ${changes.length - shown.length} more (all with -v)` });
  }
  return lines;
}

function diffLines(diff: NonNullable<Change['diff']>): DetailLine[] {
  return unifiedDiff(diff.before, diff.after, diff.path).map((line) => {
    const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'plain';
    return { kind, text: safeText(line) };
  });
}

/** The line of the expression that failed, a caret under its place; before them the place itself, unless the reason says it. */
export function placeLines({ failure }: HostResultEvent): string[] {
  if (failure?.source === undefined || failure.excerpt === undefined) return [];
  const { file, line, column } = failure.source;
  const place = `${file}:${line}:${column}`;
  const lines = caretLines(failure.source, failure.excerpt).map(safeText);
  return failure.message.includes(place) ? lines : [`at ${safeLine(place)}`, ...lines];
}

function failureLines(event: HostResultEvent): DetailLine[] {
  const lines: DetailLine[] = [];
  for (const text of placeLines(event)) lines.push({ kind: 'plain', text });
  const hint = textOf(event.failure?.hint);
  if (hint !== '') lines.push({ kind: 'plain', text: `hint: ${hint}` });
  if (event.failure?.remote === 'still_running') {
    const pids = event.failure.remotePids ?? [];
    const who = pids.length === 0 ? '' : ` (pid ${pids.join(', ')})`;
    lines.push({ kind: 'plain', text: `the remote command is still running${who}: it did not end after KILL` });
  } else if (event.failure?.remote === 'unknown') {
    lines.push({ kind: 'plain', text: 'whether the remote command still runs is not known' });
  }
  return lines;
}

function outputLines(result: ResultData, maxLines: number, summary: string): DetailLine[] {
  const lines: DetailLine[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    const value = result[stream];
    if (typeof value !== 'string' || value.trim() === '') continue;
    const all = safeText(value.trimEnd()).split('\n');
    const [only] = all;
    if (all.length === 1 && only !== undefined && summary.includes(only.trim())) continue;
    const cut = all.length - maxLines;
    lines.push({ kind: 'dim', text: cut > 0 ? `${stream} (last ${maxLines} of ${all.length} lines):` : `${stream}:` });
    for (const line of all.slice(-maxLines)) lines.push({ kind: 'plain', text: `  ${line}` });
  }
  return lines;
}

/** What `debug` says in several lines: a list of words, or a text that has some; empty when one line holds it. */
export function debugLines({ msg }: ResultData): DetailLine[] {
  const lines = typeof msg === 'string' ? msg.trimEnd().split('\n') : isListOfWords(msg) ? msg.map(String) : [];
  return lines.length > 1 ? plain(lines.map((line) => safeLine(line, MAX_DEBUG_CHARS))) : [];
}

function isListOfWords(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.every((each) => ['string', 'number', 'boolean'].includes(typeof each));
}

// `debug msg=` has msg; `debug var=` has the value under the expression's own name.
function debugText(result: ResultData): string {
  if (debugLines(result).length > 0) return '';
  const message = textOf(result.msg, MAX_DEBUG_CHARS);
  if (message !== '') return message;
  const said = Object.entries(result).filter(([key]) => !BESIDE_DEBUG.has(key));
  // `debug var=item` has its value where each item has the one that it is for.
  const own = said.filter(([key]) => key !== result.ansible_loop_var);
  return (own.length > 0 ? own : said)
    .map(([key, value]) => safeLine(`${key}: ${JSON.stringify(value)}`, MAX_DEBUG_CHARS))
    .join(', ');
}

function textOf(value: unknown, maxChars = MAX_TEXT_CHARS): string {
  if (value === undefined || value === null) return '';
  return safeLine(typeof value === 'string' ? value : JSON.stringify(value), maxChars);
}

function plain(texts: readonly string[]): DetailLine[] {
  return texts.map((text) => ({ kind: 'plain', text }));
}
