/** Reads inventory sources, merges them, and refuses what is suspiciously small. */
import { promises as fs, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse, resolve } from 'node:path';
import { isMap } from 'yaml';
import { errorMessage, InventoryError } from '../errors.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { VaultKeyring } from '../util/vault-keyring.ts';
import { parseHostWord } from './host-word.ts';
import { InventoryBuilder } from './model.ts';
import type { PluginReader } from './plugin.ts';
import { resolveInventory } from './resolve.ts';
import { SizeGuard } from './size-guard.ts';
import { sourceKind } from './source-kind.ts';
import { readIni } from './sources/ini.ts';
import { readYaml } from './sources/yaml.ts';
import type { Inventory, VarsLayer } from './types.ts';
import { readVarsFiles, type VarsFileAccess } from './vars-files.ts';
import { YamlDocument } from './yaml-document.ts';

export interface LoadOptions {
  /** Relative sources are below it. */
  readonly cwd: string;
  /** What programs may see of the environment is taken from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the last good lists are kept; without it `maxDrop` cannot be checked, which is warned of. */
  readonly stateDir?: string;
  /** Deadline of each program that lists hosts. @defaultValue 30_000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Whether an inventory without a host is fine. @defaultValue false */
  readonly allowEmpty?: boolean;
  /**
   * Directories of the playbooks that will run, the first play's first: the `group_vars/` and `host_vars/` of the one of the
   * play hold after those of the inventory ({@link Inventory.usePlaybookDir}).
   */
  readonly playbookDirs?: readonly string[];
  /** Fewer hosts than this in the whole inventory are an error. */
  readonly minHosts?: number;
  /** Hosts that may be missing against the last good list of the same sources, in percent of that list. */
  readonly maxDropPercent?: number;
  /** Opens files that are encrypted with ansible-vault. @defaultValue no passwords */
  readonly vault?: VaultKeyring;
  /** What came through pipes, by path: they can be read only once. Filled here. */
  readonly pipes?: Map<string, Buffer>;
  /** Whether a drop beyond the limit is fine this once. @defaultValue false */
  readonly acceptDrop?: boolean;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** File names in an inventory directory that are not inventories, the same as Ansible's. */
const IGNORED_NAMES =
  /^(?:\..*|group_vars|host_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|retry|cfg))$/;

/**
 * Reads sources in order and merges them: of a variable that several give, the last wins. A source is a file, a
 * directory (all its files in name order) or, with a comma in it, a list of hosts (`web1,web2,`).
 *
 * @throws {@link InventoryError} FILE_NOT_FOUND, FILE_UNREADABLE, INVENTORY_INVALID, INVENTORY_SOURCE_FAILED,
 *   INVENTORY_EMPTY, INVENTORY_TOO_SMALL
 * @throws {@link DiagnosticsError} INVENTORY_INVALID with all that is wrong with a file
 */
export async function loadInventory(sources: readonly string[], options: LoadOptions): Promise<Inventory> {
  const loader = new Loader(options);
  for (const source of sources) await withReadErrors(source, loader.loadSource(source));
  await withReadErrors(sources.join("', '"), loader.loadVarsFiles());
  const { guard } = loader;
  const inventory = resolveInventory(loader.builder, sources);
  const firstDir = options.playbookDirs?.[0];
  if (firstDir !== undefined) inventory.usePlaybookDir(resolve(options.cwd, firstDir));
  if (inventory.hosts.size === 0 && options.allowEmpty !== true) {
    const list = sources.map((source) => `'${source}'`).join(', ');
    throw new InventoryError('INVENTORY_EMPTY', `the inventory has no hosts (${list}); --allow-empty accepts that`);
  }
  const { minHosts, maxDropPercent } = options;
  const label = sources.map((source) => loader.describe(source)).join(', ');
  await guard.check(`inventory ${label}`, [...inventory.hosts.keys()], { minHosts, maxDropPercent });
  await guard.save();
  return inventory;
}

