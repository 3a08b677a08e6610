/** YAML text -> {@link YamlNode} tree: YAML 1.1 as Ansible reads it, with every finding placed. */

import type { Node, Pair, Scalar } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { PyFloat } from '../template/index.ts';
import { bracesFinding, syntaxFindings } from '../util/yaml-errors.ts';
import { parseYaml, readScalar, type TagProblem, tagOffset, tagProblem } from '../util/yaml-text.ts';
import type { Findings } from './findings.ts';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml-node.ts';

/** How many nodes all aliases (`*name`) of a file may stand for together; beyond it the file is taken for an attack. */
const MAX_ALIASED_NODES = 1_000_000;

/**
 * Reads one YAML document. What is wrong goes into `findings`.
 *
 * @returns the root, null for a file without content, undefined when the syntax is too broken to go on
 */
export function readYamlDocument(findings: Findings): YamlNode | null | undefined {
  const { text } = findings.source;
  const document = parseYaml(text);
  if (document.errors.length > 0) {
    for (const { offset, message, hint } of syntaxFindings(document, findings.source)) {
      findings.add('YAML_SYNTAX', offset, message, hint);
    }
    return undefined;
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.source === '')) return null;
  return new Converter(findings).convert(root);
}

/** Whether the whole file is encrypted; that is noted. */
export function isVault(findings: Findings): boolean {
  if (!findings.source.text.startsWith('$ANSIBLE_VAULT;')) return false;
  findings.add('YAML_SYNTAX', 0, 'the file is encrypted with ansible-vault, and no vault password is given');
  return true;
}

