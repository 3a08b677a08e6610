/** The time of day that never steps. */

/**
 * Makes a clock that starts with the time of day and goes on with the time that really passed, so that nothing that is
 * measured or timed with it is wrong when the machine's clock is set meanwhile.
 *
 * @returns tells the milliseconds since the epoch, whole ones; never less than before
 */
export function createSteadyClock(): () => number {
  const offsetMs = Date.now() - performance.now();
  return () => Math.round(offsetMs + performance.now());
}
