/** An inventory that is read, and may grow while a run goes on (`add_host`, `group_by`, `meta: refresh_inventory`). */
import { isDeepStrictEqual } from 'node:util';
import { InventoryError, internalError } from '../errors.ts';
import { type InventoryBuilder, type MutableGroup, MutableHost } from './model.ts';
import type { Host, Inventory, Vars, VarsLayer } from './types.ts';

/**
 * What is worked out from hosts and groups is kept until one of them changes: {@link version} says so to those who keep
 * something themselves.
 */
export class LiveInventory implements Inventory {
  #builder: InventoryBuilder;
  #version = 0;
  #playbookDir: string | undefined;
  readonly #sources: readonly string[];
  readonly #groupLayers = new Map<string, readonly VarsLayer[]>();
  readonly #layers = new Map<Host, readonly VarsLayer[]>();
  readonly #implicit = new Map<string, MutableHost>();
  /** What was added to what the sources say, to be done again when they are read again. */
  readonly #additions: (() => void)[] = [];

  constructor(builder: InventoryBuilder, sources: readonly string[]) {
    this.#builder = builder;
    this.#sources = sources;
  }

  get hosts(): ReadonlyMap<string, MutableHost> {
    return this.#builder.hosts;
  }

  get groups(): ReadonlyMap<string, MutableGroup> {
    return this.#builder.groups;
  }

  get warnings(): readonly string[] {
    return this.#builder.warnings;
  }

  get sources(): readonly string[] {
    return this.#sources;
  }

  get version(): number {
    return this.#version;
  }

  layersOf(known: Host): readonly VarsLayer[] {
    // The sources may have been read again since.
    const host = this.hosts.get(known.name) ?? known;
    let layers = this.#layers.get(host);
    if (layers === undefined) {
      layers = [
        ...this.#layersOfGroups(host),
        ...host.layers,
        ...(host instanceof MutableHost ? playbookLayers(host, this.#playbookDir) : []),
      ];
      this.#layers.set(host, layers);
    }
    return layers;
  }

  usePlaybookDir(directory: string): void {
    if (directory === this.#playbookDir) return;
    this.#playbookDir = directory;
    this.#layers.clear();
    this.#groupLayers.clear();
  }

  implicitHost(name: string): Host {
    let host = this.#implicit.get(name);
    if (host === undefined) {
      host = new MutableHost(name);
      const vars = { ansible_connection: 'local' };
      host.byOrigin.inventory.push({ origin: 'implicit localhost', vars, isTemplate: false });
      this.#implicit.set(name, host);
    }
    return host;
  }

  addHost(name: string, groups: readonly string[], vars: Vars): boolean {
    const add = () => this.#addHost(name, groups, vars);
    this.#additions.push(add);
    return add();
  }

  addToGroup(host: Host, groupName: string, parents: readonly string[]): boolean {
    const add = () => this.#addToGroup(host, groupName, parents);
    const isNew = add();
    this.#additions.push(add);
    return isNew;
  }

  replaceWith(other: Inventory): void {
    if (!(other instanceof LiveInventory)) throw internalError('an inventory of another kind');
    this.#builder = other.#builder;
    this.#changed();
    for (const add of this.#additions) add();
  }

  #addHost(name: string, groupNames: readonly string[], vars: Vars): boolean {
    const builder = this.#builder;
    const { all, ungrouped } = builder;
    let isNew = !builder.hosts.has(name);
    const host = builder.host(name);
    // As in Ansible it is a member of `all` itself, which puts it before others in the order of that group.
    if (isNew) builder.addMember(all, host);
    for (const groupName of groupNames) isNew = this.#join(host, this.#group(groupName)) || isNew;
    if (host.groups.size === 0) builder.addMember(ungrouped, host);
    isNew = setAddedVars(host, vars) || isNew;
    if (isNew) this.#changed(host);
    return isNew;
  }

  #addToGroup(known: Host, groupName: string, parentNames: readonly string[]): boolean {
    const host = this.#builder.hosts.get(known.name) ?? this.#implicit.get(known.name);
    if (host === undefined) return false;
    let isNew = !this.#builder.groups.has(groupName);
    // A new group is a child of its parents only.
    const group = parentNames.length === 0 ? this.#group(groupName) : this.#builder.group(groupName);
    for (const parentName of parentNames) isNew = this.#adopt(this.#group(parentName), group) || isNew;
    isNew = this.#join(host, group) || isNew;
    if (isNew) this.#changed(host);
    return isNew;
  }

  // The group of that name; a new one is a child of `all`.
  #group(name: string): MutableGroup {
    const known = this.#builder.groups.get(name);
    if (known !== undefined) return known;
    const group = this.#builder.group(name);
    this.#builder.addChild(this.#builder.all, group);
    group.depth = 1;
    return group;
  }

  #join(host: MutableHost, group: MutableGroup): boolean {
    if (group.hosts.has(host)) return false;
    const { ungrouped } = this.#builder;
    this.#builder.addMember(group, host);
    if (host.groups.size > 1 && host.groups.delete(ungrouped)) ungrouped.hosts.delete(host);
    return true;
  }

