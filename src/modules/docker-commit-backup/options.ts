/** The module's arguments as it works with them. */

import {
  countOf,
  deadlineOf,
  describe,
  durationOf,
  flagOf,
  given,
  invalid,
  listOf,
  optionalText,
} from '../docker/arguments.ts';
import { dockerOptions } from '../docker/docker-only.ts';
import type { EngineOptions } from '../docker/engine.ts';
import { imageRules, labelRules, nameRules, type Rule } from '../docker/patterns.ts';

/** Defaults of all arguments; the spec shows the same. */
export const DEFAULTS = {
  prefix: '',
  keep: 3,
  max_age: '1h',
  pause: true,
  timeout: '10m',
  list_timeout: '20s',
} as const;

export type BackupArgs = Readonly<Record<string, unknown>>;

export interface BackupOptions extends EngineOptions {
  /** A container that matches any of these is backed up. */
  readonly pets: readonly Rule[];
  readonly prefix: string;
  /** How many backups of a container stay. */
  readonly keep: number;
  readonly maxAgeMs: number;
  readonly maxAgeText: string;
  readonly pause: boolean;
  readonly maxItems?: number;
  readonly timeoutMs: number;
  readonly listTimeoutMs: number;
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: BackupArgs): BackupOptions {
  const prefix = optionalText(args.prefix) ?? DEFAULTS.prefix;
  if (!/^([a-z0-9]+([._/-][a-z0-9]+)*[/._-]?)?$/.test(prefix)) {
    throw invalid(
      `expected \`prefix\` to be the beginning of an image's name, such as backup/, found ${describe(prefix)}`,
    );
  }
  const maxAge = given(args.max_age) ?? DEFAULTS.max_age;
  return {
    ...dockerOptions(args),
    pets: [
      ...nameRules(listOf(args.names, 'names'), 'names'),
      ...imageRules(listOf(args.images, 'images'), 'images'),
      ...labelRules(listOf(args.labels, 'labels')),
    ],
    prefix,
    keep: countOf(given(args.keep) ?? DEFAULTS.keep, 'keep', 1),
    maxAgeMs: durationOf(maxAge, 'max_age'),
    maxAgeText: typeof maxAge === 'number' ? `${maxAge} s` : String(maxAge),
    pause: flagOf(given(args.pause) ?? DEFAULTS.pause, 'pause'),
    maxItems: given(args.max_items) === undefined ? undefined : countOf(args.max_items, 'max_items', 0),
    timeoutMs: deadlineOf(given(args.timeout) ?? DEFAULTS.timeout, 'timeout'),
    listTimeoutMs: deadlineOf(given(args.list_timeout) ?? DEFAULTS.list_timeout, 'list_timeout'),
  };
}
