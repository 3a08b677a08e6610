/** Where the events of a session go: the report for people, and those that `--report` asks for. */
import type { EventSink, RunEvent } from '../../event.ts';
import { redactingSink } from '../../report/index.ts';
import type { Redactor } from '../../util/redact.ts';
import type { OpenReports } from '../reports.ts';
import type { MainReport, SessionOptions } from './options.ts';

export interface SessionOutput {
  /** Passes an event on to all reports, without the secrets known by then. */
  readonly emit: (event: RunEvent) => void;
  /** Does something at the terminal while the report for people holds still. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  readonly sinks: readonly EventSink[];
}

/** Opens the report for people beside those that are open already. */
export function openOutput(
  session: SessionOptions,
  reports: OpenReports,
  redactor: Redactor,
  nowMs: () => number,
): SessionOutput {
  const main = openMainReport(session, reports, nowMs);
  const sinks = [main, ...reports.sinks].map((sink) => redactingSink(sink, redactor));
  return {
    sinks,
    emit: (event) => {
      for (const sink of sinks) sink.onEvent(event);
    },
    aside: async (work) => {
      await main.pause?.();
      try {
        return await work();
      } finally {
        main.resume?.();
      }
    },
  };
}

// It goes to standard error when a report for programs has standard output.
function openMainReport(
  { flags, io, mainReport }: SessionOptions,
  { stdoutTaken }: OpenReports,
  nowMs: () => number,
): MainReport {
  const isTty = stdoutTaken ? io.errIsTty : io.outIsTty;
  return mainReport({
    nowMs,
    write: stdoutTaken ? io.err : io.out,
    writeStatus: io.err,
    isTty: isTty && io.env.CI === undefined && io.env.TERM !== 'dumb',
    get columns() {
      return io.columns;
    },
    get rows() {
      return io.rows;
    },
    color: isTty && !io.env.NO_COLOR,
    verbosity: Math.min(4, flags.verbose ?? 0),
    quiet: flags.quiet === true,
    checkMode: flags.check === true,
    diff: flags.diff === true,
    retryFile: flags.retryFile,
  });
}
