/** Reports: sinks that turn a run's events into text for people and for programs. */

export { createExecReport, type ExecReportOptions } from './exec-report.ts';
export { type FoldedGroup, foldResults } from './fold-results.ts';
export { createJsonReport } from './json-report.ts';
export { createJunitReport } from './junit-report.ts';
export { createNdjsonReport } from './ndjson-report.ts';
export { createPrometheusReport } from './prometheus-report.ts';
export { redactingSink } from './redacting-sink.ts';
export { type Replay, replayEvents } from './replay.ts';
export {
  checkReportSpecs,
  createReport,
  parseReportSpec,
  REPORT_FORMATS,
  type ReportFormat,
  type ReportSpec,
} from './report-spec.ts';
export { checkReportTarget, type ReportTarget } from './report-target.ts';
export type { TerminalReportOptions } from './terminal-options.ts';
export { createTerminalReport, type TerminalReport } from './terminal-report.ts';
