/** The report on the terminal: chooses between the live view and plain lines. */

import type { EventSink } from '../event.ts';
import { createPlainReport } from './plain-report.ts';
import type { TerminalReportOptions } from './terminal-options.ts';

export function createTerminalReport(options: TerminalReportOptions): EventSink {
  return createPlainReport(options);
}
