/** Reads a host's engine: all containers by state, and more of those that may be selected. */

import type { ModuleContext } from '../contract.ts';
import { type Container, type ContainerState, countStates } from '../docker/container.ts';
import { inspectContainers, type UnreadContainer } from '../docker/inspect.ts';
import { type Listing, listContainers } from '../docker/list.ts';
import type { PruneOptions } from './options.ts';

export interface Reading extends Listing {
  /** The candidates, as `inspect` tells them. */
  readonly containers: readonly Container[];
  readonly unread: readonly UnreadContainer[];
  /** Containers by state, with what `inspect` says where it was asked: a dead one that `ps` calls removing is dead. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Lists all containers once, then inspects those whose listed state is a candidate's.
 *
 * @throws {@link ModuleError} as {@link listContainers}; TransportError when interrupted
 */
export async function readContainers(
  context: ModuleContext,
  options: PruneOptions,
  isCandidate: (state: ContainerState) => boolean,
): Promise<Reading> {
  const listing = await listContainers(context, options);
  const ids = listing.listed.filter(({ state }) => isCandidate(state)).map(({ id }) => id);
  const { containers, unread } = await inspectContainers(context, options, listing.engine, ids);
  const states = new Map(listing.listed.map(({ id, state }) => [id, state]));
  for (const { id, state } of containers) states.set(id, state);
  return { ...listing, containers, unread, counts: countStates(states.values()) };
}
