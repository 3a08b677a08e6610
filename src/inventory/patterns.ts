/** Host patterns: `web:&prod:!db1`, `*.example.com`, `~web\d+`, `web[0:2]`. */
import { InventoryError } from '../errors.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { parseHostWord } from './host-word.ts';
import { checkNamePattern, matchingNames } from './name-pattern.ts';
import type { Group, Host, Inventory } from './types.ts';

export interface SelectOptions {
  /** A second pattern that only takes away; a part `@FILE` stands for the patterns in that file, one a line. */
  readonly limit?: string;
  /** Reads the file of an `@FILE`; it may throw its own error. Needed when a limit holds one. */
  readonly readLimitFile?: (path: string) => string;
  /** Told of every name that matches nothing. */
  readonly warn?: (message: string) => void;
}

const LOCALHOST: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * The hosts that a pattern selects, each once. Their order is Ansible's: parts in the order in which they are written,
 * the hosts of a group in the order of its children and members; `all` is thus the order of the inventory.
 *
 * Plain parts are joined, then every `&` part keeps, then every `!` part takes away, wherever they stand. Without a
 * plain part `all` is meant.
 *
 * @throws {@link InventoryError} PATTERN_INVALID for a regular expression or subscript that cannot be used, and for a
 *   pattern or limit that is empty
 * @see https://docs.ansible.com/ansible/latest/inventory_guide/intro_patterns.html
 */
export function selectHosts(inventory: Inventory, pattern: string, options: SelectOptions = {}): Host[] {
  const parts = splitPattern(pattern);
  if (parts.length === 0) throw new InventoryError('PATTERN_INVALID', `expected a host pattern, found '${pattern}'`);
  const selected = evaluate(inventory, parts, options);
  if (options.limit === undefined) return [...selected];
  const limit = evaluate(inventory, limitParts(options.limit, options), options);
  return [...selected].filter((host) => limit.has(host));
}

/** Checks what can be judged of a pattern without an inventory. @throws {@link InventoryError} PATTERN_INVALID */
export function checkHostPattern(pattern: string): void {
  for (const part of splitPattern(pattern)) {
    const expression = part.replace(/^[&!]/, '');
    if (expression.startsWith('~')) checkNamePattern(expression);
  }
}

/**
 * All hosts of a group and its children: its own members first, then those of its children level by level, each in
 * order of first mention.
 */
export function hostsOfGroup(group: Group): Host[] {
  const groups = new Set([group]);
  // A set visits what is added while it is walked: breadth first.
  for (const next of groups) for (const child of next.children) groups.add(child);
  const hosts = new Set<Host>();
  for (const next of groups) for (const host of next.hosts) hosts.add(host);
  return [...hosts];
}

/** The parts of a pattern. With a comma only commas split; else colons do, unless it is one address or `host:port`. */
function splitPattern(pattern: string): string[] {
  const text = pattern.trim();
  if (text.includes(',')) return trimmed(text.split(','));
  if (
    /^[\w.:%*?[\]-]+$/.test(text) &&
    /:/.test(text.replaceAll(/\[[^\]]*\]/g, '')) &&
    !('problem' in parseHostWord(text))
  ) {
    return [text];
  }
  return trimmed(text.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []);
}

