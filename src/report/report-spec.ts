/** `--report FORMAT[=PATH]`: what it says, and the sink that it asks for. */

import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { EventSink } from '../event.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { unreachable } from '../util/unreachable.ts';
import { createJsonReport } from './json-report.ts';
import { createJunitReport } from './junit-report.ts';
import { createNdjsonReport } from './ndjson-report.ts';
import { createPrometheusReport } from './prometheus-report.ts';
import type { ReportTarget } from './report-target.ts';

/** Formats of `--report`. */
export const REPORT_FORMATS = ['json', 'ndjson', 'junit', 'prometheus'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportSpec {
  readonly format: ReportFormat;
  /** Undefined: standard output. */
  readonly path?: string;
}

/**
 * Reads one `--report` value: `json`, `json=-` (both: standard output) or `json=FILE`.
 *
 * @throws {@link UsageError} for an unknown format or an empty path
 */
export function parseReportSpec(text: string): ReportSpec {
  const equals = text.indexOf('=');
  const word = equals === -1 ? text : text.slice(0, equals);
  const format = REPORT_FORMATS.find((known) => known === word);
  if (format === undefined) {
    throw new UsageError(`Expected --report ${REPORT_FORMATS.join('|')}, optionally followed by =FILE, got '${text}'`, {
      hint: didYouMean(word, REPORT_FORMATS),
    });
  }
  if (equals === -1) return { format };
  const path = text.slice(equals + 1);
  if (path === '') throw new UsageError(`Expected a file after --report ${format}=, got nothing`);
  return path === '-' ? { format } : { format, path };
}

/**
 * Checks all `--report` values of a run together.
 *
 * @throws {@link UsageError} when two go to standard output, or two to the same file
 */
export function checkReportSpecs(specs: readonly ReportSpec[]): void {
  const onStdout = specs.filter((spec) => spec.path === undefined);
  if (onStdout.length > 1) {
    const formats = onStdout.map((spec) => spec.format).join(' and ');
    throw new UsageError(`Only one report can go to standard output, got ${formats}`, {
      hint: 'give the others a file: --report FORMAT=FILE',
    });
  }
  const seen = new Set<string>();
  for (const { path } of specs) {
    if (path === undefined) continue;
    const file = resolve(path);
    if (seen.has(file)) throw new UsageError(`Two reports would be written to the same file '${path}'`);
    seen.add(file);
  }
}

/** The sink of a report; `write` takes the text of one that goes to standard output. */
export function createReport(spec: ReportSpec, write: (text: string) => void): EventSink {
  const target: ReportTarget = spec.path === undefined ? { write } : { path: spec.path };
  switch (spec.format) {
    case 'json':
      return createJsonReport(target);
    case 'ndjson':
      return createNdjsonReport(target);
    case 'junit':
      return createJunitReport(target);
    case 'prometheus':
      return createPrometheusReport(target);
    default:
      return unreachable(spec.format);
  }
}
