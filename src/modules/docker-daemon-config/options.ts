/** The module's arguments as it works with them. */

import { deadlineOf, flagOf, given, invalid, mapOf, optionalText } from '../docker/arguments.ts';
import { dockerOptions } from '../docker/docker-only.ts';
import type { EngineOptions } from '../docker/engine.ts';
import { type RestartOptions, normalizeOptions as restartOptions } from '../docker-restart/options.ts';
import type { Settings } from './document.ts';
import { isKnownKey, similarKey } from './keys.ts';

export const DEFAULTS = { timeout: '20s' } as const;

/** The arguments as validated against the spec's schema. */
export type ConfigArgs = Readonly<Record<string, unknown>>;

export interface ConfigOptions extends EngineOptions {
  readonly settings: Settings;
  /** Undefined: the file that the daemon was started with. */
  readonly path?: string;
  readonly backup: boolean;
  readonly reload: boolean;
  /** Undefined: no restart. */
  readonly restart?: RestartOptions;
  readonly timeoutMs: number;
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: ConfigArgs): ConfigOptions {
  const settings = mapOf(args.settings, 'settings', 'keys of daemon.json');
  if (Object.keys(settings).length === 0) throw invalid('expected `settings` to have at least one key, found none');
  const allowUnknown = flagOf(args.allow_unknown ?? false, 'allow_unknown');
  for (const key of Object.keys(settings)) {
    if (isKnownKey(key) || allowUnknown || settings[key] === null) continue;
    const hint = similarKey(key) ?? 'say `allow_unknown: true` if your version of the daemon has it';
    throw invalid(`expected \`settings\` to hold keys of daemon.json, found '${key}'; ${hint}`);
  }
  const engine = dockerOptions(args);
  const own = mapOf(args.restart_with, 'restart_with', 'arguments of docker_restart');
  const common = { executable: engine.executable, docker_host: engine.engineHost };
  return {
    settings,
    path: optionalText(args.path),
    backup: flagOf(args.backup ?? true, 'backup'),
    reload: flagOf(args.reload ?? true, 'reload'),
    ...(flagOf(args.restart ?? false, 'restart') ? { restart: restartOptions({ ...common, ...own }) } : {}),
    timeoutMs: deadlineOf(given(args.timeout) ?? DEFAULTS.timeout, 'timeout'),
    ...engine,
  };
}
