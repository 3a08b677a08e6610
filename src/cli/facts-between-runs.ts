/** Where facts are kept between runs, as the settings say. */

import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { FactCache, FactCacheOptions } from '../facts/fact-cache.ts';
import type { Io } from './io.ts';
import type { Settings } from './settings.ts';

const DEFAULT_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * The cache that the settings ask for; undefined: facts are kept for the run only.
 *
 * @param flush - names of hosts whose facts are to be forgotten first
 * @throws UsageError when its folder is not said, FleetmendError STATE_UNWRITABLE
 */
export async function factsBetweenRuns(
  settings: Settings,
  io: Io,
  flush: readonly string[],
  options: Pick<FactCacheOptions, 'onWarning' | 'openVault'>,
): Promise<FactCache | undefined> {
  if (settings.factCaching !== 'jsonfile') return undefined;
  if (settings.factCachingConnection === undefined) {
    throw new UsageError('fact caching as jsonfile needs a folder for its files', {
      hint: 'give it with --fact-caching-connection, or as `fact_caching_connection` in fleetmend.yml or ansible.cfg',
    });
  }
  const { createFactCache } = await import('../facts/fact-cache.ts');
  const cache = createFactCache({
    folder: resolve(io.cwd, settings.factCachingConnection.replace(/^~(?=\/|$)/, io.home)),
    prefix: settings.factCachingPrefix ?? '',
    maxAgeMs: settings.factCachingTimeout ?? DEFAULT_MAX_AGE_MS,
    nowMs: Date.now,
    ...options,
  });
  for (const host of flush) cache.of(host).clear();
  return cache;
}