class Loader {
  readonly builder = new InventoryBuilder();
  readonly guard: SizeGuard;
  readonly #options: LoadOptions;
  readonly #vault: VaultKeyring;
  // Directories whose group_vars/ and host_vars/ apply; a repeated one counts where it comes last.
  readonly #varsDirectories = new Set<string>();

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#vault = options.vault ?? new VaultKeyring([]);
    this.guard = new SizeGuard({
      stateDir: options.stateDir,
      acceptDrop: options.acceptDrop === true,
      warn: (message) => this.builder.warn(message),
    });
  }

  /** A source without doubt about the working directory: an absolute path, or the list of hosts. */
  describe(source: string): string {
    return source.includes(',') ? source : resolve(this.#options.cwd, source);
  }

  async loadSource(source: string): Promise<void> {
    const path = resolve(this.#options.cwd, source);
    const stats = await statOf(path);
    if (stats === undefined && source.includes(',')) {
      this.#addInline(source);
      return;
    }
    if (stats === undefined) throw notFound(source);
    const directory = stats.isDirectory() ? path : dirname(path);
    this.#varsDirectories.delete(directory);
    this.#varsDirectories.add(directory);
    if (stats.isDirectory()) await this.#loadDirectory(path);
    else await this.#loadFile(path, stats);
  }

  async loadVarsFiles(): Promise<void> {
    for (const directory of this.#varsDirectories) {
      await readVarsFiles(directory, this.builder, ({ files }) => files, this.#files);
    }
    for (const playbookDir of this.#options.playbookDirs ?? []) {
      const directory = resolve(this.#options.cwd, playbookDir);
      if (this.#varsDirectories.has(directory)) continue;
      await readVarsFiles(directory, this.builder, ({ playbook }) => layersIn(playbook, directory), this.#files);
    }
  }

  get #files(): VarsFileAccess {
    return { show: (path) => this.#show(path), vault: this.#vault };
  }

  async #loadDirectory(directory: string): Promise<void> {
    const names = (await fs.readdir(directory)).sort();
    for (const name of names) {
      const path = join(directory, name);
      if (IGNORED_NAMES.test(name)) continue;
      if (name.endsWith('.ini') && (await hasProgramBeside(directory, names, name))) continue;
      const stats = await fs.stat(path);
      if (stats.isDirectory()) await this.#loadDirectory(path);
      else await this.#loadFile(path, stats);
    }
  }

  // What is read again, for `meta: refresh_inventory`, is what came the first time.
  async #readPipe(path: string): Promise<Buffer> {
    const { pipes, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = this.#options;
    const known = pipes?.get(path);
    if (known !== undefined) return known;
    // Loaded when used: most runs read no pipe.
    const { readPipe } = await import('./pipe-source.ts');
    const content = await readPipe(path, this.#show(path), { timeoutMs, signal });
    pipes?.set(path, content);
    return content;
  }

  async #loadFile(path: string, stats: Stats): Promise<void> {
    const shown = this.#show(path);
    const piped = stats.isFIFO() ? await this.#readPipe(path) : undefined;
    const kind = await sourceKind(path, shown, piped);
    const { env, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = this.#options;
    if (kind === 'program') {
      // Loaded when used: most runs start no program.
      const { readScript } = await import('./sources/script.ts');
      await readScript(path, this.builder, { shown, env, timeoutMs, signal });
      return;
    }
    const content = piped?.toString('utf8') ?? (await fs.readFile(path, 'utf8'));
    const { text, isVault } = this.#vault.openFile(content, shown);
    if (kind === 'ini') {
      readIni(text, shown, this.builder);
      return;
    }
    const document = new YamlDocument(text, shown, isVault);
    const plugin = pluginOf(document);
    if (plugin === undefined) readYaml(document, this.builder);
    else await this.#loadPlugin(plugin, path, document);
  }

  async #loadPlugin(plugin: PluginName, path: string, document: YamlDocument): Promise<void> {
    const { env, timeoutMs = DEFAULT_TIMEOUT_MS, signal, allowEmpty = false } = this.#options;
    const { title, load } = PLUGINS[plugin];
    const read = await load();
    const { hosts, limits } = await read(path, document, this.builder, { env, timeoutMs, signal });
    const shown = this.#show(path);
    if (hosts.length === 0 && !allowEmpty) {
      throw new InventoryError('INVENTORY_EMPTY', `${shown}: ${title} lists no hosts; --allow-empty accepts that`);
    }
    await this.guard.check(`inventory ${path}`, hosts, limits);
  }

  #addInline(list: string): void {
    for (const word of list.split(',').map((part) => part.trim())) {
      if (word === '') continue;
      const hosts = parseHostWord(word);
      if ('problem' in hosts)
        throw new InventoryError('INVENTORY_INVALID', `'${list}': expected a host, ${hosts.problem}`);
      for (const name of hosts.names) {
        const host = this.builder.host(name);
        this.builder.addMember(this.builder.ungrouped, host);
        if (hosts.port === undefined) continue;
        this.builder.addHostVars(host, { origin: list, vars: { ansible_port: hosts.port }, isTemplate: false });
      }
    }
  }

  // As the user would write it: relative when it is below the working directory.
  #show(path: string): string {
    const { cwd } = this.#options;
    const prefix = cwd.endsWith('/') ? cwd : `${cwd}/`;
    return isAbsolute(path) && path.startsWith(prefix) ? path.slice(prefix.length) : path;
  }
}

// The file's plugin when it is the configuration of one.
function pluginOf(document: YamlDocument): PluginName | undefined {
  const { root } = document;
  const entry = isMap(root) ? document.entries(root).find(({ key }) => key === 'plugin') : undefined;
  // A group may be named so; a configuration has the plugin's name there.
  const name = entry === undefined ? undefined : document.value(entry.value);
  if (entry === undefined || typeof name !== 'string') return undefined;
  const short = name.replace(/^fleetmend\./, '');
  if (isPluginName(short)) return short;
  const names = Object.keys(PLUGINS);
  const hint =
    didYouMean(name, names) ??
    `other plugins of Ansible work through a program that runs 'ansible-inventory -i FILE --list'`;
  document.findings.add(
    document.positionOf(entry.value),
    `expected the plugin ${names.join(' or ')}, found '${name}'`,
    hint,
  );
  document.findings.throwIfAny();
  return undefined;
}

// Loaded when used: most runs use none.
const PLUGINS = {
  rancher: { title: 'Rancher', load: async () => (await import('./rancher/index.ts')).readRancher },
  kubernetes: { title: 'Kubernetes', load: async () => (await import('./kubernetes/index.ts')).readKubernetes },
} satisfies Record<string, { readonly title: string; readonly load: () => Promise<PluginReader> }>;

type PluginName = keyof typeof PLUGINS;

function isPluginName(name: string): name is PluginName {
  return Object.hasOwn(PLUGINS, name);
}

function layersIn(byDirectory: Map<string, VarsLayer[]>, directory: string): VarsLayer[] {
  const layers = byDirectory.get(directory) ?? [];
  byDirectory.set(directory, layers);
  return layers;
}

// `ec2.ini` beside the program `ec2.py` is that program's configuration.
async function hasProgramBeside(directory: string, names: readonly string[], ini: string): Promise<boolean> {
  for (const name of names) {
    if (name === ini || parse(name).name !== parse(ini).name) continue;
    const stats = await fs.stat(join(directory, name));
    if (stats.isFile() && (stats.mode & 0o111) !== 0) return true;
  }
  return false;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await fs.stat(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

// The file system's errors (no permission, a link that leads nowhere) say which file they are about.
async function withReadErrors(source: string, reading: Promise<void>): Promise<void> {
  try {
    await reading;
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? unreadable(source, error) : error;
  }
}

function notFound(source: string): InventoryError {
  const hint = `for a host of that name write '${basename(source)},' with a comma`;
  return new InventoryError('FILE_NOT_FOUND', `inventory '${source}' was not found; ${hint}`, { hint });
}

function unreadable(source: string, cause: unknown): InventoryError {
  return new InventoryError('FILE_UNREADABLE', `inventory '${source}' cannot be read: ${errorMessage(cause)}`, {
    cause,
  });
}
