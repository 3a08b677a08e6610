/** The module's arguments as it works with them. */

import { deadlineOf, durationOf, flagOf, given, invalid, optionalText } from '../docker/arguments.ts';
import type { ListOptions } from '../docker/list.ts';
import type { Rule } from '../docker/patterns.ts';
import { protectRules } from '../docker/protect.ts';

/** Defaults of all arguments; the spec shows the same. */
export const DEFAULTS = {
  state: 'restarted',
  service: 'docker',
  manager: 'auto',
  stop_timeout: '3m',
  start_timeout: '20m',
  settle_timeout: '30s',
  list_timeout: '20s',
} as const;

export const MANAGERS = ['auto', 'systemd', 'service'] as const;
export const STATES = ['restarted', 'stopped', 'started'] as const;

/** The arguments as validated against the spec's schema. */
export type RestartArgs = Readonly<Record<string, unknown>>;

/** How the daemon is stopped and started on a host; `commands`: with those of the user. */
export type Manager = 'systemd' | 'service' | 'commands';

export interface RestartOptions extends ListOptions {
  readonly state: (typeof STATES)[number];
  /** Name of the service, without `.service`. */
  readonly service: string;
  /** `commands`: those of the user. */
  readonly manager: (typeof MANAGERS)[number] | 'commands';
  readonly stopCommand?: string;
  readonly startCommand?: string;
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly settleTimeoutMs: number;
  /** The main process is killed when it has not ended so long after the stop began. */
  readonly killAfterMs?: number;
  readonly protect: readonly Rule[];
  readonly allowProtected: boolean;
  readonly startStopped: boolean;
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: RestartArgs): RestartOptions {
  const state = oneOf(given(args.state) ?? DEFAULTS.state, 'state', STATES);
  const stopCommand = optionalText(args.stop_command);
  const startCommand = optionalText(args.start_command);
  const needed = { restarted: [stopCommand, startCommand], stopped: [stopCommand], started: [startCommand] }[state];
  const hasCommands = stopCommand !== undefined || startCommand !== undefined;
  if (hasCommands && needed.includes(undefined)) {
    const missing = stopCommand === undefined && state !== 'started' ? 'stop_command' : 'start_command';
    throw invalid(`expected \`${missing}\` too for state ${state}, found only the other of the pair`);
  }
  const stopTimeoutMs = deadlineOf(given(args.stop_timeout) ?? DEFAULTS.stop_timeout, 'stop_timeout');
  const killAfterMs = given(args.kill_after) === undefined ? undefined : durationOf(args.kill_after, 'kill_after');
  if (killAfterMs !== undefined && killAfterMs >= stopTimeoutMs) {
    throw invalid('expected `kill_after` to be shorter than `stop_timeout`, found that the wait would end before it');
  }
  return {
    state,
    service: serviceOf(String(given(args.service) ?? DEFAULTS.service)),
    manager: hasCommands ? 'commands' : oneOf(given(args.manager) ?? DEFAULTS.manager, 'manager', MANAGERS),
    stopCommand,
    startCommand,
    stopTimeoutMs,
    startTimeoutMs: deadlineOf(given(args.start_timeout) ?? DEFAULTS.start_timeout, 'start_timeout'),
    settleTimeoutMs: durationOf(given(args.settle_timeout) ?? DEFAULTS.settle_timeout, 'settle_timeout'),
    listTimeoutMs: deadlineOf(given(args.list_timeout) ?? DEFAULTS.list_timeout, 'list_timeout'),
    killAfterMs,
    protect: protectRules(args.protect),
    allowProtected: flagOf(args.allow_protected ?? false, 'allow_protected'),
    startStopped: flagOf(args.start_stopped ?? false, 'start_stopped'),
    // Podman has no daemon.
    engine: 'docker',
    executable: optionalText(args.executable),
    engineHost: optionalText(args.docker_host),
  };
}

function oneOf<T extends string>(value: unknown, argument: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw invalid(`expected \`${argument}\` to be one of ${words.join(', ')}, found '${String(value)}'`);
}

// It becomes a word of a command; `docker.service` is the unit of `docker`.
function serviceOf(name: string): string {
  if (!/^\w[\w@.:-]*$/.test(name)) throw invalid(`expected \`service\` to be the name of a service, found '${name}'`);
  return name.replace(/\.service$/, '');
}
