/** Whether the daemon works with a setting, by what it says of itself; pure. */

import type { Settings } from './document.ts';

/** What `docker info` says, or the attributes of the event of its last reload. */
export interface Testimony {
  readonly info?: Readonly<Record<string, unknown>>;
  readonly reloaded?: Readonly<Record<string, string>>;
}

/**
 * Whether the daemon has a value as it is wanted; undefined: it does not say.
 *
 * @param value - undefined: the key is not in the file
 */
export function isTaken(key: string, value: unknown, { info, reloaded }: Testimony): boolean | undefined {
  if (value === undefined) return undefined;
  const said = info === undefined ? undefined : INFO[key]?.(info);
  if (said !== undefined) return includes(said, value);
  const attribute = reloaded?.[key];
  if (attribute === undefined || typeof value === 'object') return undefined;
  return attribute === String(value);
}

/** The keys of the file that the daemon works with otherwise than the file says. */
export function notTaken(settings: Settings, testimony: Testimony): string[] {
  return Object.entries(settings).flatMap(([key, value]) => (isTaken(key, value, testimony) === false ? [key] : []));
}

type Info = Readonly<Record<string, unknown>>;

const INFO: Readonly<Record<string, (info: Info) => unknown>> = {
  debug: (info) => info.Debug,
  'live-restore': (info) => info.LiveRestoreEnabled,
  labels: (info) => info.Labels ?? [],
  'log-driver': (info) => info.LoggingDriver,
  'storage-driver': (info) => info.Driver,
  'data-root': (info) => info.DockerRootDir,
  graph: (info) => info.DockerRootDir,
  'default-runtime': (info) => info.DefaultRuntime,
  experimental: (info) => info.ExperimentalBuild,
  'registry-mirrors': (info) => (info.RegistryConfig as Info | undefined)?.Mirrors ?? [],
  'insecure-registries': (info) => {
    const { InsecureRegistryCIDRs: networks, IndexConfigs: indexes } = (info.RegistryConfig ?? {}) as Info;
    const names = Object.entries((indexes ?? {}) as Record<string, { readonly Secure?: boolean }>);
    return [...((networks ?? []) as unknown[]), ...names.flatMap(([name, { Secure }]) => (Secure ? [] : [name]))];
  },
};

// Of lists, that all wanted ones are there: the daemon adds some of its own. It ends addresses with a slash.
function includes(said: unknown, wanted: unknown): boolean {
  const plain = (value: unknown) => String(value).replace(/\/+$/, '');
  if (!Array.isArray(wanted)) return plain(said) === plain(wanted);
  const list = Array.isArray(said) ? said.map(plain) : [];
  return wanted.every((each) => list.includes(plain(each)));
}
