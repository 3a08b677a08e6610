/** Turns what the sources said into an inventory: implicit groups, depths, loops, and the variables' precedence. */
import { InventoryError } from '../errors.ts';
import { type InventoryBuilder, type MutableGroup, MutableHost } from './model.ts';
import type { Host, Inventory, VarsLayer } from './types.ts';

/**
 * Closes the builder: groups without a parent become children of `all`, hosts without a group members of `ungrouped`,
 * every group gets its depth.
 *
 * @throws {@link InventoryError} INVENTORY_INVALID when a group is its own ancestor
 */
export function resolveInventory(builder: InventoryBuilder, sources: readonly string[]): Inventory {
  const { all, ungrouped } = builder;
  for (const group of builder.groups.values()) {
    if (group !== all && group.parents.size === 0) builder.addChild(all, group);
  }
  for (const host of builder.hosts.values()) {
    if (host.groups.size === 0) builder.addMember(ungrouped, host);
    else if (host.groups.size > 1 && host.groups.delete(ungrouped)) ungrouped.hosts.delete(host);
    // Another source or host_vars/ knows an address.
    if (host.layers.some(({ vars }) => Object.hasOwn(vars, 'ansible_host'))) host.unreachableReason = undefined;
  }
  setDepths(builder);
  warnOfNames(builder);
  return new ResolvedInventory(builder, sources);
}

class ResolvedInventory implements Inventory {
  readonly hosts: ReadonlyMap<string, MutableHost>;
  readonly groups: ReadonlyMap<string, MutableGroup>;
  readonly warnings: readonly string[];
  readonly sources: readonly string[];
  readonly #all: MutableGroup;
  readonly #groupLayers = new Map<string, readonly VarsLayer[]>();
  readonly #layers = new Map<Host, readonly VarsLayer[]>();
  readonly #implicit = new Map<string, MutableHost>();

  constructor(builder: InventoryBuilder, sources: readonly string[]) {
    this.hosts = builder.hosts;
    this.groups = builder.groups;
    this.warnings = builder.warnings;
    this.sources = sources;
    this.#all = builder.all;
  }

  layersOf(host: Host): readonly VarsLayer[] {
    let layers = this.#layers.get(host);
    if (layers === undefined) {
      layers = [...this.#layersOfGroups(host), ...host.layers];
      this.#layers.set(host, layers);
    }
    return layers;
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

  // One list for all hosts that are direct members of the same groups.
  #layersOfGroups(host: Host): readonly VarsLayer[] {
    const key = [...host.groups].map((group) => group.name).join('\n');
    let layers = this.#groupLayers.get(key);
    if (layers === undefined) {
      layers = mergeGroups(this.#all, ancestorsOf(host, this.groups));
      this.#groupLayers.set(key, layers);
    }
    return layers;
  }
}

// Lowest precedence first. `all` goes before the other groups within each origin.
function mergeGroups(all: MutableGroup, groups: readonly MutableGroup[]): readonly VarsLayer[] {
  const sorted = groups.toSorted(
    (a, b) => a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  return [
    ...all.byOrigin.inventory,
    ...sorted.flatMap((group) => group.byOrigin.inventory),
    ...all.byOrigin.files,
    ...all.byOrigin.playbook,
    ...sorted.flatMap((group) => group.byOrigin.files),
    ...sorted.flatMap((group) => group.byOrigin.playbook),
  ];
}

// The host's groups and all above them, without `all`.
function ancestorsOf(host: Host, groups: ReadonlyMap<string, MutableGroup>): MutableGroup[] {
  const found = new Set<MutableGroup>();
  const queue = [...host.groups].flatMap((group) => groups.get(group.name) ?? []);
  for (let group = queue.pop(); group !== undefined; group = queue.pop()) {
    if (group.name === 'all' || found.has(group)) continue;
    found.add(group);
    queue.push(...group.parents);
  }
  return [...found];
}

// Longest way down from `all`, in topological order; what is left over is in a loop or below one.
function setDepths(builder: InventoryBuilder): void {
  const waiting = new Map<MutableGroup, number>();
  for (const group of builder.groups.values()) waiting.set(group, group.parents.size);
  const ready = [...builder.groups.values()].filter((group) => group.parents.size === 0);
  for (let group = ready.pop(); group !== undefined; group = ready.pop()) {
    waiting.delete(group);
    for (const child of group.children) {
      child.depth = Math.max(child.depth, group.depth + 1);
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  const first = [...waiting.keys()][0];
  if (first !== undefined) throw loopError(builder, first, waiting);
}

function loopError(builder: InventoryBuilder, start: MutableGroup, left: ReadonlyMap<MutableGroup, number>): Error {
  // Every group that is left has a parent that is left: walking up must come back to a group already seen.
  const path: MutableGroup[] = [];
  let group = start;
  while (!path.includes(group)) {
    path.push(group);
    group = [...group.parents].find((parent) => left.has(parent)) ?? group;
  }
  const loop = [...path.slice(path.indexOf(group)), group].toReversed();
  const edge = loop
    .map((parent, i) => loop[i + 1] && builder.positionOfChild(parent, loop[i + 1] ?? parent))
    .find((position) => position !== undefined);
  const where = edge === undefined ? '' : `${edge.file}:${edge.line}:${edge.column}: `;
  const names = loop.map((member) => `'${member.name}'`).join(' > ');
  return new InventoryError('INVENTORY_INVALID', `${where}expected groups without loops, found ${names}`, {
    source: edge,
    hint: 'remove one of these children',
  });
}

function warnOfNames(builder: InventoryBuilder): void {
  const odd = [...builder.groups.keys()].filter((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd.length > 0) {
    const list = odd.slice(0, 5).join("', '");
    const more = odd.length > 5 ? ` and ${odd.length - 5} more` : '';
    builder.warn(
      `group names with other characters than letters, digits and '_' cannot be written as groups.NAME in templates: '${list}'${more}`,
    );
  }
  for (const name of builder.hosts.keys()) {
    if (builder.groups.has(name)) builder.warn(`'${name}' is the name of a group and of a host`);
  }
}
