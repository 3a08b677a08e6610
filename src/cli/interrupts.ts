/** Ends a run from outside: Ctrl-C, SIGTERM, and the run's own deadline. */

import { FleetmendError } from '../errors.ts';
import { formatDuration } from '../util/duration.ts';
import type { Io } from './io.ts';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Says what a signal does; until it is set, to standard error. */
  notify: (text: string) => void;
  /** Does what a signal of this name does; for keys that reach a prompt in place of the process. */
  raise(name: string): void;
  /** Takes the listeners and the timer away. */
  stop(): void;
}

/**
 * Fires once on the first signal or when the deadline passes; a second signal ends the process at once, since the
 * person means it.
 */
export function watchInterrupts(io: Io, deadlineMs: number | undefined): Interrupts {
  const controller = new AbortController();
  const raise = (name: string): void => {
    if (controller.signal.aborted) {
      // Not by way of the live view, which would write it too late.
      io.err(`fleetmend: ${name} again, leaving at once; remote commands may still run\n`);
      io.exitNow(130);
    }
    interrupts.notify(`fleetmend: ${name}, stopping the hosts at work (once more to leave at once)\n`);
    controller.abort(new FleetmendError('INTERRUPTED', `interrupted by ${name}`, { exitCode: 130 }));
  };
  const off = io.onSignal(raise);
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
    raise,
    stop: () => {
      off();
      clearTimeout(timer);
    },
  };
  return interrupts;
}
