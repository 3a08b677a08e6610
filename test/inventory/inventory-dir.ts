/** Inventories in temporary directories that are gone after the test. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadOptions, loadInventory } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/inventory/types.ts';

/** A new directory with these files; a name that ends in `!` is made executable, without the mark. */
export function inventoryDir(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetmend-inventory-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFiles(directory, files);
  return directory;
}

/** Writes the files below the directory, see {@link inventoryDir}. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name.replace(/!$/, ''));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (name.endsWith('!')) chmodSync(path, 0o755);
  }
}

/** Loads sources relative to a directory. */
export function load(
  cwd: string,
  sources: string | readonly string[],
  options: Partial<LoadOptions> = {},
): Promise<Inventory> {
  const env = { PATH: process.env.PATH, HOME: cwd };
  return loadInventory(typeof sources === 'string' ? [sources] : sources, { cwd, env, ...options });
}

/** All variables of a host, merged. */
export function varsOf(inventory: Inventory, name: string): Record<string, unknown> {
  const host = inventory.hosts.get(name) ?? inventory.implicitHost?.(name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return Object.assign({}, ...inventory.layersOf(host).map((layer) => layer.vars));
}

/** What a promise was rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected a rejection with an Error');
}
