/** The module's arguments as it works with them: defaults filled, durations in milliseconds, rules compiled. */

import { ModuleError } from '../../errors.ts';
import { didYouMean } from '../../util/did-you-mean.ts';
import { parseDurationMs } from '../../util/duration.ts';
import { type EngineKind, PRUNABLE_STATES, type PrunableState } from './container.ts';
import { imageRules, labelRules, nameRules, type Rule } from './patterns.ts';

/** A container with this label, whatever its value, is never removed. */
export const KEEP_LABEL = 'fleetmend.keep';

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

export interface PruneOptions {
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
  readonly batchSize: number;
  readonly pauseMs: number;
  readonly removeTimeoutMs: number;
  readonly listTimeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly engine: 'auto' | EngineKind;
  readonly executable?: string;
  readonly engineHost?: string;
}

/**
 * Normalizes the arguments. Numbers may be text, lists may be comma-separated text, and null or empty text is the same
 * as not given, so that a playbook can pass its variables through.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: PruneArgs): PruneOptions {
  const protect = protectOf(args.protect);
  const olderThan = given(args.older_than);
  return {
    statuses: statusesOf(listOf(given(args.status) ?? DEFAULTS.status, 'status')),
    names: nameRules(listOf(args.names, 'names'), 'names'),
    images: imageRules(listOf(args.images, 'images'), 'images'),
    labels: labelRules(listOf(args.labels, 'labels')),
    olderThanMs: olderThan === undefined ? undefined : durationOf(olderThan, 'older_than'),
    olderThanText: olderThan === undefined ? undefined : textOf(olderThan),
    protect: [
      ...labelRules([...new Set([KEEP_LABEL, ...listOf(protect.labels, 'protect.labels')])]),
      ...nameRules(listOf(protect.names, 'protect.names'), 'protect.names'),
      ...imageRules(listOf(protect.images, 'protect.images'), 'protect.images'),
    ],
    maxItems: given(args.max_items) === undefined ? undefined : countOf(args.max_items, 'max_items', 0),
    batchSize: countOf(given(args.batch) ?? DEFAULTS.batch, 'batch', 1),
    pauseMs: durationOf(given(args.pause) ?? DEFAULTS.pause, 'pause'),
    removeTimeoutMs: deadlineOf(given(args.timeout) ?? DEFAULTS.timeout, 'timeout'),
    listTimeoutMs: deadlineOf(given(args.list_timeout) ?? DEFAULTS.list_timeout, 'list_timeout'),
    retries: countOf(given(args.retries) ?? DEFAULTS.retries, 'retries', 0),
    retryDelayMs: durationOf(given(args.retry_delay) ?? DEFAULTS.retry_delay, 'retry_delay'),
    engine: engineOf(given(args.engine) ?? DEFAULTS.engine),
    executable: optionalText(args.executable),
    engineHost: optionalText(args.docker_host),
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

function protectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (given(value) === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(`expected \`protect\` to be a map with names, images and labels, found ${describe(value)}`);
}

function engineOf(value: unknown): 'auto' | EngineKind {
  if (value === 'auto' || value === 'docker' || value === 'podman') return value;
  throw invalid(`expected \`engine\` to be auto, docker or podman, found ${describe(value)}`);
}

// Text is split at commas as Ansible splits lists, except a regular expression, which may hold commas of its own.
function listOf(value: unknown, argument: string): string[] {
  const present = given(value);
  if (present === undefined) return [];
  if (typeof present === 'string' && present.startsWith('~')) return [present];
  const parts = typeof present === 'string' ? present.split(',') : present;
  if (!Array.isArray(parts)) throw invalid(`expected \`${argument}\` to be a list of words, found ${describe(value)}`);
  return parts
    .map((part) => {
      if (typeof part !== 'string' && typeof part !== 'number') {
        throw invalid(`expected \`${argument}\` to be a list of words, found ${describe(part)} in it`);
      }
      return String(part).trim();
    })
    .filter((part) => part !== '');
}

function durationOf(value: unknown, argument: string): number {
  const durationMs = typeof value === 'string' || typeof value === 'number' ? parseDurationMs(value) : undefined;
  if (durationMs === undefined) {
    throw invalid(
      `expected \`${argument}\` to be a duration such as 30s, 2h or 7d, or a number of seconds, found ${describe(value)}`,
    );
  }
  return durationMs;
}

// `timeout 0` would mean no deadline at all on the host.
function deadlineOf(value: unknown, argument: string): number {
  const durationMs = durationOf(value, argument);
  if (durationMs < 1000) throw invalid(`expected \`${argument}\` to be at least 1 second, found ${describe(value)}`);
  return durationMs;
}

function countOf(value: unknown, argument: string, least: number): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= least) return count;
  throw invalid(`expected \`${argument}\` to be a whole number from ${least} up, found ${describe(value)}`);
}

function optionalText(value: unknown): string | undefined {
  const present = given(value);
  return present === undefined ? undefined : textOf(present);
}

function given(value: unknown): unknown {
  return value === null || value === '' ? undefined : value;
}

function textOf(value: unknown): string {
  return typeof value === 'number' ? `${value} s` : String(value);
}

function describe(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : `${JSON.stringify(value)} (${Array.isArray(value) ? 'list' : typeof value})`;
}

function invalid(message: string): ModuleError {
  return new ModuleError(message, {}, { code: 'INVALID_ARGUMENT' });
}
