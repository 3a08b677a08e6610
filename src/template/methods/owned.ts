/** Which values a template may change in place. */
import { fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';

/**
 * Refuses to change a value that this evaluation did not make: variables belong to the run, and hosts share them.
 */
export function checkOwned(runtime: Runtime, value: object, method: string, instead: string): void {
  if (runtime.owned?.has(value) !== true) {
    fail(`Cannot '${method}' in place: only what the template itself wrote as a literal may be changed`, instead);
  }
}
