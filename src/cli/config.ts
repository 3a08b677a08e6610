/** Finds the settings of a run: environment, fleetmend.yml (project, then user), ansible.cfg. */

import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import { type Diagnostic, DiagnosticsError } from '../errors.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { SourceText } from '../util/source-text.ts';
import { syntaxFindings } from '../util/yaml-errors.ts';
import { parseAnsibleCfg } from './ansible-cfg.ts';
import {
  parseSetting,
  type RawSetting,
  SETTINGS,
  type SettingName,
  type SettingSpec,
  type Settings,
  splitPaths,
} from './settings.ts';

export interface ConfigPlace {
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfig {
  readonly settings: Settings;
  readonly warnings: readonly string[];
  /** The files that were read, for `-v`. */
  readonly files: readonly string[];
}

/**
 * Reads all settings that are not on the command line. Paths in files are relative to the file that names them.
 *
 * @throws DiagnosticsError, UsageError, FleetmendError CONFIG_INVALID
 */
export function loadConfig(place: ConfigPlace): LoadedConfig {
  const warnings: string[] = [];
  const files: string[] = [];
  const raw = new Map<SettingName, RawSetting>();
  const merge = (found: Map<SettingName, RawSetting>): void => {
    for (const [name, value] of found) if (!raw.has(name)) raw.set(name, value);
  };
  merge(fromEnvironment(place.env));
  for (const file of [join(place.cwd, 'fleetmend.yml'), userFile(place)]) {
    const text = readIfThere(file);
    if (text === undefined) continue;
    files.push(file);
    merge(withPaths(parseFleetmendYml(text, file), dirname(file)));
  }
  const cfg = join(place.cwd, 'ansible.cfg');
  const text = readIfThere(cfg);
  if (text !== undefined) {
    if (isWorldWritable(place.cwd)) {
      // The same rule as Ansible's: whoever can write there could choose our inventory and keys.
      warnings.push(`ansible.cfg is ignored, since everyone can write to ${place.cwd}`);
    } else {
      files.push(cfg);
      merge(withPaths(parseAnsibleCfg(text, 'ansible.cfg'), place.cwd));
    }
  }
  const settings = Object.fromEntries([...raw].map(([name, value]) => [name, parseSetting(name, value)]));
  return { settings: settings as Settings, warnings, files };
}

/** Key of a setting in fleetmend.yml: its flag's words (`command_timeout`). */
export function yamlKey(spec: SettingSpec): string {
  return spec.flag.replace(/^--/, '').replaceAll('-', '_');
}

function fromEnvironment(env: ConfigPlace['env']): Map<SettingName, RawSetting> {
  const found = new Map<SettingName, RawSetting>();
  for (const [name, spec] of Object.entries(SETTINGS) as [SettingName, SettingSpec][]) {
    for (const variable of [spec.variable, ...(spec.ansibleVariables ?? [])]) {
      const value = env[variable];
      if (value === undefined || value === '' || found.has(name)) continue;
      found.set(name, { value: splitList(spec, value), where: variable });
    }
  }
  return found;
}

function splitList(spec: SettingSpec, value: string): unknown {
  if (spec.kind === 'paths') return splitPaths(value);
  return spec.kind === 'list' ? value.split(',') : value;
}

function parseFleetmendYml(text: string, file: string): Map<SettingName, RawSetting> {
  const source = new SourceText(file, text);
  const document = parseDocument(source.text);
  const problems: Diagnostic[] = [];
  const add = (code: Diagnostic['code'], offset: number, message: string, hint?: string) => {
    const place = source.position(offset);
    problems.push({ code, source: place, message, hint, excerpt: source.excerpt(place.line) });
  };
  for (const { offset, message, hint } of syntaxFindings(document, source)) add('YAML_SYNTAX', offset, message, hint);
  const found = new Map<SettingName, RawSetting>();
  const root = document.contents;
  if (problems.length === 0 && root !== null && !isMap(root)) {
    add('CONFIG_INVALID', root.range?.[0] ?? 0, 'expected a map of settings');
  }
  const keys = new Map(
    (Object.entries(SETTINGS) as [SettingName, SettingSpec][]).map(([name, spec]) => [yamlKey(spec), name]),
  );
  for (const pair of problems.length === 0 && isMap(root) ? root.items : []) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const name = keys.get(key);
    const offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? 0;
    if (name === undefined) {
      add('CONFIG_INVALID', offset, `unknown setting '${key}'`, didYouMean(key, keys.keys()));
    } else {
      const value = (pair.value as { toJSON?: () => unknown } | null)?.toJSON?.() ?? null;
      found.set(name, { value, where: `\`${key}\``, source: source.position(offset) });
    }
  }
  if (problems.length > 0) throw new DiagnosticsError(problems);
  return found;
}

const PATHS: readonly SettingName[] = [
  'inventory',
  'privateKey',
  'becomePasswordFile',
  'knownHosts',
  'sshConfig',
  'vaultPasswordFile',
  'rolesPath',
  'factCachingConnection',
  'stateDir',
];

// Paths in a file are meant from where the file is; `host,` lists and `~` stay as they are.
function withPaths(found: Map<SettingName, RawSetting>, dir: string): Map<SettingName, RawSetting> {
  const absolute = (path: unknown): unknown =>
    typeof path !== 'string' || path.includes(',') || path.startsWith('~') || isAbsolute(path)
      ? path
      : resolve(dir, path);
  for (const name of PATHS) {
    const raw = found.get(name);
    if (raw === undefined || (name === 'sshConfig' && raw.value === 'none')) continue;
    found.set(name, { ...raw, value: Array.isArray(raw.value) ? raw.value.map(absolute) : absolute(raw.value) });
  }
  return found;
}

function userFile(place: ConfigPlace): string {
  return join(place.env.XDG_CONFIG_HOME || join(place.home, '.config'), 'fleetmend', 'fleetmend.yml');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isWorldWritable(dir: string): boolean {
  return (statSync(dir).mode & 0o002) !== 0;
}
