/** The keys of a `plugin: rancher` file. */
import { dirname, resolve } from 'node:path';
import { OptionReader } from '../option-reader.ts';
import type { SizeLimits } from '../size-guard.ts';
import type { YamlDocument } from '../yaml-document.ts';

/** What to ask of Rancher and how to turn it into hosts; docs/inventory.md explains each. */
export interface RancherOptions {
  /** Path of the CLI, or a name that is looked for in PATH. */
  readonly cli: string;
  readonly version: 'v1' | 'v2' | 'auto';
  /** Names or ids of environments (v1) or clusters (v2); undefined: all. */
  readonly scopes?: readonly string[];
  /** Which key gave `scopes`, for messages. */
  readonly scopesKey: 'environments' | 'clusters';
  readonly address: 'external' | 'internal';
  /** Only hosts in these states; undefined: all but `excludeStates`. */
  readonly states?: readonly string[];
  readonly excludeStates: readonly string[];
  /** Whether the user chose the states, so that the CLI must list the hidden ones, too. */
  readonly choosesStates: boolean;
  readonly user?: string;
  /** Directory with cli.json (v1) or cli2.json (v2). */
  readonly configDir?: string;
  /** Deadline of each call of the CLI. */
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly limits: SizeLimits;
  /** Keys of labels that make groups; true: all, false: none. */
  readonly labelGroups: boolean | readonly string[];
  readonly includeSystemLabels: boolean;
}

const KEYS = [
  'plugin',
  'cli',
  'version',
  'environments',
  'clusters',
  'address',
  'states',
  'exclude_states',
  'user',
  'config_dir',
  'timeout',
  'max_output',
  'min_hosts',
  'max_drop',
  'label_groups',
  'include_system_labels',
];
/** Keys that people write who want to give the credentials in the file. */
const CREDENTIALS: ReadonlyMap<string, string> = new Map(
  [
    ['url', 'RANCHER_URL'],
    ['access_key', 'RANCHER_ACCESS_KEY'],
    ['secret_key', 'RANCHER_SECRET_KEY'],
    ['token', 'RANCHER_SECRET_KEY'],
  ].map(([key = '', variable]) => [
    key,
    `credentials do not belong in this file: set ${variable} in the environment, or 'config_dir'`,
  ]),
);
/** There is nothing left of these: only `states` can ask for them. */
const GONE = ['removed', 'purging', 'purged'];
const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Reads the keys of a configuration.
 *
 * @param path - of the file; relative paths in it are below its directory
 * @param defaultTimeoutMs - when the file has no `timeout`
 * @throws {@link DiagnosticsError} INVENTORY_INVALID with every key that is unknown or has no usable value
 */
export function readRancherOptions(path: string, document: YamlDocument, defaultTimeoutMs: number): RancherOptions {
  const reader = new OptionReader(document, { plugin: 'rancher', keys: KEYS, hints: CREDENTIALS });
  const cli = reader.text('cli') ?? 'rancher';
  const configDir = reader.text('config_dir');
  const states = reader.list('states');
  const excludeStates = reader.list('exclude_states');
  const environments = reader.list('environments');
  const clusters = reader.list('clusters');
  if (environments !== undefined && clusters !== undefined) {
    reader.problem('clusters', 'environments (v1) and clusters (v2) exclude each other, found both');
  }
  const options: RancherOptions = {
    cli: cli.includes('/') ? resolve(dirname(path), cli) : cli,
    version: reader.choice('version', ['auto', 'v1', 'v2']) ?? 'auto',
    scopes: environments ?? clusters,
    scopesKey: clusters === undefined ? 'environments' : 'clusters',
    address: reader.choice('address', ['external', 'internal']) ?? 'external',
    states,
    excludeStates: excludedStates(states, excludeStates),
    choosesStates: states !== undefined || excludeStates !== undefined,
    user: reader.text('user'),
    configDir: configDir === undefined ? undefined : resolve(dirname(path), configDir),
    timeoutMs: reader.durationMs('timeout') ?? defaultTimeoutMs,
    maxOutputBytes: reader.sizeBytes('max_output') ?? DEFAULT_MAX_OUTPUT_BYTES,
    limits: reader.limits(),
    labelGroups: reader.labelGroups() ?? true,
    includeSystemLabels: reader.flag('include_system_labels') ?? false,
  };
  reader.finish();
  return options;
}

function excludedStates(
  states: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
): readonly string[] {
  if (states !== undefined) return excluded ?? [];
  return [...(excluded ?? ['inactive', 'removing']), ...GONE];
}
