/** The contract of an inventory plugin: a program that lists hosts, called as a file with `plugin:` says. */
import type { InventoryBuilder } from './model.ts';
import type { SizeLimits } from './size-guard.ts';
import type { YamlDocument } from './yaml-document.ts';

export interface PluginCall {
  /** What programs may see of the environment is taken from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Deadline of each call when the file sets none. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The names of the hosts that were added, and the limits that the file sets on their number. */
export interface PluginHosts {
  readonly hosts: readonly string[];
  readonly limits: SizeLimits;
}

/**
 * Adds the hosts that a source knows.
 *
 * @param path - of the configuration file
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED when any call fails or gives what cannot be right
 * @throws {@link DiagnosticsError} INVENTORY_INVALID for a wrong option
 */
export type PluginReader = (
  path: string,
  document: YamlDocument,
  builder: InventoryBuilder,
  call: PluginCall,
) => Promise<PluginHosts>;
