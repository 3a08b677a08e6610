/**
 * What one evaluation may cost. Everything is synchronous, so a template that never ends would stop all hosts: whatever
 * can go on for long counts its steps here, and the clock is looked at once in a while.
 */
import { fail } from './failure.ts';

/** Longest time that one evaluation may take, with all variables that it reads. */
export const MAX_EVALUATION_MS = 10_000;

const CLOCK_EVERY = 4_096;

let open = 0;
let steps = 0;
let nextLook = CLOCK_EVERY;
let startedMs: number | undefined;

/** Opens an evaluation; those that it opens itself, by reading variables, share its time. */
export function enterEvaluation(): number {
  if (open === 0) {
    steps = 0;
    nextLook = CLOCK_EVERY;
    startedMs = undefined;
  }
  return ++open;
}

export function leaveEvaluation(): void {
  open--;
}

/** Milliseconds that the open evaluation has left. */
export function remainingMs(): number {
  if (open === 0) return MAX_EVALUATION_MS;
  startedMs ??= performance.now();
  return Math.max(1, MAX_EVALUATION_MS - (performance.now() - startedMs));
}

/**
 * Counts work that was done or is about to be done: items gone over, calls made.
 *
 * @throws EvaluationFailure TEMPLATE_ERROR when the evaluation has taken too long
 */
export function tick(count: number): void {
  steps += count;
  if (steps >= nextLook) lookAtClock();
}

function lookAtClock(): void {
  nextLook = steps + CLOCK_EVERY;
  if (open === 0) return;
  startedMs ??= performance.now();
  if (performance.now() - startedMs > MAX_EVALUATION_MS) {
    fail(`Expected the template to end within ${MAX_EVALUATION_MS / 1000} s`, 'it goes over too many items');
  }
}