  #adopt(parent: MutableGroup, child: MutableGroup): boolean {
    if (parent.children.has(child)) return false;
    if (parent === child || ancestorsOf(new Set([parent])).includes(child)) {
      const message = `expected groups without loops, found '${parent.name}' above and below '${child.name}'`;
      throw new InventoryError('INVENTORY_INVALID', message);
    }
    this.#builder.addChild(parent, child);
    deepen(child, parent.depth + 1);
    // It changes the variables of hosts that are in the child already.
    this.#groupLayers.clear();
    this.#layers.clear();
    return true;
  }

  // Without a host: everything may be another.
  #changed(host?: Host): void {
    this.#version++;
    if (host !== undefined) {
      this.#layers.delete(host);
      return;
    }
    this.#layers.clear();
    this.#groupLayers.clear();
  }

  // One list for all hosts that are direct members of the same groups.
  #layersOfGroups(host: Host): readonly VarsLayer[] {
    const key = [...host.groups].map((group) => group.name).join('\n');
    let layers = this.#groupLayers.get(key);
    if (layers === undefined) {
      const groups = [...host.groups].flatMap((group) => this.groups.get(group.name) ?? []);
      layers = mergeGroups(this.#builder.all, ancestorsOf(groups), this.#playbookDir);
      this.#groupLayers.set(key, layers);
    }
    return layers;
  }
}

const ADDED = 'add_host';

// One layer however often the host is added; what is there already stays when it is not named. @returns whether it is news
function setAddedVars(host: MutableHost, vars: Vars): boolean {
  const { inventory } = host.byOrigin;
  const index = inventory.findIndex(({ origin }) => origin === ADDED);
  const known = inventory[index]?.vars ?? {};
  if (Object.entries(vars).every(([name, value]) => isDeepStrictEqual(known[name], value))) return false;
  const layer = { origin: ADDED, vars: { ...known, ...vars }, isTemplate: false };
  if (index < 0) inventory.push(layer);
  else inventory[index] = layer;
  return true;
}

// Deeper groups win; the depth is the longest way from `all`.
function deepen(group: MutableGroup, depth: number): void {
  if (group.depth >= depth) return;
  group.depth = depth;
  for (const child of group.children) deepen(child, depth + 1);
}

// Lowest precedence first. `all` goes before the other groups within each origin.
function mergeGroups(
  all: MutableGroup,
  groups: readonly MutableGroup[],
  playbookDir: string | undefined,
): readonly VarsLayer[] {
  const sorted = groups.toSorted(
    (a, b) => a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  return [
    ...all.byOrigin.inventory,
    ...sorted.flatMap((group) => group.byOrigin.inventory),
    ...all.byOrigin.files,
    ...playbookLayers(all, playbookDir),
    ...sorted.flatMap((group) => group.byOrigin.files),
    ...sorted.flatMap((group) => playbookLayers(group, playbookDir)),
  ];
}

function playbookLayers({ byOrigin }: MutableHost | MutableGroup, directory: string | undefined): readonly VarsLayer[] {
  return directory === undefined ? [] : (byOrigin.playbook.get(directory) ?? []);
}

// These groups and all above them, without `all`.
function ancestorsOf(groups: Iterable<MutableGroup>): MutableGroup[] {
  const found = new Set<MutableGroup>();
  const queue = [...groups];
  for (let group = queue.pop(); group !== undefined; group = queue.pop()) {
    if (group.name === 'all' || found.has(group)) continue;
    found.add(group);
    queue.push(...group.parents);
  }
  return [...found];
}
