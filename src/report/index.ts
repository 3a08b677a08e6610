/** Reports: sinks that turn a run's events into text for people and for programs. */

export { createJsonReport } from './json-report.ts';
export { createNdjsonReport } from './ndjson-report.ts';
export { checkReportTarget, type ReportTarget } from './report-target.ts';
export type { TerminalReportOptions } from './terminal-options.ts';
export { createTerminalReport } from './terminal-report.ts';
