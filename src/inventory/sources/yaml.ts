/** YAML and JSON inventories: groups of `hosts`, `children` and `vars`. */
import { isMap, isScalar, type Node } from 'yaml';
import type { Position } from '../../errors.ts';
import { didYouMean } from '../../util/did-you-mean.ts';
import { parseHostWord } from '../host-word.ts';
import type { InventoryBuilder, MutableGroup } from '../model.ts';
import type { MapEntry, YamlDocument } from '../yaml-document.ts';

const GROUP_KEYS = ['hosts', 'children', 'vars'];

/**
 * Adds the groups of a parsed file. Each key at the top is a group; hosts may be ranges; a host or group without
 * anything is written `name:`.
 *
 * @throws {@link DiagnosticsError} INVENTORY_INVALID with everything that is no inventory
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/yaml_inventory.html
 */
export function readYaml(document: YamlDocument, builder: InventoryBuilder): void {
  const reader = new YamlReader(document, builder);
  if (document.root !== null) {
    for (const entry of reader.mapEntries(document.root, 'a map of groups')) reader.readGroup(entry);
  }
  document.findings.throwIfAny();
}

class YamlReader {
  readonly #document: YamlDocument;
  readonly #builder: InventoryBuilder;

  constructor(document: YamlDocument, builder: InventoryBuilder) {
    this.#document = document;
    this.#builder = builder;
  }

  readGroup({ key: name, source, value }: MapEntry): MutableGroup {
    const group = this.#builder.group(name);
    const entries = this.mapEntries(value, `group '${name}' to be a map of hosts, children and vars`);
    // Variables and children first, as Ansible does: it decides the order of the hosts.
    const parts = new Map<string, MapEntry>();
    for (const entry of entries) {
      if (GROUP_KEYS.includes(entry.key)) parts.set(entry.key, entry);
      else this.#unknownKey(entry, name, source);
    }
    const vars = parts.get('vars');
    if (vars !== undefined) this.#readVars(vars, name, (layer) => this.#builder.addGroupVars(group, layer));
    const children = parts.get('children');
    if (children !== undefined) {
      for (const child of this.#namesOrMap(children, `children of group '${name}' to be a map of groups`)) {
        this.#builder.addChild(group, this.readGroup(child), child.source);
      }
    }
    const hosts = parts.get('hosts');
    if (hosts !== undefined) {
      for (const host of this.#namesOrMap(hosts, `hosts of group '${name}' to be a map of hosts`)) {
        this.#readHost(host, group);
      }
    }
    return group;
  }

  /** The entries of a map, none for nothing; anything else is a finding. */
  mapEntries(node: Node | null, expected: string): readonly MapEntry[] {
    if (isMap(node)) return this.#document.entries(node);
    if (node !== null && this.#document.value(node) !== null) {
      const found = this.#document.describe(node);
      this.#document.findings.add(this.#document.positionOf(node), `expected ${expected}, found ${found}`);
    }
    return [];
  }

  // `hosts: web1` means `hosts: {web1: }`.
  #namesOrMap(entry: MapEntry, expected: string): readonly MapEntry[] {
    const value = isScalar(entry.value) ? this.#document.value(entry.value) : undefined;
    if (typeof value === 'string') {
      return [{ key: value, source: this.#document.positionOf(entry.value), value: null }];
    }
    return this.mapEntries(entry.value, expected);
  }

  #readHost({ key, source, value }: MapEntry, group: MutableGroup): void {
    const hosts = parseHostWord(key);
    if ('problem' in hosts) {
      this.#document.findings.add(source, `expected a host, ${hosts.problem}`);
      return;
    }
    const added = hosts.names.map((name) => this.#builder.host(name));
    for (const host of added) this.#builder.addMember(group, host);
    if (hosts.port !== undefined) {
      const layer = {
        origin: source.file,
        vars: { ansible_port: hosts.port },
        isTemplate: false,
        positionOf: () => source,
      };
      for (const host of added) this.#builder.addHostVars(host, layer);
    }
    this.#readVars({ key, source, value }, key, (layer) => {
      for (const host of added) this.#builder.addHostVars(host, layer);
    });
  }

  #readVars(
    { value }: MapEntry,
    owner: string,
    add: (layer: Parameters<InventoryBuilder['addHostVars']>[1]) => void,
  ): void {
    if (isMap(value)) {
      for (const layer of this.#document.layers(value, this.#document.findings.source.path)) add(layer);
    } else {
      this.mapEntries(value, `the variables of '${owner}' to be a map`);
    }
  }

  #unknownKey({ key, source }: MapEntry, group: string, groupSource: Position): void {
    const hint =
      (GROUP_KEYS.includes(group) ? `put '${group}' under a group, such as 'all'` : didYouMean(key, GROUP_KEYS)) ??
      `groups stand under 'children' of '${group}' (line ${groupSource.line}), hosts under 'hosts', variables under 'vars'`;
    this.#document.findings.add(source, `expected hosts, children or vars in group '${group}', found '${key}'`, hint);
  }
}