class Converter {
  readonly #findings: Findings;
  readonly #text: string;
  readonly #anchors = new Map<string, YamlNode>();
  /** Nodes below each anchored node, what its own aliases stand for included. */
  readonly #sizes = new Map<YamlNode, number>();
  #nodeCount = 0;
  #aliasedCount = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
    this.#text = findings.source.text;
  }

  convert(node: Node, emptyOffset?: number): YamlNode {
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? emptyOffset ?? 0);
    const before = this.#nodeCount;
    this.#nodeCount++;
    const result = this.#content(node, emptyOffset);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) {
      this.#anchors.set(anchor, result);
      this.#sizes.set(result, this.#nodeCount - before);
    }
    return node.tag === '!unsafe' ? markUnsafe(result) : result;
  }

  #content(node: Node, emptyOffset: number | undefined): YamlNode {
    const start = node.range?.[0] ?? emptyOffset ?? 0;
    if (isMap(node)) {
      this.#checkTag(node.tag, start);
      return this.#map(node.items as Pair<Node, Node | null>[], start, node.flow === true);
    }
    if (isSeq(node)) {
      this.#checkTag(node.tag, start);
      return { kind: 'list', offset: start, items: node.items.map((item) => this.convert(item as Node, start)) };
    }
    return this.#scalar(node as Scalar, start, emptyOffset);
  }

  #scalar(node: Scalar, start: number, emptyOffset: number | undefined): YamlScalar {
    const text = String(node.value ?? '');
    const isPlain = node.type === 'PLAIN' || node.type === undefined;
    if (isPlain) {
      const isEmpty = node.source === '' || node.source === undefined;
      const value = this.#typed(node.tag, text, true, start);
      return { kind: 'scalar', value, unsafe: false, offset: isEmpty ? (emptyOffset ?? start) : start };
    }
    const value = this.#typed(node.tag, text, false, start);
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') {
      return { kind: 'scalar', value, unsafe: false, offset: start + 1 };
    }
    return { kind: 'scalar', value, unsafe: false, offset: this.#blockContent(start) };
  }

  #typed(tag: string | undefined, text: string, isPlain: boolean, offset: number): unknown {
    const reading = readScalar(tag, text, isPlain, makeFloat);
    if ('value' in reading) return reading.value;
    this.#addTagFinding(reading, offset);
    return null;
  }

  // The content of a block scalar begins below its head; with blank lines first, at column 1 of the first of them.
  #blockContent(start: number): number {
    const lineEnd = this.#text.indexOf('\n', start);
    if (lineEnd === -1) return start;
    const first = lineEnd + 1;
    const indent = /^ */.exec(this.#text.slice(first, first + 1000))?.[0].length ?? 0;
    return this.#text[first + indent] === '\n' || this.#text[first + indent] === '\r' ? first : first + indent;
  }

  #map(pairs: readonly Pair<Node, Node | null>[], offset: number, isFlow: boolean): YamlMap {
    const entries = new Map<unknown, YamlEntry>();
    const merged: YamlNode[] = [];
    if (isFlow && pairs.length > 0 && isMap(pairs[0]?.key)) this.#unquotedBraces(offset);
    else {
      for (const pair of pairs) this.#pair(pair, entries, merged, offset);
    }
    if (merged.length === 0) return { kind: 'map', offset, entries };
    // What is merged stands first, as in PyYAML, and a key of the map's own beats it; an earlier merge beats a later one.
    const all = new Map<unknown, YamlEntry>();
    for (const source of merged.toReversed()) {
      if (source.kind === 'map') for (const [key, entry] of source.entries) all.set(key, entry);
    }
    for (const [key, entry] of entries) all.set(key, entry);
    return { kind: 'map', offset, entries: all };
  }

  #pair(pair: Pair<Node, Node | null>, entries: Map<unknown, YamlEntry>, merged: YamlNode[], mapOffset: number): void {
    const keyNode = pair.key as Node | null;
    const key = keyNode === null ? emptyScalar(mapOffset) : this.convert(keyNode, mapOffset);
    if (key.kind !== 'scalar') {
      this.#findings.add(
        'YAML_SYNTAX',
        key.offset,
        `expected a key to be text, found ${key.kind === 'map' ? 'a map' : 'a list'}`,
      );
      return;
    }
    const value = pair.value === null ? emptyScalar(key.offset) : this.convert(pair.value, key.offset);
    if (key.value === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
      merged.push(...this.#mergeSources(value));
      return;
    }
    const earlier = entries.get(key.value);
    if (earlier !== undefined) {
      const { line } = this.#findings.source.position(earlier.key.offset);
      const hint = 'keep one of the two';
      this.#findings.add(
        'YAML_SYNTAX',
        key.offset,
        `key '${String(key.value)}' is already in this map, on line ${line}`,
        hint,
      );
      return;
    }
    entries.set(key.value, { key, value });
  }

  #mergeSources(value: YamlNode): readonly YamlNode[] {
    const sources = value.kind === 'list' ? value.items : [value];
    for (const source of sources) {
      if (source.kind === 'map') continue;
      this.#findings.add('YAML_SYNTAX', source.offset, "expected '<<' to merge a map or a list of maps");
    }
    return sources;
  }

  #alias(name: string, offset: number): YamlNode {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#findings.add('YAML_SYNTAX', offset, `alias '*${name}' has no anchor '&${name}' before it`);
      return emptyScalar(offset);
    }
    const size = this.#sizes.get(target) ?? 1;
    this.#nodeCount += size;
    const before = this.#aliasedCount;
    this.#aliasedCount += size;
    if (this.#aliasedCount <= MAX_ALIASED_NODES) return target;
    if (before <= MAX_ALIASED_NODES) {
      const message = `the aliases up to here stand for more than ${MAX_ALIASED_NODES} values`;
      this.#findings.add('YAML_SYNTAX', offset, message, 'write fewer nested aliases');
    }
    return emptyScalar(offset);
  }

  #checkTag(tag: string | undefined, offset: number): void {
    const found = tagProblem(tag);
    if (found !== undefined) this.#addTagFinding(found, offset);
  }

  #addTagFinding({ at, problem, hint }: TagProblem, offset: number): void {
    const place = at === 'value' ? offset : tagOffset(this.#text, offset);
    this.#findings.add('YAML_SYNTAX', place, problem, hint);
  }

  #unquotedBraces(offset: number): void {
    const finding = bracesFinding(this.#findings.source, offset);
    this.#findings.add('YAML_SYNTAX', offset, finding.message, finding.hint);
  }
}

function emptyScalar(offset: number): YamlScalar {
  return { kind: 'scalar', value: null, unsafe: false, offset };
}

// The template engine keeps a float apart from an int only where both have the same number.
function makeFloat(value: number): unknown {
  return Number.isSafeInteger(value) ? new PyFloat(value) : value;
}

function markUnsafe(node: YamlNode): YamlNode {
  if (node.kind === 'scalar') return { ...node, unsafe: true };
  if (node.kind === 'list') return { ...node, items: node.items.map(markUnsafe) };
  const entries = [...node.entries].map(([key, entry]) => [key, { ...entry, value: markUnsafe(entry.value) }] as const);
  return { ...node, entries: new Map(entries) };
}
