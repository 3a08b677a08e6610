/** The inventory while it is being read: hosts and groups that sources add to, in the order of their mention. */
import type { Position } from '../errors.ts';
import type { Group, Host, VarsLayer } from './types.ts';

/**
 * Variables of a host or group by where they come from, because all of one kind go before all of the next whatever
 * group they belong to: the sources, `group_vars/`/`host_vars/` beside them, and those beside the playbook.
 */
export interface LayersByOrigin {
  readonly inventory: VarsLayer[];
  readonly files: VarsLayer[];
  /** By the folder of the playbook: those of the play that runs hold. */
  readonly playbook: Map<string, VarsLayer[]>;
}

export class MutableHost implements Host {
  readonly name: string;
  readonly groups = new Set<MutableGroup>();
  readonly byOrigin: LayersByOrigin = { inventory: [], files: [], playbook: new Map() };
  unreachableReason?: string;

  constructor(name: string) {
    this.name = name;
  }

  get layers(): readonly VarsLayer[] {
    return [...this.byOrigin.inventory, ...this.byOrigin.files];
  }
}

export class MutableGroup implements Group {
  readonly name: string;
  /** Position in the order of first mention; a short key for caches. */
  readonly index: number;
  readonly children = new Set<MutableGroup>();
  readonly parents = new Set<MutableGroup>();
  readonly hosts = new Set<MutableHost>();
  readonly byOrigin: LayersByOrigin = { inventory: [], files: [], playbook: new Map() };
  depth = 0;
  priority = 1;

  constructor(name: string, index: number) {
    this.name = name;
    this.index = index;
  }

  get layers(): readonly VarsLayer[] {
    return [...this.byOrigin.inventory, ...this.byOrigin.files];
  }
}

/** What a source adds to. Adding the same twice changes nothing; of variables the later wins. */
export class InventoryBuilder {
  readonly hosts = new Map<string, MutableHost>();
  readonly groups = new Map<string, MutableGroup>();
  readonly warnings: string[] = [];
  readonly all: MutableGroup;
  readonly ungrouped: MutableGroup;
  readonly #edgePositions = new Map<string, Position>();

  constructor() {
    this.all = this.group('all');
    this.ungrouped = this.group('ungrouped');
    this.addChild(this.all, this.ungrouped);
  }

  /** The group of that name; made when there is none yet. */
  group(name: string): MutableGroup {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new MutableGroup(name, this.groups.size);
      this.groups.set(name, group);
    }
    return group;
  }

  /** The host of that name; made when there is none yet. */
  host(name: string): MutableHost {
    let host = this.hosts.get(name);
    if (host === undefined) {
      host = new MutableHost(name);
      this.hosts.set(name, host);
    }
    return host;
  }

  addMember(group: MutableGroup, host: MutableHost): void {
    group.hosts.add(host);
    if (group !== this.all) host.groups.add(group);
  }

  /** @param source - where the parent says so, for the message when it makes a loop */
  addChild(parent: MutableGroup, child: MutableGroup, source?: Position): void {
    parent.children.add(child);
    child.parents.add(parent);
    if (source !== undefined) this.#edgePositions.set(`${parent.index}>${child.index}`, source);
  }

  /** Where a parent names a child, when a file says so. */
  positionOfChild(parent: MutableGroup, child: MutableGroup): Position | undefined {
    return this.#edgePositions.get(`${parent.index}>${child.index}`);
  }

  addHostVars(host: MutableHost, layer: VarsLayer): void {
    host.byOrigin.inventory.push(layer);
  }

  /** Adds variables of a source to a group; `ansible_group_priority` is taken as the group's and is no variable. */
  addGroupVars(group: MutableGroup, layer: VarsLayer): void {
    const { [PRIORITY]: priority, ...vars } = layer.vars;
    if (priority === undefined) {
      group.byOrigin.inventory.push(layer);
      return;
    }
    const number = Number(priority);
    if (Number.isInteger(number)) group.priority = number;
    else
      this.warn(`${layer.origin}: expected ${PRIORITY} of group '${group.name}' to be an integer, found '${priority}'`);
    group.byOrigin.inventory.push({ ...layer, vars });
  }

  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }
}

const PRIORITY = 'ansible_group_priority';
