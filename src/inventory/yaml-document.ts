/** A YAML file of an inventory: maps with the place of every key, values as an Ansible user means them. */
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Position } from '../errors.ts';
import { makeDict } from '../template/values/dict.ts';
import { toFloat } from '../template/values/numbers.ts';
import { SourceText } from '../util/source-text.ts';
import { bracesFinding, syntaxFindings } from '../util/yaml-errors.ts';
import { parseYaml, readScalar, type TagProblem, tagOffset, tagProblem } from '../util/yaml-text.ts';
import { FileFindings } from './file-findings.ts';
import type { VarsLayer } from './types.ts';

export interface MapEntry {
  readonly key: string;
  readonly source: Position;
  readonly value: Node | null;
}

const MERGE_KEY = '<<';

/** One parsed file. Its own syntax errors, duplicate keys and unknown tags are findings; see {@link FileFindings}. */
export class YamlDocument {
  readonly findings: FileFindings;
  readonly root: Node | null;
  readonly #source: SourceText;
  readonly #targets = new Map<Alias, Node>();
  readonly #values = new Map<Node, unknown>();
  readonly #entries = new Map<YAMLMap, readonly MapEntry[]>();
  readonly #unsafe = new Set<Node>();

  /**
   * @param isSecret - the text was decrypted: findings show no line of it
   * @throws {@link DiagnosticsError} INVENTORY_INVALID when the text is no YAML
   */
  constructor(text: string, file: string, isSecret = false) {
    this.#source = new SourceText(file, text, isSecret);
    this.findings = new FileFindings(this.#source);
    const document = parseYaml(this.#source.text);
    for (const { offset, message, hint } of syntaxFindings(document, this.#source)) {
      this.findings.add(this.#source.position(offset), message, hint);
    }
    this.findings.throwIfAny();
    this.root = document.contents;
    this.#resolveAliases(this.root, new Map(), new Set());
    this.findings.throwIfAny();
  }

  positionOf(node: Node | null | undefined): Position {
    return this.#source.position(node?.range?.[0] ?? 0);
  }

  /** The entries of a map with `<<` merged in and keys as text; a key that is there twice is a finding. */
  entries(map: YAMLMap): readonly MapEntry[] {
    let entries = this.#entries.get(map);
    if (entries === undefined) {
      entries = this.#readEntries(map);
      this.#entries.set(map, entries);
    }
    return entries;
  }

  /** The plain value of a node; maps with other keys than texts are Maps. */
  value(node: Node | null): unknown {
    const target = this.#follow(node);
    if (target === null) return null;
    if (this.#values.has(target)) return this.#values.get(target);
    const value = this.#convert(target);
    this.#values.set(target, value);
    return value;
  }

  /**
   * The variables of a map as layers: those written with `!unsafe` are apart, because they are never templated.
   *
   * @param origin - what messages call the layer
   */
  layers(map: YAMLMap, origin: string): VarsLayer[] {
    const template: Record<string, unknown> = Object.create(null);
    const data: Record<string, unknown> = Object.create(null);
    const positions = new Map<string, Position>();
    for (const { key, source, value } of this.entries(map)) {
      positions.set(key, source);
      const converted = this.value(value);
      (this.#holdsUnsafe(value) ? data : template)[key] = converted;
    }
    const positionOf = (name: string) => positions.get(name);
    return [
      { origin, vars: template, isTemplate: true, positionOf },
      { origin, vars: data, isTemplate: false, positionOf },
    ].filter((layer) => Object.keys(layer.vars).length > 0);
  }

  /** What a node is, for messages: "a list", "'abc'", "nothing". */
  describe(node: Node | null): string {
    const target = this.#follow(node);
    if (isMap(target)) return target.items.length === 0 ? 'an empty map' : 'a map';
    if (isSeq(target)) return target.items.length === 0 ? 'an empty list' : 'a list';
    const value = this.value(target);
    return value === null ? 'nothing' : `'${String(value)}'`;
  }

  #readEntries(map: YAMLMap): readonly MapEntry[] {
    const own = new Map<string, MapEntry>();
    const merged: MapEntry[][] = [];
    for (const pair of map.items) {
      const keyNode = this.#follow(pair.key);
      const value = this.#follow(pair.value);
      const source = this.positionOf(keyNode);
      if (isScalar(keyNode) && keyNode.type === 'PLAIN' && keyNode.value === MERGE_KEY) {
        merged.push(...this.#mergeSources(value));
        continue;
      }
      const key = isScalar(keyNode) ? String(keyNode.value ?? '') : undefined;
      if (key === undefined) this.#addKeyFinding(map, keyNode, source);
      else if (own.has(key)) {
        this.findings.add(source, `the key '${key}' is written twice in this map`, 'remove one of them');
      } else own.set(key, { key, source, value });
    }
    if (merged.length === 0) return [...own.values()];
    // Earlier merge sources win over later ones, and own keys over all; merged keys stand first.
    const all = new Map<string, MapEntry>();
    for (const entry of [...merged.toReversed().flat(), ...own.values()]) all.set(entry.key, entry);
    return [...all.values()];
  }

  // `{{ x }}` without quotes is a map whose key is a map.
  #addKeyFinding(map: YAMLMap, key: Node | null, source: Position): void {
    if (map.flow !== true || !isMap(key)) {
      this.findings.add(source, 'expected a text as key, found a list or a map');
      return;
    }
    const { offset, message, hint } = bracesFinding(this.#source, map.range?.[0] ?? 0);
    this.findings.add(this.#source.position(offset), message, hint);
  }

  #convert(node: Node): unknown {
    if (node.tag === '!unsafe') this.#unsafe.add(node);
    if (isScalar(node)) return this.#convertScalar(node);
    const wrong = tagProblem(node.tag);
    if (wrong !== undefined) this.#addTagFinding(node, wrong);
    if (isSeq(node)) return node.items.map((item) => this.value(this.#follow(item)));
    return isMap(node) ? this.#convertMap(node) : null;
  }

  #convertScalar(node: Scalar): unknown {
    const text = typeof node.value === 'string' ? node.value : '';
    const isPlain = node.type === 'PLAIN' || node.type === undefined;
    const reading = readScalar(node.tag, text, isPlain, toFloat);
    if ('value' in reading) return reading.value;
    this.#addTagFinding(node, reading);
    return null;
  }

  #addTagFinding(node: Node, { at, problem, hint }: TagProblem): void {
    const offset = node.range?.[0] ?? 0;
    const place = at === 'value' ? offset : tagOffset(this.#source.text, offset);
    this.findings.add(this.#source.position(place), problem, hint);
  }

  #convertMap(map: YAMLMap): unknown {
    const entries = this.entries(map);
    const keyTypes = new Map<string, unknown>();
    for (const pair of map.items) {
      const key = this.#follow(pair.key);
      if (isScalar(key)) keyTypes.set(String(key.value ?? ''), this.value(key));
    }
    return makeDict(entries.map(({ key, value }) => [keyTypes.get(key) ?? key, this.value(value)]));
  }

  #mergeSources(value: Node | null): MapEntry[][] {
    if (isMap(value)) return [[...this.entries(value)]];
    if (isSeq(value)) return value.items.flatMap((item) => this.#mergeSources(this.#follow(item)));
    this.findings.add(
      this.positionOf(value),
      `expected a map or a list of maps to merge with '<<', found ${this.describe(value)}`,
    );
    return [];
  }

  #holdsUnsafe(node: Node | null): boolean {
    if (this.#unsafe.size === 0) return false;
    const target = this.#follow(node);
    if (target === null) return false;
    if (this.#unsafe.has(target)) return true;
    if (isSeq(target)) return target.items.some((item) => this.#holdsUnsafe(this.#follow(item)));
    return isMap(target) && target.items.some((pair) => this.#holdsUnsafe(this.#follow(pair.value)));
  }

  #follow(value: unknown): Node | null {
    if (isAlias(value)) return this.#targets.get(value) ?? null;
    return isScalar(value) || isMap(value) || isSeq(value) ? value : null;
  }

  // An alias means the last node before it with its anchor, which must not be one that it stands in.
  #resolveAliases(node: unknown, anchors: Map<string, Node>, open: Set<Node>): void {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined)
        this.findings.add(this.positionOf(node), `the alias '*${node.source}' has no anchor before it`);
      else if (open.has(target))
        this.findings.add(this.positionOf(node), `the alias '*${node.source}' contains itself`);
      else this.#targets.set(node, target);
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) return;
    open.add(node);
    for (const item of node.items) {
      const parts: readonly unknown[] = isPair(item) ? [item.key, item.value] : [item];
      for (const part of parts) this.#resolveAliases(part, anchors, open);
    }
    open.delete(node);
  }
}
