/** An inventory as text, in the shapes of `ansible-inventory`. */
import { Document, Scalar } from 'yaml';
import { InventoryError } from '../errors.ts';
import { dictEntries, isDict } from '../template/values/dict.ts';
import { PyFloat } from '../template/values/numbers.ts';
import { toText } from '../template/values/text.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { unreachable } from '../util/unreachable.ts';
import { vaultTextOf } from '../util/vaulted-value.ts';
import { selectHosts } from './patterns.ts';
import { mergeLayers, toSortedJson } from './render-values.ts';
import type { Group, Host, Inventory } from './types.ts';

/**
 * - `list`: JSON with groups and `_meta.hostvars`, as `ansible-inventory --list`
 * - `graph`: the tree below a group, `all` by default
 * - `host`: JSON with the variables of one host
 * - `yaml`: a static inventory that says the same
 */
export type RenderMode =
  | { readonly kind: 'list' }
  | { readonly kind: 'graph'; readonly group?: string }
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'yaml' };

export interface RenderOptions {
  /** Only these hosts are shown. @defaultValue all */
  readonly hosts?: readonly Host[];
  /** Whether the graph has variables, too. @defaultValue false */
  readonly vars?: boolean;
}

/**
 * The inventory as text that ends in a line break. Variables are shown merged and as they are written, without templates
 * being evaluated; passwords are `[REDACTED]`.
 *
 * @throws {@link InventoryError} NO_HOSTS_MATCHED for a host or group that is not there
 * @see https://docs.ansible.com/ansible/latest/cli/ansible-inventory.html
 */
export function renderInventory(inventory: Inventory, mode: RenderMode, options: RenderOptions = {}): string {
  const shown = options.hosts === undefined ? undefined : new Set(options.hosts);
  const renderer = new Renderer(inventory, shown, options.vars === true);
  switch (mode.kind) {
    case 'list':
      return `${toSortedJson(renderer.list())}\n`;
    case 'graph':
      return `${renderer.graph(mode.group ?? 'all').join('\n')}\n`;
    case 'host':
      return `${toSortedJson(renderer.host(mode.name))}\n`;
    case 'yaml':
      return renderer.yaml();
    default:
      return unreachable(mode);
  }
}

/** YAML 1.1 would write a Map as an ordered map, which is a list. */
const ORDERED_TAGS = /:(?:omap|pairs|set)$/;

class Renderer {
  readonly #inventory: Inventory;
  readonly #shown: ReadonlySet<Host> | undefined;
  readonly #withVars: boolean;

  constructor(inventory: Inventory, shown: ReadonlySet<Host> | undefined, withVars: boolean) {
    this.#inventory = inventory;
    this.#shown = shown;
    this.#withVars = withVars;
  }

  list(): Map<string, unknown> {
    const hostvars = new Map<string, unknown>();
    for (const host of this.#inventory.hosts.values()) {
      if (!this.#isShown(host)) continue;
      const vars = this.#varsOf(host);
      if (vars.size > 0) hostvars.set(host.name, vars);
    }
    const result = new Map<string, unknown>([['_meta', new Map([['hostvars', hostvars]])]]);
    for (const group of this.#inventory.groups.values()) {
      const entry = new Map<string, string[]>();
      // `all` has its hosts through its children, `ungrouped` among them.
      const hosts = group.name === 'all' ? [] : this.#hostsOf(group);
      if (hosts.length > 0) entry.set('hosts', hosts.map(nameOf));
      if (group.children.size > 0) entry.set('children', [...group.children].map(nameOf));
      if (entry.size > 0) result.set(group.name, entry);
    }
    return result;
  }

  host(name: string): Map<string, unknown> {
    const host = this.#inventory.hosts.get(name) ?? selectHosts(this.#inventory, name).find((h) => h.name === name);
    if (host !== undefined) return this.#varsOf(host);
    throw missing('host', name, this.#inventory.hosts.keys());
  }

  graph(name: string): string[] {
    const group = this.#inventory.groups.get(name);
    if (group === undefined) throw missing('group', name, this.#inventory.groups.keys());
    return this.#graphLines(group, 0);
  }

  yaml(): string {
    const all = this.#inventory.groups.get('all');
    const seen = new Set<Host>();
    const tree = all === undefined ? new Map() : new Map([['all', this.#yamlGroup(all, seen)]]);
    // YAML 1.1 is what readers of inventories speak: it quotes `yes` and `0644` where they are texts.
    const document = new Document(toYamlValue(tree), {
      version: '1.1',
      aliasDuplicateObjects: false,
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !ORDERED_TAGS.test(tag.tag)),
    });
    return document.toString({ lineWidth: 0, directives: false, singleQuote: true });
  }

  #graphLines(group: Group, depth: number): string[] {
    const lines = [`${indentOf(depth)}@${group.name}:`];
    for (const child of group.children) lines.push(...this.#graphLines(child, depth + 1));
    if (group.name !== 'all') {
      for (const host of this.#hostsOf(group)) {
        lines.push(`${indentOf(depth + 1)}${host.name}`);
        if (this.#withVars) lines.push(...varLines(this.#varsOf(host), depth + 2));
      }
    }
    if (this.#withVars) lines.push(...varLines(mergeLayers(group.layers), depth + 1));
    return lines;
  }

  // Variables stand at a host's first mention only.
  #yamlGroup(group: Group, seen: Set<Host>): Map<string, unknown> {
    const entry = new Map<string, unknown>();
    const children = new Map<string, unknown>();
    for (const child of group.children) {
      const inner = this.#yamlGroup(child, seen);
      if (inner.size > 0 || child.name !== 'ungrouped') children.set(child.name, inner);
    }
    if (children.size > 0) entry.set('children', children);
    const hosts = new Map<string, unknown>();
    for (const host of group.name === 'all' ? [] : this.#hostsOf(group)) {
      hosts.set(host.name, seen.has(host) ? new Map() : this.#varsOf(host));
      seen.add(host);
    }
    if (hosts.size > 0) entry.set('hosts', hosts);
    return entry;
  }

  #hostsOf(group: Group): Host[] {
    return [...group.hosts].filter((host) => this.#isShown(host));
  }

  #isShown(host: Host): boolean {
    return this.#shown?.has(host) ?? true;
  }

  #varsOf(host: Host): Map<string, unknown> {
    return mergeLayers(this.#inventory.layersOf(host));
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function indentOf(depth: number): string {
  return depth === 0 ? '' : `${'  |'.repeat(depth)}--`;
}

function varLines(vars: ReadonlyMap<string, unknown>, depth: number): string[] {
  return [...vars].map(([name, value]) => `${indentOf(depth)}{${name} = ${vaultTextOf(value) ?? toText(value)}}`);
}

function toYamlValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toYamlValue);
  if (value instanceof PyFloat) return Object.assign(new Scalar(value.value), { minFractionDigits: 1 });
  const vaultText = vaultTextOf(value);
  if (vaultText !== undefined)
    return Object.assign(new Scalar(vaultText), { tag: '!vault', type: Scalar.BLOCK_LITERAL });
  if (isDict(value)) return new Map(dictEntries(value).map(([key, item]) => [key, toYamlValue(item)]));
  return value;
}

function missing(kind: string, name: string, known: Iterable<string>): InventoryError {
  const hint = didYouMean(name, known);
  const message = `the inventory has no ${kind} '${name}'${hint === undefined ? '' : `; ${hint}`}`;
  return new InventoryError('NO_HOSTS_MATCHED', message, { hint });
}
