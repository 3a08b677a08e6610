/** `fleetmend inventory`: shows what the sources give. */

import { UsageError } from '../../errors.ts';
import { renderInventory } from '../../inventory/index.ts';
import { loadConfig } from '../config.ts';
import { watchInterrupts } from '../interrupts.ts';
import type { Io } from '../io.ts';
import { mergeSettings } from '../merge-settings.ts';
import type { InventoryFlags, VaultFlags } from '../options.ts';
import { readInventory } from '../read-inventory.ts';
import { openVault } from '../vault/passwords.ts';

export interface InventoryCommandFlags extends InventoryFlags, VaultFlags {
  readonly list?: boolean;
  readonly graph?: boolean | string;
  readonly host?: string;
  readonly yaml?: boolean;
  readonly vars?: boolean;
}

/** @returns the exit code */
export async function inventoryCommand(flags: InventoryCommandFlags, io: Io): Promise<number> {
  const modes = [flags.list, flags.graph, flags.host, flags.yaml].filter(
    (each) => each !== undefined && each !== false,
  );
  if (modes.length !== 1) throw new UsageError('expected one of --list, --graph, --host NAME, --yaml');
  const config = loadConfig(io);
  for (const warning of config.warnings) io.err(`fleetmend: warning: ${warning}\n`);
  const settings = mergeSettings(flags, config.settings);
  const { keyring: vault } = await openVault(flags, io);
  const interrupts = watchInterrupts(io, undefined);
  try {
    const { inventory, select } = await readInventory({ flags, settings, io, signal: interrupts.signal, vault });
    const hosts = flags.limit === undefined ? undefined : select('all');
    io.out(renderInventory(inventory, modeOf(flags), { hosts, vars: flags.vars === true }));
    return 0;
  } finally {
    interrupts.stop();
  }
}

type Mode = Parameters<typeof renderInventory>[1];

function modeOf(flags: InventoryCommandFlags): Mode {
  if (flags.host !== undefined) return { kind: 'host', name: flags.host };
  if (flags.graph !== undefined && flags.graph !== false) {
    return { kind: 'graph', group: typeof flags.graph === 'string' ? flags.graph : 'all' };
  }
  return { kind: flags.yaml === true ? 'yaml' : 'list' };
}
