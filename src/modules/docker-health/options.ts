/** The module's arguments as it works with them. */

import { deadlineOf, durationOf, given, invalid } from '../docker/arguments.ts';
import { type EngineOptions, engineOptions } from '../docker/engine.ts';

/** Defaults of the arguments of its own; the spec shows the same. */
export const DEFAULTS = { budget: '20s', slow_after: '5s' } as const;

/** What ending a script that does not end by itself takes: TERM, a grace, KILL. */
const ENDING_MS = 2500;

/** Less leaves no time to tell slow from hung. */
const MIN_BUDGET_MS = 5000;

export interface HealthOptions extends EngineOptions {
  /** All probes together never take longer. */
  readonly budgetMs: number;
  /** Deadline of the script, which leaves time to end it. */
  readonly scriptMs: number;
  /** An answer that takes longer is slow. */
  readonly slowAfterMs: number;
  /** Deadline of `ps`, `info` and `version`: an engine that answers later counts as hung. */
  readonly probeMs: number;
  /** Deadline of the inspection of all running containers at once. */
  readonly inspectMs: number;
  /** Deadline of the inspection of one container. */
  readonly inspectOneMs: number;
  /** No further container is inspected after so much of the budget. */
  readonly inspectUntilMs: number;
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: Readonly<Record<string, unknown>>): HealthOptions {
  const budgetMs = deadlineOf(given(args.budget) ?? DEFAULTS.budget, 'budget');
  if (budgetMs < MIN_BUDGET_MS) {
    throw invalid(`expected \`budget\` to be at least 5 seconds, found ${budgetMs / 1000} s`);
  }
  const scriptMs = budgetMs - ENDING_MS;
  return {
    ...engineOptions(args),
    budgetMs,
    scriptMs,
    slowAfterMs: durationOf(given(args.slow_after) ?? DEFAULTS.slow_after, 'slow_after'),
    probeMs: wholeSeconds(scriptMs * 0.6),
    inspectMs: wholeSeconds(scriptMs * 0.2),
    inspectOneMs: wholeSeconds(scriptMs * 0.12),
    inspectUntilMs: scriptMs * 0.75,
  };
}

// Those of `timeout` on the host.
function wholeSeconds(durationMs: number): number {
  return Math.max(1, Math.floor(durationMs / 1000)) * 1000;
}
