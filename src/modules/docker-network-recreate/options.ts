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
import type { Rule } from '../docker/patterns.ts';
import { protectRules } from '../docker/protect.ts';
import type { AddressRule } from './command-words.ts';

/** What is to be done: a new recreation, or something about one that was broken off. */
export const ACTIONS = ['recreate', 'resume', 'rollback', 'discard'] as const;

export type Action = (typeof ACTIONS)[number];

/** Defaults of all arguments; the spec shows the same. */
export const DEFAULTS = {
  action: 'recreate',
  start: true,
  addresses: 'fixed',
  allow_protected: false,
  stop_timeout: 10,
  timeout: '60s',
  verify_timeout: '60s',
  journal_dir: '/var/lib/fleetmend/docker-network',
} as const;

export type RecreateArgs = Readonly<Record<string, unknown>>;

export interface RecreateOptions extends EngineOptions {
  /** Name or ID. */
  readonly name: string;
  readonly action: Action;
  /** Whether to go on to the end; false: up to the first container that is to be started. */
  readonly start: boolean;
  readonly startAlso: readonly string[];
  readonly addresses: AddressRule;
  readonly protect: readonly Rule[];
  readonly allowProtected: boolean;
  readonly stopSeconds: number;
  readonly timeoutMs: number;
  readonly verifyTimeoutMs: number;
  readonly journalDir: string;
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: RecreateArgs): RecreateOptions {
  const name = optionalText(args.name)?.trim();
  if (name === undefined || name === '') throw invalid('expected `name` to be the name of a network, found none');
  const journalDir = optionalText(args.journal_dir) ?? DEFAULTS.journal_dir;
  if (!journalDir.startsWith('/')) {
    throw invalid(`expected \`journal_dir\` to be an absolute path, found ${describe(journalDir)}`);
  }
  return {
    ...dockerOptions(args),
    name,
    action: oneOf(given(args.action) ?? DEFAULTS.action, ACTIONS, 'action'),
    start: flagOf(given(args.start) ?? DEFAULTS.start, 'start'),
    startAlso: listOf(args.start_also, 'start_also'),
    addresses: oneOf(given(args.addresses) ?? DEFAULTS.addresses, ['same', 'fixed'] as const, 'addresses'),
    protect: protectRules(args.protect),
    allowProtected: flagOf(given(args.allow_protected) ?? DEFAULTS.allow_protected, 'allow_protected'),
    stopSeconds: countOf(given(args.stop_timeout) ?? DEFAULTS.stop_timeout, 'stop_timeout', 0),
    timeoutMs: deadlineOf(given(args.timeout) ?? DEFAULTS.timeout, 'timeout'),
    verifyTimeoutMs: durationOf(given(args.verify_timeout) ?? DEFAULTS.verify_timeout, 'verify_timeout'),
    journalDir: journalDir.replace(/\/+$/, ''),
  };
}

function oneOf<T extends string>(value: unknown, words: readonly T[], argument: string): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw invalid(`expected \`${argument}\` to be one of ${words.join(', ')}, found ${describe(value)}`);
}
