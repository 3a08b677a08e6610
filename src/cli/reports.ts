/** Opens the reports that `--report` asks for. */

import type { EventSink } from '../event.ts';
import { checkReportSpecs, checkReportTarget, createReport, parseReportSpec } from '../report/index.ts';
import type { Io } from './io.ts';

export interface OpenReports {
  readonly sinks: readonly EventSink[];
  /** A report goes to stdout, so that nothing else may. */
  readonly stdoutTaken: boolean;
}

/** @throws UsageError, REPORT_FAILED when a target cannot be written */
export function openReports(specs: readonly string[], io: Io): OpenReports {
  const parsed = specs.map(parseReportSpec);
  checkReportSpecs(parsed);
  for (const { path } of parsed) if (path !== undefined) checkReportTarget(path);
  return {
    sinks: parsed.map((spec) => createReport(spec, io.out)),
    stdoutTaken: parsed.some((spec) => spec.path === undefined),
  };
}
