/** What a report on the terminal is told; the CLI fills it from argv, the environment and the stream. */
export interface TerminalReportOptions {
  /** Takes text as it is to be shown; lines end in `\n`. */
  readonly write: (text: string) => void;
  /** Whether `write` ends on a terminal (and not in a CI log): allows the live view. */
  readonly isTty: boolean;
  /** Columns of the terminal; 80 when it is none. May be a getter: it is read whenever it is needed. */
  readonly columns: number;
  /** Rows of the terminal. @defaultValue 24 */
  readonly rows?: number;
  /** 0 to 4, as `-v` is counted. */
  readonly verbosity: number;
  /** Only failures and totals. */
  readonly quiet: boolean;
  /** Whether to colour: a terminal, and no NO_COLOR. */
  readonly color: boolean;
  readonly checkMode: boolean;
  /** Whether to print the diffs of changes. */
  readonly diff: boolean;
  /** The clock of the events, for how long hosts are waited for. @defaultValue Date.now */
  readonly nowMs?: () => number;
  /** A file with the failed hosts that the caller writes after the run; named in the last line when there are many. */
  readonly retryFile?: string;
}
