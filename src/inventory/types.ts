/**
 * What an inventory is once it is read: hosts, groups and their variables, and what was noticed on the way.
 *
 * host: a machine by its inventory name. group: a named set of hosts and child groups. source: one `-i` (a file, a
 * directory, a program). pattern: text that selects hosts (`web:&prod:!db1`).
 */
import type { Position } from '../errors.ts';

export type Vars = Readonly<Record<string, unknown>>;

/** Variables of one origin, kept apart so that precedence is decided once, at the end. */
export interface VarsLayer {
  readonly origin: string;
  readonly vars: Vars;
  /** Where a variable is written, for errors in its template. */
  positionOf?(name: string): Position | undefined;
  /** False: data from a program that lists hosts (Rancher); its text is never templated. */
  readonly isTemplate: boolean;
  /** The file that holds them was encrypted: they are not shown. */
  readonly isSecret?: boolean;
}

export interface Host {
  readonly name: string;
  /** Groups the host is a direct member of, in order of first mention; never `all`, but `ungrouped` when there is no other. */
  readonly groups: ReadonlySet<Group>;
  /** Host variables: inventory file first, then host_vars/ beside it; later wins. */
  readonly layers: readonly VarsLayer[];
  /** Set when the source knows the host but no address of it: never dialled, reported unreachable with this reason. */
  readonly unreachableReason?: string;
}

export interface Group {
  readonly name: string;
  readonly children: ReadonlySet<Group>;
  readonly parents: ReadonlySet<Group>;
  /** Direct members in order of first mention. */
  readonly hosts: ReadonlySet<Host>;
  /** Longest way up to `all`; `all` is 0. Deeper groups win. */
  readonly depth: number;
  /** `ansible_group_priority`; breaks ties between groups of one depth. Default 1. */
  readonly priority: number;
  /** Group variables: inventory file first, then group_vars/ beside it; later wins. */
  readonly layers: readonly VarsLayer[];
}

export interface Inventory {
  /** In order of first mention over all sources. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Always holds `all` and `ungrouped`. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly warnings: readonly string[];
  /** The sources as given, for messages and `inventory_file`/`inventory_dir`. */
  readonly sources: readonly string[];
  /** Variables of a host from groups and itself, lowest precedence first; computed on first use, then kept. */
  layersOf(host: Host): readonly VarsLayer[];
  /** Makes `group_vars/` and `host_vars/` of this directory, an absolute path, those of the playbook in {@link layersOf}. */
  usePlaybookDir(directory: string): void;
  /** A host for the controller itself, for the names `localhost`, `127.0.0.1` and `::1` when no source names them. */
  implicitHost?(name: string): Host;
  /** Grows with each change of hosts, groups or their variables. */
  readonly version: number;
  /**
   * Adds a host, or groups and variables to one that is there; groups are made.
   *
   * @returns whether that was news
   */
  addHost(name: string, groups: readonly string[], vars: Vars): boolean;
  /**
   * Makes a host a member of a group, which is made, and made a child of these parents.
   *
   * @returns whether that was news
   * @throws InventoryError INVENTORY_INVALID when the group would be its own ancestor
   */
  addToGroup(host: Host, group: string, parents: readonly string[]): boolean;
  /** Takes over what the sources say now; what was added meanwhile stays. */
  replaceWith(other: Inventory): void;
}