function trimmed(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function limitParts(limit: string, options: SelectOptions): string[] {
  const parts = splitPattern(limit).flatMap((part) => {
    if (!part.startsWith('@')) return [part];
    const path = part.slice(1);
    const text = options.readLimitFile?.(path);
    if (text === undefined) {
      throw new InventoryError(
        'PATTERN_INVALID',
        `expected host patterns, found '${part}': files are read in --limit only`,
      );
    }
    return trimmed(text.split(/\r?\n/)).filter((line) => !line.startsWith('#'));
  });
  // Not "no limit": an unset shell variable or an empty file of failed hosts must not select the whole fleet.
  if (parts.length > 0) return parts;
  const hint = "leave --limit out, or write 'all'";
  throw new InventoryError(
    'PATTERN_INVALID',
    `expected --limit to hold a host pattern, found none in '${limit}'; ${hint}`,
    { hint },
  );
}

function evaluate(inventory: Inventory, parts: readonly string[], options: SelectOptions): Set<Host> {
  const plain = parts.filter((part) => !/^[&!]/.test(part));
  let hosts = new Set<Host>();
  for (const part of plain.length === 0 ? ['all'] : plain) {
    for (const host of matchPart(inventory, part, options)) hosts.add(host);
  }
  for (const part of parts.filter((p) => p.startsWith('&'))) {
    const kept = new Set(matchPart(inventory, part.slice(1), options));
    hosts = new Set([...hosts].filter((host) => kept.has(host)));
  }
  for (const part of parts.filter((p) => p.startsWith('!'))) {
    for (const host of matchPart(inventory, part.slice(1), options)) hosts.delete(host);
  }
  return hosts;
}

function matchPart(inventory: Inventory, part: string, options: SelectOptions): readonly Host[] {
  const exact = inventory.hosts.get(part);
  // Also when a group has the same name, and when the name holds characters of a glob.
  if (exact !== undefined) return [exact];
  const { expression, subscript } = splitSubscript(part);
  const hosts = matchNames(inventory, expression, options);
  return subscript === undefined ? hosts : applySubscript(hosts, subscript, part);
}

function matchNames(inventory: Inventory, expression: string, options: SelectOptions): readonly Host[] {
  const isRegExp = expression.startsWith('~');
  const isGlob = !isRegExp && /[*?[]/.test(expression);
  if (!isRegExp && !isGlob) return matchName(inventory, expression, options);
  const matching = matchingNames(expression, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  const hosts = new Set<Host>();
  const groups = [...inventory.groups.values()].filter((group) => matching.has(group.name));
  for (const group of groups) for (const host of hostsOfGroup(group)) hosts.add(host);
  for (const host of inventory.hosts.values()) if (matching.has(host.name)) hosts.add(host);
  if (hosts.size === 0 && groups.length === 0) {
    options.warn?.(`no host or group matches '${expression}'`);
  }
  return [...hosts];
}

function matchName(inventory: Inventory, name: string, options: SelectOptions): readonly Host[] {
  const group = inventory.groups.get(name);
  if (group !== undefined) return hostsOfGroup(group);
  const host = inventory.hosts.get(name);
  if (host !== undefined) return [host];
  const controller = LOCALHOST.has(name) ? findController(inventory, name) : undefined;
  if (controller !== undefined) return [controller];
  const hint = didYouMean(name, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  options.warn?.(`no host or group is named '${name}'${hint === undefined ? '' : `; ${hint}`}`);
  return [];
}

// A host with one of the names stands for all three; without one it is the implicit host.
function findController(inventory: Inventory, name: string): Host | undefined {
  for (const host of inventory.hosts.values()) if (LOCALHOST.has(host.name)) return host;
  return inventory.implicitHost?.(name);
}

interface Subscript {
  readonly start: number;
  /** Included; undefined: only `start`. */
  readonly end?: number;
}

function splitSubscript(part: string): { expression: string; subscript?: Subscript } {
  if (part.startsWith('~')) return { expression: part };
  const match = /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(part);
  if (match?.[1] !== undefined) {
    const [, expression, index, start, end] = match;
    if (index !== undefined) return { expression, subscript: { start: Number(index) } };
    return {
      expression,
      subscript: { start: Number(start), end: end === '' ? Number.POSITIVE_INFINITY : Number(end) },
    };
  }
  const odd = /^(.+)\[([-\d:]+)\]$/.exec(part);
  if (odd !== null) {
    throw new InventoryError('PATTERN_INVALID', `pattern '${part}' has a subscript that cannot be used: [${odd[2]}]`, {
      hint: 'it is [N], [-N], [START:END] or [START:], with END included',
    });
  }
  return { expression: part };
}

function applySubscript(hosts: readonly Host[], { start, end }: Subscript, part: string): readonly Host[] {
  if (hosts.length === 0) return [];
  if (end !== undefined) return hosts.slice(start, end + 1);
  const host = hosts.at(start);
  if (host !== undefined) return [host];
  throw new InventoryError(
    'PATTERN_INVALID',
    `pattern '${part}' asks for host number ${start} of ${hosts.length}; they count from 0`,
  );
}
