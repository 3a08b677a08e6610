/** The module's arguments as it works with them: defaults filled, durations in milliseconds, rules compiled. */

import { didYouMean } from '../../util/did-you-mean.ts';
import { countOf, deadlineOf, durationOf, given, invalid, listOf } from '../docker/arguments.ts';
import { type EngineOptions, engineOptions } from '../docker/engine.ts';
import { imageRules, labelRules, nameRules, type Rule } from '../docker/patterns.ts';
import { protectRules } from '../docker/protect.ts';

/** States that `rm` without force may remove, and that a user may therefore select. */
export const PRUNABLE_STATES = ['dead', 'exited', 'created'] as const;

export type PrunableState = (typeof PRUNABLE_STATES)[number];

/** Defaults of all arguments; the spec shows the same. */
export const DEFAULTS = {
  status: ['dead'],
  batch: 100,
  pause: 0,
  timeout: '60s',
  list_timeout: '20s',
  retries: 3,
  retry_delay: '5s',
  engine: 'auto',
} as const;

/** The arguments as validated against the spec's schema. */
export type PruneArgs = Readonly<Record<string, unknown>>;

export interface PruneOptions extends EngineOptions {
  readonly statuses: ReadonlySet<PrunableState>;
  /** A container must match one of each list that is not empty, and all labels. */
  readonly names: readonly Rule[];
  readonly images: readonly Rule[];
  readonly labels: readonly Rule[];
  readonly olderThanMs?: number;
  /** As the user wrote it, for the reason. */
  readonly olderThanText?: string;
  /** A container that matches any of these is kept. */
  readonly protect: readonly Rule[];
  readonly maxItems?: number;
  /** How many are taken at most; the rest is left for later. */
  readonly limit?: number;
  readonly batchSize: number;
  readonly pauseMs: number;
  readonly removeTimeoutMs: number;
  readonly listTimeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: PruneArgs): PruneOptions {
  const olderThan = given(args.older_than);
  return {
    statuses: statusesOf(listOf(given(args.status) ?? DEFAULTS.status, 'status')),
    names: nameRules(listOf(args.names, 'names'), 'names'),
    images: imageRules(listOf(args.images, 'images'), 'images'),
    labels: labelRules(listOf(args.labels, 'labels')),
    olderThanMs: olderThan === undefined ? undefined : durationOf(olderThan, 'older_than'),
    olderThanText: olderThan === undefined ? undefined : durationText(olderThan),
    protect: protectRules(args.protect),
    maxItems: given(args.max_items) === undefined ? undefined : countOf(args.max_items, 'max_items', 0),
    limit: given(args.limit) === undefined ? undefined : countOf(args.limit, 'limit', 1),
    batchSize: countOf(given(args.batch) ?? DEFAULTS.batch, 'batch', 1),
    pauseMs: durationOf(given(args.pause) ?? DEFAULTS.pause, 'pause'),
    removeTimeoutMs: deadlineOf(given(args.timeout) ?? DEFAULTS.timeout, 'timeout'),
    listTimeoutMs: deadlineOf(given(args.list_timeout) ?? DEFAULTS.list_timeout, 'list_timeout'),
    retries: countOf(given(args.retries) ?? DEFAULTS.retries, 'retries', 0),
    retryDelayMs: durationOf(given(args.retry_delay) ?? DEFAULTS.retry_delay, 'retry_delay'),
    ...engineOptions(args),
  };
}

function statusesOf(words: readonly string[]): ReadonlySet<PrunableState> {
  const statuses = new Set<PrunableState>();
  for (const word of words) {
    const status = PRUNABLE_STATES.find((state) => state === word);
    if (status === undefined) throw invalid(statusMessage(word));
    statuses.add(status);
  }
  if (statuses.size === 0)
    throw invalid(`expected \`status\` to name at least one of ${PRUNABLE_STATES.join(', ')}, found none`);
  return statuses;
}

function statusMessage(word: string): string {
  const known = PRUNABLE_STATES.join(', ');
  if (['running', 'paused', 'restarting', 'up'].includes(word)) {
    return `expected \`status\` to be any of ${known}, found '${word}': docker_prune never stops or removes a container that is ${word}`;
  }
  if (word === 'removing') {
    return `expected \`status\` to be any of ${known}, found 'removing': a removal in progress is left alone, and a container whose removal failed is 'dead' here, whatever \`ps\` calls it`;
  }
  const hint = didYouMean(word, PRUNABLE_STATES);
  return `expected \`status\` to be any of ${known}, found '${word}'${hint === undefined ? '' : `; ${hint}`}`;
}

// A number of seconds gets its unit.
function durationText(value: unknown): string {
  return typeof value === 'number' ? `${value} s` : String(value);
}
