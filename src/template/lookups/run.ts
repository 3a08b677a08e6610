/** How `lookup`, `query` and `q` call a lookup plugin. */
import { TemplateError } from '../../errors.ts';
import { didYouMean } from '../../util/did-you-mean.ts';
import { EvaluationFailure, fail } from '../failure.ts';
import type { Runtime } from '../runtime.ts';
import type { Environment } from '../types.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { requireDefined } from '../values/undefined.ts';

/**
 * Runs a lookup.
 *
 * @param as - `list`: all results (`query`); `joined`: the single result itself, several texts joined by commas, as
 *   Ansible's `lookup` does; `wantlist=true` turns it into `list`
 * @throws EvaluationFailure TEMPLATE_ERROR for an unknown or failed lookup, unless `errors='ignore'` (then: None)
 */
export function runLookup(
  runtime: Runtime,
  name: unknown,
  terms: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
  as: 'list' | 'joined',
): unknown {
  const short = lookupName(name);
  const lookup = runtime.environment.lookups.get(short);
  if (lookup === undefined) fail(`Unknown lookup '${short}'`, lookupHint(short, runtime.environment));
  const { wantlist, errors, ...rest } = options;
  for (const term of terms) requireDefined(term);
  const wantsList = as === 'list' || (wantlist !== undefined && truthy(wantlist));
  let results: unknown[];
  try {
    results = lookup(terms, rest, runtime.scope);
  } catch (error) {
    if (errors === 'ignore' || errors === 'warn') return wantsList ? [] : null;
    if (error instanceof EvaluationFailure || error instanceof TemplateError || !(error instanceof Error)) throw error;
    return fail(`The lookup '${short}' failed: ${error.message}`);
  }
  if (wantsList) return results;
  if (results.length === 1) return results[0];
  return results.every((item) => typeof item === 'string') ? results.join(',') : results;
}

/** "did you mean" for a lookup's name. */
export function lookupHint(name: string, environment: Environment): string | undefined {
  return didYouMean(name, environment.lookups.keys());
}

/** The short name of a lookup: `ansible.builtin.env` is `env`. */
export function lookupName(name: unknown): string {
  return toText(name).replace(/^ansible\.(builtin|legacy)\./, '');
}
