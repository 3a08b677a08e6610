/** A YAML document as a tree in which every node knows its place, and the ways from it to plain values. */

import { PyFloat } from '../template/index.ts';

export type YamlNode = YamlScalar | YamlList | YamlMap;

interface Placed {
  /** Offset of the first character of the content (behind an opening quote, on the first line of a block scalar). */
  readonly offset: number;
}

export interface YamlScalar extends Placed {
  readonly kind: 'scalar';
  readonly value: unknown;
  /** Written with `!unsafe`: never templated. */
  readonly unsafe: boolean;
}

export interface YamlList extends Placed {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

export interface YamlEntry {
  readonly key: YamlScalar;
  readonly value: YamlNode;
}

export interface YamlMap extends Placed {
  readonly kind: 'map';
  /** By the key's value: a text, or what an unquoted `1` or `yes` means. */
  readonly entries: ReadonlyMap<unknown, YamlEntry>;
}

/**
 * The plain value of a node, as templates and modules see it: a map with only text keys is an object, any other a Map.
 * `!unsafe` text that looks like a template becomes a template which yields exactly that text (see {@link literalTemplate}).
 */
export function toValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') {
    return node.unsafe && typeof node.value === 'string' ? literalTemplate(node.value) : node.value;
  }
  if (node.kind === 'list') return node.items.map(toValue);
  const entries = [...node.entries.values()];
  if (entries.some((entry) => typeof entry.key.value !== 'string')) {
    return new Map(entries.map((entry) => [toValue(entry.key), toValue(entry.value)]));
  }
  return toObject(node, toValue);
}

/** The node as JSON data, for schema checks: keys are text, floats are numbers. */
export function toJson(node: YamlNode): unknown {
  if (node.kind === 'list') return node.items.map(toJson);
  if (node.kind === 'map') return toObject(node, toJson);
  if (node.value instanceof PyFloat) return node.value.value;
  if (typeof node.value === 'bigint') return Number(node.value);
  return node.value;
}

/** An object with a map's entries, each value made by `convert`; safe for every key, `__proto__` too. */
export function toObject<T>(node: YamlMap, convert: (value: YamlNode) => T): Record<string, T> {
  const result: Record<string, T> = {};
  for (const [key, entry] of node.entries) setOwn(result, String(key), convert(entry.value));
  return result;
}

/** Sets a property as data, also when its name means something to JavaScript. */
export function setOwn<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
  } else target[name] = value;
}

/** The node at a path of keys and indexes, as far as it leads. */
export function nodeAt(node: YamlNode, path: readonly string[]): YamlNode {
  let current = node;
  for (const step of path) {
    const next = childOf(current, step);
    if (next === undefined) break;
    current = next;
  }
  return current;
}

/** What a value is, for messages: "true (boolean)", "'abc'", "a list". */
export function describeNode(node: YamlNode): string {
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.kind === 'map') return node.entries.size === 0 ? 'an empty map' : 'a map';
  return describeValue(node.value);
}

/** The same for a plain value. Long text is cut. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const line = value.replace(/\s+/g, ' ');
    return `'${line.length > 60 ? `${line.slice(0, 57)}...` : line}'`;
  }
  if (typeof value === 'boolean') return `${value} (boolean)`;
  if (value instanceof PyFloat) return `${value.value} (number)`;
  if (typeof value === 'number' || typeof value === 'bigint') return `${value} (number)`;
  return Array.isArray(value) ? 'a list' : 'a map';
}

/**
 * A template whose value is `text` itself, whatever it holds; text without template marks is returned as it is. This is
 * how `!unsafe` values travel: templating them once gives the text, and a result is never templated again.
 */
export function literalTemplate(text: string): string {
  return text.replace(/\{[{%#]/g, "{{ '$&' }}");
}

function childOf(node: YamlNode, step: string): YamlNode | undefined {
  if (node.kind === 'list') return node.items[Number(step)];
  if (node.kind === 'map') {
    for (const [key, entry] of node.entries) if (String(key) === step) return entry.value;
  }
  return undefined;
}
