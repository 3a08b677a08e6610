/** Reads `-e`: `key=value` words, a JSON or YAML map, or `@FILE`. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { errorMessage, FleetmendError, UsageError } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import { parseVarsFile } from '../playbook/index.ts';
import { splitWords } from '../util/split-words.ts';
import { VaultKeyring } from '../util/vault-keyring.ts';
import { templateLayer } from '../vars/scope.ts';
import { unreadableFile } from './unreadable-file.ts';

/**
 * The layers of all `-e` options, highest precedence (the last one) first.
 *
 * @throws UsageError, FILE_NOT_FOUND, DiagnosticsError
 */
export function extraVarsLayers(options: readonly string[], vault: VaultKeyring): VarsLayer[] {
  return options.map((text) => readOne(text, vault)).toReversed();
}

/**
 * What of `-e` is known before there is a password, for names of imported files; what is wrong with the others is said
 * when they are read.
 */
export function plainExtraVars(options: readonly string[]): Readonly<Record<string, unknown>>[] {
  const noVault = new VaultKeyring([]);
  return options
    .flatMap((text) => {
      try {
        return [readOne(text, noVault).vars];
      } catch (error) {
        if (error instanceof FleetmendError) return [];
        throw error;
      }
    })
    .toReversed();
}

function readOne(text: string, vault: VaultKeyring): VarsLayer {
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) return varsFileLayer(trimmed.slice(1), '-e', vault);
  if (trimmed.startsWith('{')) return templateLayer('-e', mapOf(trimmed));
  const vars: Record<string, unknown> = {};
  const words = splitWords(trimmed);
  if (typeof words === 'string') throw new UsageError(`\`-e\` has an ${words}: '${text}'`);
  for (const { text: word } of words) {
    const at = word.indexOf('=');
    if (at <= 0) {
      throw new UsageError(`expected \`-e\` to be key=value words, a JSON map or @FILE, found '${word}' in '${text}'`);
    }
    vars[word.slice(0, at)] = word.slice(at + 1);
  }
  return templateLayer('-e', vars);
}

/** A file of variables as a layer. @throws FILE_NOT_FOUND, FILE_UNREADABLE, DiagnosticsError */
export function varsFileLayer(path: string, origin: string, vault: VaultKeyring): VarsLayer {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadableFile(`the file of variables '${path}'`, error);
  }
  const opened = vault.openFile(text, path);
  const block = parseVarsFile(opened.text, path, { isSecret: opened.isVault });
  const layer = templateLayer(origin, block.values, (name) => block.positions[name] ?? block.source);
  return opened.isVault ? { ...layer, isSecret: true } : layer;
}

function mapOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new UsageError(
      `\`-e\` is not a map in JSON or YAML: ${errorMessage(error).split('\n')[0]?.replace(/:$/, '')}`,
    );
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError(`expected \`-e\` to be a map, found '${text}'`);
}
