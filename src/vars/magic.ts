/** The variables that the engine gives: who the host is, who else there is, how the run was started. */

import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Host, Inventory } from '../inventory/types.ts';
import type { Scope } from '../template/types.ts';
import { GroupsDict, ScopeDict, ScopesDict } from './lazy-dict.ts';
import type { MagicVars } from './scope.ts';

/** Text that stands for "leave this argument out": the value of `omit`, random so that no data can be it. */
export const OMIT = `omit-${randomUUID()}`;

// The release of ansible-core whose behaviour is matched, for playbooks that ask before they start.
const ANSIBLE_VERSION = { full: '2.14.18', major: 2, minor: 14, revision: 18, string: '2.14.18' };

export interface RunMagicOptions {
  readonly inventory: Inventory;
  readonly version: string;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly forks: number;
  readonly verbosity: number;
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** The folder of the playbook that runs. */
  readonly playbookDir: () => string;
  /** The whole scope of another host, for `hostvars`. */
  readonly hostScope: (name: string) => Scope | undefined;
}

/** What differs from play to play. */
export interface PlayMagic {
  readonly playName: string;
  /** All hosts of the play, and those that its tasks add to the inventory. */
  readonly playHostsAll: () => readonly string[];
  /** Hosts still in the play; read when asked. */
  readonly playHosts: () => readonly string[];
  readonly playBatch: () => readonly string[];
  /** Names of the play's roles, and of those that they depend on. */
  readonly roles: () => { readonly direct: readonly string[]; readonly dependent: readonly string[] };
}

/** What the role of a task adds. */
export type TaskMagic = ReadonlyMap<string, unknown>;

/** Makes the magic variables; what all hosts share is computed once a run, on first use. */
export class MagicFactory {
  readonly #shared: Map<string, () => unknown>;
  readonly #inventory: Inventory;

  constructor(options: RunMagicOptions) {
    const { inventory } = options;
    this.#inventory = inventory;
    const source = inventory.sources[0];
    this.#shared = new Map<string, () => unknown>([
      ['groups', once(() => new GroupsDict(inventory))],
      ['hostvars', once(() => new ScopesDict(() => inventory.hosts, options.hostScope))],
      ['omit', () => OMIT],
      ['playbook_dir', options.playbookDir],
      ['inventory_dir', () => (source === undefined ? null : dirname(resolve(source)))],
      ['inventory_file', () => (source === undefined ? null : resolve(source))],
      ['ansible_inventory_sources', () => [...inventory.sources]],
      ['ansible_check_mode', () => options.checkMode],
      ['ansible_diff_mode', () => options.diffMode],
      ['ansible_forks', () => options.forks],
      ['ansible_verbosity', () => options.verbosity],
      ['ansible_run_tags', () => (options.tags.length === 0 ? ['all'] : [...options.tags])],
      ['ansible_skip_tags', () => [...options.skipTags]],
      ['ansible_version', () => ANSIBLE_VERSION],
      // Its settings are ours, and there is no Python of the run: what a playbook would name for the controller itself.
      ['ansible_config_file', () => null],
      ['ansible_playbook_python', () => 'python3'],
      ['fleetmend_version', () => options.version],
    ]);
    const { limit } = options;
    if (limit !== undefined) this.#shared.set('ansible_limit', () => limit);
  }

  /** Those that need no host: what a play's own keywords are evaluated with. */
  forPlay(): MagicVars {
    const shared = this.#shared;
    return { has: (name) => shared.has(name), get: (name) => shared.get(name)?.(), names: () => shared.keys() };
  }

  /** The magic variables of one host in one play (`play` undefined: as `hostvars` shows the host). */
  for(host: Host, play?: PlayMagic, scope?: () => Scope, task?: TaskMagic): MagicVars {
    const inventory = this.#inventory;
    const own = new Map<string, () => unknown>([
      ['inventory_hostname', () => host.name],
      ['inventory_hostname_short', () => host.name.split('.')[0]],
      ['group_names', () => groupNames(inventory.hosts.get(host.name) ?? host)],
    ]);
    if (play !== undefined) {
      own.set('ansible_play_name', () => play.playName);
      own.set('ansible_play_hosts', play.playHosts);
      own.set('play_hosts', play.playBatch);
      own.set('ansible_play_hosts_all', play.playHostsAll);
      own.set('ansible_play_batch', play.playBatch);
      own.set('ansible_play_role_names', () => play.roles().direct);
      own.set('ansible_dependent_role_names', () => play.roles().dependent);
      own.set('ansible_role_names', () => [...new Set([...play.roles().dependent, ...play.roles().direct])]);
    }
    if (scope !== undefined) {
      own.set('vars', () => new ScopeDict(scope));
    }
    for (const [name, value] of task ?? []) own.set(name, () => value);
    const shared = this.#shared;
    return {
      has: (name) => own.has(name) || shared.has(name),
      get: (name) => (own.get(name) ?? shared.get(name))?.(),
      names: () => [...own.keys(), ...shared.keys()],
    };
  }
}

function once<T>(compute: () => T): () => T {
  let done = false;
  let value: T;
  return () => {
    if (!done) {
      value = compute();
      done = true;
    }
    return value;
  };
}

// All groups of the host with their parents, without `all`, sorted by name as Ansible does.
function groupNames(host: Host): string[] {
  const names = new Set<string>();
  const queue = [...host.groups];
  for (let group = queue.pop(); group !== undefined; group = queue.pop()) {
    if (group.name === 'all' || names.has(group.name)) continue;
    names.add(group.name);
    queue.push(...group.parents);
  }
  return [...names].sort();
}
