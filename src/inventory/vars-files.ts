/** `group_vars/` and `host_vars/`: files of variables beside an inventory or a playbook. */
import { type Dirent, promises as fs } from 'node:fs';
import { extname, join } from 'node:path';
import { isMap } from 'yaml';
import type { VaultKeyring } from '../util/vault-keyring.ts';
import type { InventoryBuilder, LayersByOrigin } from './model.ts';
import type { VarsLayer } from './types.ts';
import { YamlDocument } from './yaml-document.ts';

/** In the order in which they are looked for: the first that exists is the one. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

/** How the files of variables are read and named. */
export interface VarsFileAccess {
  /** A path as messages show it. */
  readonly show: (path: string) => string;
  readonly vault: VaultKeyring;
}

/**
 * Adds the variables below a directory to the hosts and groups that exist by then.
 *
 * @param layersOf - where those of a host or group go
 * @throws {@link DiagnosticsError} INVENTORY_INVALID for a file that is no map of variables
 */
export async function readVarsFiles(
  directory: string,
  builder: InventoryBuilder,
  layersOf: (owner: LayersByOrigin) => VarsLayer[],
  files: VarsFileAccess,
): Promise<void> {
  for (const [folder, owners] of [
    ['group_vars', builder.groups],
    ['host_vars', builder.hosts],
  ] as const) {
    const path = join(directory, folder);
    for (const [name, entry] of await namedEntries(path, owners, builder, files.show)) {
      const owner = owners.get(name);
      if (owner === undefined) continue;
      const layers = layersOf(owner.byOrigin);
      for (const file of await filesOf(join(path, entry.name), entry)) {
        layers.push(...(await readVarsFile(file, files)));
      }
    }
  }
}

// Which entry of the folder holds the variables of which owner; the folder is read once however many hosts there are.
async function namedEntries(
  path: string,
  owners: ReadonlyMap<string, unknown>,
  builder: InventoryBuilder,
  show: (path: string) => string,
): Promise<Map<string, Dirent>> {
  const found = new Map<string, Dirent>();
  const ranks = new Map<string, number>();
  for (const entry of await listDirectory(path)) {
    for (const [rank, extension] of EXTENSIONS.entries()) {
      const name = entry.name.slice(0, entry.name.length - extension.length);
      if (!entry.name.endsWith(extension) || !owners.has(name)) continue;
      const other = found.get(name);
      if (other !== undefined) {
        const [used, unused] = rank < (ranks.get(name) ?? 0) ? [entry, other] : [other, entry];
        builder.warn(`${show(join(path, unused.name))} is not read because there is ${used.name} beside it`);
        if (used === other) continue;
      }
      found.set(name, entry);
      ranks.set(name, rank);
    }
  }
  return found;
}

// A file is itself; a directory all its variable files in name order, in those of its directories too.
async function filesOf(path: string, entry: Dirent): Promise<string[]> {
  if (!(await isDirectory(path, entry))) return [path];
  const files: string[] = [];
  for (const inner of await listDirectory(path)) {
    const innerPath = join(path, inner.name);
    if (inner.name.startsWith('.') || inner.name.endsWith('~')) continue;
    if (!EXTENSIONS.includes(extname(inner.name))) continue;
    files.push(...(await filesOf(innerPath, inner)));
  }
  return files;
}

async function readVarsFile(path: string, { show, vault }: VarsFileAccess): Promise<VarsLayer[]> {
  const shown = show(path);
  const { text, isVault } = vault.openFile(await fs.readFile(path, 'utf8'), shown);
  const document = new YamlDocument(text, shown, isVault);
  const { root } = document;
  if (root === null || document.value(root) === null) return [];
  let layers: VarsLayer[] = [];
  if (isMap(root)) layers = document.layers(root, shown);
  else
    document.findings.add(document.positionOf(root), `expected a map of variables, found ${document.describe(root)}`);
  document.findings.throwIfAny();
  return layers;
}

async function isDirectory(path: string, entry: Dirent): Promise<boolean> {
  return entry.isDirectory() || (entry.isSymbolicLink() && (await fs.stat(path)).isDirectory());
}

// In name order; a folder that is not there has no entries.
async function listDirectory(path: string): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
