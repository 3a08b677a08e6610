/** Which environments or clusters are asked, and how many at once. */
import pLimit from 'p-limit';
import { didYouMean } from '../../util/did-you-mean.ts';
import type { Listing } from './cli.ts';
import type { RancherOptions } from './options.ts';

/** Calls of the CLI at once: each is a process and several requests to one server. */
const CALLS_AT_ONCE = 4;

/**
 * The scopes that the options name, by name or id; all without names. Several of one name are all meant.
 *
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED for a name that is not there
 */
export function selectScopes<T extends { readonly id: string; readonly name: string }>(
  scopes: readonly T[],
  options: RancherOptions,
  kind: 'environments' | 'clusters',
  listing: Listing,
): readonly T[] {
  const { scopes: wanted, scopesKey } = options;
  if (wanted === undefined) return scopes;
  if (scopesKey !== kind) throw listing.fail(`has ${kind}`, `the inventory file names '${scopesKey}': write '${kind}'`);
  for (const name of wanted) {
    if (scopes.some((scope) => scope.id === name || scope.name === name)) continue;
    const known = scopes.map((scope) => scope.name);
    const hint = didYouMean(name, known) ?? `there are ${known.slice(0, 10).join(', ')}`;
    throw listing.fail(`has no '${name}' among its ${kind}`, hint);
  }
  return scopes.filter((scope) => wanted.includes(scope.id) || wanted.includes(scope.name));
}

/** What the calls of one reading share. */
export interface RancherRun {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Ends every call that is under way. */
  abort(): void;
  readonly warn: (message: string) => void;
}

/**
 * Runs `work` on all items, some at once, and gives the results in order. The first failure ends the others, waits for
 * their end and is thrown.
 */
export async function inOrder<T, R>(items: readonly T[], run: RancherRun, work: (item: T) => Promise<R>): Promise<R[]> {
  const limit = pLimit(CALLS_AT_ONCE);
  let firstError: unknown;
  const settled = await Promise.allSettled(
    items.map((item) =>
      limit(async () => {
        if (firstError !== undefined) throw firstError;
        try {
          return await work(item);
        } catch (error) {
          firstError ??= error;
          run.abort();
          throw error;
        }
      }),
    ),
  );
  return settled.map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    throw firstError;
  });
}
