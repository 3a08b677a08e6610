/** Reads the inventory that the flags and settings name, and selects hosts from it. */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { loadInventory, selectHosts } from '../inventory/index.ts';
import type { Host, Inventory } from '../inventory/types.ts';
import type { VaultKeyring } from '../util/vault-keyring.ts';
import type { Io } from './io.ts';
import { parseCount, parsePercent } from './merge-settings.ts';
import type { InventoryFlags } from './options.ts';
import type { Settings } from './settings.ts';
import { unreadableFile } from './unreadable-file.ts';

export interface ReadInventory {
  readonly inventory: Inventory;
  /** Reads the sources again. @throws as {@link readInventory} */
  readonly refresh: () => Promise<void>;
  /** Hosts of a pattern within `--limit`; each pattern is worked out once. */
  readonly select: (pattern: string) => readonly Host[];
}

/** @throws InventoryError, DiagnosticsError, UsageError */
export async function readInventory(options: {
  readonly flags: InventoryFlags;
  readonly settings: Settings;
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly playbookDirs?: readonly string[];
  readonly vault: VaultKeyring;
}): Promise<ReadInventory> {
  const { flags, settings, io } = options;
  const sources = settings.inventory ?? defaultSources();
  const pipes = new Map<string, Buffer>();
  const load = () =>
    loadInventory(sources, {
      cwd: io.cwd,
      env: io.env,
      stateDir: stateDirOf(settings, io),
      timeoutMs: settings.inventoryTimeout,
      signal: options.signal,
      allowEmpty: flags.allowEmpty === true,
      playbookDirs: options.playbookDirs,
      minHosts: parseCount('--min-hosts', flags.minHosts),
      maxDropPercent: parsePercent('--max-drop', flags.maxDrop),
      acceptDrop: flags.acceptDrop === true,
      vault: options.vault,
      pipes,
    });
  const inventory = await load();
  for (const warning of inventory.warnings) io.err(`fleetmend: warning: ${warning}\n`);
  const selected = new Map<string, readonly Host[]>();
  // Each play asks for the limit again.
  const warned = new Set<string>();
  const warn = (message: string) => {
    if (warned.has(message)) return;
    warned.add(message);
    io.err(`fleetmend: warning: ${message}\n`);
  };
  let { version } = inventory;
  return {
    inventory,
    refresh: async () => inventory.replaceWith(await load()),
    select: (pattern) => {
      if (version !== inventory.version) selected.clear();
      version = inventory.version;
      const known = selected.get(pattern);
      if (known !== undefined) return known;
      const hosts = selectHosts(inventory, pattern, {
        limit: flags.limit,
        readLimitFile: (path) => readLimitFile(resolve(io.cwd, path)),
        warn,
      });
      selected.set(pattern, hosts);
      return hosts;
    },
  };
}

/** The state directory: by setting, else the place that XDG names. */
export function stateDirOf(settings: Settings, io: Io): string {
  return settings.stateDir ?? join(io.env.XDG_STATE_HOME || join(io.home, '.local', 'state'), 'fleetmend');
}

// As with Ansible there is a system-wide list; without it the user must say which hosts are meant.
function defaultSources(): string[] {
  const system = '/etc/ansible/hosts';
  if (existsSync(system)) return [system];
  throw new UsageError('no inventory is given', {
    hint: 'pass -i FILE, set `inventory` in fleetmend.yml, or FLEETMEND_INVENTORY',
  });
}

function readLimitFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadableFile(`the host list '${path}' of --limit`, error);
  }
}
