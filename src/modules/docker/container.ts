/**
 * What is known of a container, and how the two engines' words for its state become one set of words.
 *
 * state: one of {@link ContainerState}. candidate: a container whose state may be selected, so it is inspected.
 */

import type { EngineKind } from './engine.ts';

/** Docker's states; podman's are mapped onto them. */
export type ContainerState =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'stopping'
  | 'exited'
  | 'removing'
  | 'dead'
  | 'unknown';

/** A line of `ps`: full ID and state, nothing else (asking for all fields makes the daemon compute sizes). */
export interface ListedContainer {
  readonly id: string;
  readonly state: ContainerState;
}

/** A container as `inspect` tells it. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Without Docker's leading slash. */
  readonly name: string;
  /** As it was asked for: `rancher/agent:v1.2`. */
  readonly image: string;
  readonly imageId: string;
  readonly state: ContainerState;
  /** ISO 8601; undefined for a container that never ran. */
  readonly finishedAt?: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Twelve digits of an ID, as the engines print it. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/**
 * The state in a `ps` line: Docker's `{{.Status}}` ("Up 2 hours (Paused)", "Removal In Progress"; engines before 20.10
 * have no `{{.State}}`), or podman's bare word.
 */
export function stateOfStatus(status: string, engine: EngineKind): ContainerState {
  const text = status.toLowerCase();
  if (text.startsWith('up')) return text.includes('(paused)') ? 'paused' : 'running';
  if (text.startsWith('removal in progress')) return 'removing';
  return stateOfWord(text.split(/[\s(]/, 1)[0] ?? '', engine);
}

/**
 * The state from the one-word status of `inspect`. Podman has no `dead`: a container whose removal was cut stays
 * `removing` until `rm` is called again, since no daemon is there to go on with it, so that is podman's dead one.
 */
export function stateOfWord(word: string, engine: EngineKind): ContainerState {
  const state = STATE_WORDS[word.toLowerCase()] ?? 'unknown';
  return engine === 'podman' && state === 'removing' ? 'dead' : state;
}

const STATE_WORDS: Readonly<Record<string, ContainerState>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  stopping: 'stopping',
  exited: 'exited',
  stopped: 'exited',
  removing: 'removing',
  dead: 'dead',
};

/** How many containers are in each state; states without one are left out. */
export function countStates(states: Iterable<ContainerState>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
