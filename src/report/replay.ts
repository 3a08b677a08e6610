/** Rebuilds reports from a journal. */

import { FleetmendError } from '../errors.ts';
import type { EventSink, RunEvent } from '../event.ts';

export interface Replay {
  readonly eventCount: number;
  /** Whether the journal holds the run's end; a run that crashed leaves none. */
  readonly isComplete: boolean;
}

/**
 * Sends the events of an NDJSON journal to a sink, in order; the caller closes the sink. Empty lines are passed over, and a
 * last line that was cut by a crash is too.
 *
 * @throws {@link FleetmendError} REPORT_FAILED when a line before the last is no event
 */
export async function replayEvents(lines: Iterable<string> | AsyncIterable<string>, sink: EventSink): Promise<Replay> {
  let eventCount = 0;
  let isComplete = false;
  let lineNumber = 0;
  let badLine: number | undefined;
  for await (const line of lines) {
    lineNumber++;
    if (line.trim() === '') continue;
    if (badLine !== undefined) throw badJournal(badLine);
    const event = parseEvent(line);
    if (event === undefined) {
      badLine = lineNumber;
      continue;
    }
    sink.onEvent(event);
    eventCount++;
    if (event.type === 'run:end') isComplete = true;
  }
  return { eventCount, isComplete };
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEvent = typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
    return isEvent ? (value as RunEvent) : undefined;
  } catch {
    return undefined;
  }
}

function badJournal(lineNumber: number): FleetmendError {
  return new FleetmendError('REPORT_FAILED', `Line ${lineNumber} of the journal is no event in JSON`, {
    hint: 'give a file that was written by --report ndjson=FILE',
  });
}
