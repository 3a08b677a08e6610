/** Ends a run from outside: Ctrl-C, SIGTERM, and the run's own deadline. */

import { FleetmendError } from '../errors.ts';
import { formatDuration } from '../util/duration.ts';
import type { Io } from './io.ts';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Says what a signal does; until it is set, to standard error. */
  notify: (text: string) => void;
  /** Takes the listeners and the timer away. */
  stop(): void;
}

/**
 * Fires once on the first signal or when the deadline passes; a second signal ends the process at once, since the
 * person means it.
 */
export function watchInterrupts(io: Io, deadlineMs: number | undefined): Interrupts {
  const controller = new AbortController();
  const notify = (text: string) => interrupts.notify(text);
  const off = io.onSignal((name) => {
    if (controller.signal.aborted) {
      notify(`fleetmend: ${name} again, leaving at once; remote commands may still run\n`);
      io.exitNow(130);
    }
    notify(`fleetmend: ${name}, stopping the hosts at work (once more to leave at once)\n`);
    controller.abort(new FleetmendError('INTERRUPTED', `interrupted by ${name}`, { exitCode: 130 }));
  });
  const timer =
    deadlineMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(
            new FleetmendError(
              'RUN_DEADLINE',
              `the run took longer than --deadline allows (${formatDuration(deadlineMs)})`,
              { exitCode: 124 },
            ),
          );
        }, deadlineMs);
  const interrupts: Interrupts = {
    signal: controller.signal,
    notify: io.err,
    stop: () => {
      off();
      clearTimeout(timer);
    },
  };
  return interrupts;
}
