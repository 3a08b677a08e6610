/** The keys of a `plugin: rancher` file. */
import { dirname, resolve } from 'node:path';
import { isMap } from 'yaml';
import { didYouMean } from '../../util/did-you-mean.ts';
import { parseDurationMs } from '../../util/duration.ts';
import { parsePercent, type SizeLimits } from '../size-guard.ts';
import type { MapEntry, YamlDocument } from '../yaml-document.ts';

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
const CREDENTIALS: ReadonlyMap<string, string> = new Map([
  ['url', 'RANCHER_URL'],
  ['access_key', 'RANCHER_ACCESS_KEY'],
  ['secret_key', 'RANCHER_SECRET_KEY'],
  ['token', 'RANCHER_SECRET_KEY'],
]);
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
  const reader = new OptionReader(document);
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
    timeoutMs:
      reader.parsed('timeout', "a duration such as '45s'", (value) =>
        typeof value === 'string' || typeof value === 'number' ? parseDurationMs(value) || undefined : undefined,
      ) ?? defaultTimeoutMs,
    maxOutputBytes: reader.parsed('max_output', "a size such as '64 MiB'", parseSizeBytes) ?? DEFAULT_MAX_OUTPUT_BYTES,
    limits: {
      minHosts: reader.parsed('min_hosts', 'a number of hosts', (value) =>
        typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined,
      ),
      maxDropPercent: reader.parsed('max_drop', "a percentage such as '20%'", parsePercent),
    },
    labelGroups: reader.labelGroups() ?? true,
    includeSystemLabels: reader.flag('include_system_labels') ?? false,
  };
  reader.finish();
  return options;
}

class OptionReader {
  readonly #document: YamlDocument;
  readonly #entries = new Map<string, MapEntry>();

  constructor(document: YamlDocument) {
    this.#document = document;
    if (!isMap(document.root)) return;
    for (const entry of document.entries(document.root)) {
      if (KEYS.includes(entry.key)) this.#entries.set(entry.key, entry);
      else this.#unknown(entry);
    }
  }

  text(key: string): string | undefined {
    return this.parsed(key, 'a text', (value) => (typeof value === 'string' && value !== '' ? value : undefined));
  }

  flag(key: string): boolean | undefined {
    return this.parsed(key, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    return this.parsed(key, `one of ${choices.join(', ')}`, (value) => choices.find((choice) => choice === value));
  }

  /** A list of texts; a single text is a list of one. */
  list(key: string): readonly string[] | undefined {
    return this.parsed(key, 'a list of names', parseNames);
  }

  labelGroups(): boolean | readonly string[] | undefined {
    return this.parsed('label_groups', 'true, false or a list of label keys', (value) =>
      typeof value === 'boolean' ? value : parseNames(value),
    );
  }

  parsed<T>(key: string, expected: string, parse: (value: unknown) => T | undefined): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const value = parse(this.#document.value(entry.value));
    if (value === undefined)
      this.problem(key, `expected '${key}' to be ${expected}, found ${this.#document.describe(entry.value)}`);
    return value;
  }

  problem(key: string, message: string): void {
    const entry = this.#entries.get(key);
    const source = entry?.value == null ? entry?.source : this.#document.positionOf(entry.value);
    this.#document.findings.add(source ?? this.#document.positionOf(null), message);
  }

  finish(): void {
    this.#document.findings.throwIfAny();
  }

  #unknown({ key, source }: MapEntry): void {
    const variable = CREDENTIALS.get(key);
    const hint =
      variable === undefined
        ? (didYouMean(key, KEYS) ?? `the options are ${KEYS.slice(1).join(', ')}`)
        : `credentials do not belong in this file: set ${variable} in the environment, or 'config_dir'`;
    this.#document.findings.add(source, `plugin rancher has no option '${key}'`, hint);
  }
}

function excludedStates(
  states: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
): readonly string[] {
  if (states !== undefined) return excluded ?? [];
  return [...(excluded ?? ['inactive', 'removing']), ...GONE];
}

function parseNames(value: unknown): readonly string[] | undefined {
  const items = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(items) || items.length === 0) return undefined;
  return items.every((item) => typeof item === 'string' && item !== '') ? items : undefined;
}

function parseSizeBytes(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+)\s*(KiB|MiB|GiB)?$/.exec(String(value)) ?? [];
  const factor = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[unit];
  return amount === undefined || factor === undefined || Number(amount) === 0 ? undefined : Number(amount) * factor;
}
