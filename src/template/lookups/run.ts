/** How `lookup`, `query` and `q` call a lookup plugin. */
import { TemplateError } from '../../errors.ts';
import { EvaluationFailure, fail } from '../failure.ts';
import { whyUnknown } from '../refused.ts';
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
  if (lookup === undefined) {
    const { message, hint } = whyNoLookup(short, runtime.environment);
    fail(message, hint);
  }
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
  // As in Ansible, no result at all is an empty list, not an empty text.
  if (wantsList || results.length === 0) return results;
  if (results.length === 1) return results[0];
  return results.every((item) => typeof item === 'string') ? results.join(',') : results;
}

/** Why there is no such lookup; some are there only where files or commands may be used. */
export function whyNoLookup(name: string, environment: Environment): { message: string; hint?: string } {
  return whyUnknown(
    'lookup',
    name,
    [...environment.lookups.keys()].filter((each) => !each.includes('.')),
  );
}

/** The short name of a lookup: `ansible.builtin.env` is `env`. */
export function lookupName(name: unknown): string {
  return toText(name).replace(/^ansible\.(builtin|legacy)\./, '');
}
