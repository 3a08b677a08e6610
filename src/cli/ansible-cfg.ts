/** Reads the settings that an `ansible.cfg` in the working directory gives. */

import type { RawSetting, SettingName } from './settings.ts';
import { SETTINGS, type SettingSpec, splitPaths } from './settings.ts';

/** Settings found in the text of an ansible.cfg; keys of Ansible's that mean nothing here are left alone. */
export function parseAnsibleCfg(text: string, file: string): Map<SettingName, RawSetting> {
  const entries = readIni(text);
  const found = new Map<SettingName, RawSetting>();
  for (const [name, spec] of Object.entries(SETTINGS) as [SettingName, SettingSpec][]) {
    for (const [section, key] of spec.ansibleCfg ?? []) {
      const entry = entries.get(`${section}.${key}`);
      if (entry === undefined || entry.value === '') continue;
      found.set(name, {
        value: listOf(spec, entry.value),
        where: `\`${key}\` in [${section}]`,
        source: { file, line: entry.line, column: entry.column },
      });
      break;
    }
  }
  return found;
}

function listOf(spec: SettingSpec, value: string): unknown {
  if (spec.kind === 'paths') return splitPaths(value);
  return spec.kind === 'list' ? value.split(',').map((each) => each.trim()) : value;
}

interface Entry {
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

// What Python's configparser reads there: sections, `key = value` or `key: value`, comments by # and ;.
function readIni(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let section = '';
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[(.+)\]$/.exec(line);
    if (header !== null) {
      section = (header[1] ?? '').trim();
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (pair === null) continue;
    const value = (pair[2] ?? '').replace(/\s+;.*$/, '').trim();
    entries.set(`${section}.${(pair[1] ?? '').toLowerCase()}`, {
      value,
      line: index + 1,
      column: raw.indexOf(line) + 1,
    });
  }
  return entries;
}
