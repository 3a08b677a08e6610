/** Reads the keywords of one play, block or task, each checked against its shape before anything uses it. */

import { isTemplate } from '../template/index.ts';
import { toBoolean } from '../util/boolean-word.ts';
import { checkTemplates, readConditions, readFlag } from './expressions.ts';
import type { Findings } from './findings.ts';
import { KEYWORDS } from './keywords.ts';
import { checkShape } from './shapes.ts';
import type { Condition, Raw, SharedKeywords, VarsBlock } from './types.ts';
import { readVars } from './vars-block.ts';
import { toValue, type YamlMap, type YamlNode } from './yaml-node.ts';

export class Fields {
  readonly map: YamlMap;
  readonly findings: Findings;

  constructor(map: YamlMap, findings: Findings) {
    this.map = map;
    this.findings = findings;
  }

  /** The keyword's value when it is written and of the right shape; a misfit is noted. Call it once a keyword. */
  node(keyword: string): YamlNode | undefined {
    const node = this.map.entries.get(keyword)?.value;
    const shape = KEYWORDS[keyword]?.shape;
    if (node === undefined || shape === undefined) return undefined;
    return checkShape(keyword, shape, node, this.findings) ? node : undefined;
  }

  /** The value as it is written, its templates checked. */
  raw(keyword: string): Raw | undefined {
    const node = this.node(keyword);
    return node && this.rawOf(node);
  }

  rawOf(node: YamlNode): Raw {
    checkTemplates(node, this.findings);
    return { value: toValue(node), source: this.findings.source.position(node.offset) };
  }

  /** A value that the engine templates and then reads as text; a number or boolean without quotes becomes its text. */
  text(keyword: string): Raw | undefined {
    const raw = this.raw(keyword);
    return raw && { ...raw, value: textOf(raw.value) };
  }

  /** A number, or a template for one. */
  number(keyword: string): Raw | undefined {
    const raw = this.raw(keyword);
    const isDigits = typeof raw?.value === 'string' && /^[0-9]+(?:\.[0-9]+)?$/.test(raw.value);
    return isDigits ? { ...raw, value: Number(raw.value) } : raw;
  }

  /** A boolean that the engine templates: `yes` in quotes is true here already. */
  rawFlag(keyword: string): Raw | undefined {
    const raw = this.raw(keyword);
    if (raw === undefined) return undefined;
    return { ...raw, value: toBoolean(raw.value) ?? raw.value };
  }

  flag(keyword: string): Condition | undefined {
    const node = this.node(keyword);
    return node && readFlag(node, this.findings);
  }

  conditions(keyword: string): Condition[] | undefined {
    const node = this.node(keyword);
    return node && readConditions(node, this.findings);
  }

  /** Text or a list of texts, each with its place. */
  texts(keyword: string): Raw[] {
    const node = this.node(keyword);
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
    const items = node.kind === 'list' ? node.items : [node];
    return items.map((item) => {
      const raw = this.rawOf(item);
      return { ...raw, value: textOf(raw.value) };
    });
  }

  vars(): VarsBlock | undefined {
    const node = this.node('vars');
    return node?.kind === 'map' ? readVars(node, this.findings) : undefined;
  }

  /** What plays, blocks and tasks share. */
  shared(): SharedKeywords {
    return {
      name: this.#name(),
      tags: this.#tags(),
      become: this.rawFlag('become'),
      becomeUser: this.text('become_user'),
      becomeMethod: this.text('become_method'),
      becomeExe: this.text('become_exe'),
      becomeFlags: this.text('become_flags'),
      environment: this.raw('environment'),
      vars: this.vars(),
      ignoreErrors: this.flag('ignore_errors'),
      ignoreUnreachable: this.flag('ignore_unreachable'),
      anyErrorsFatal: this.flag('any_errors_fatal'),
      noLog: this.flag('no_log'),
      checkMode: this.flag('check_mode'),
      diff: this.flag('diff'),
      runOnce: this.flag('run_once'),
      timeout: this.number('timeout'),
      remoteUser: this.text('remote_user'),
      port: this.number('port'),
      connection: this.text('connection'),
      throttle: this.number('throttle'),
      source: this.findings.source.position(this.map.offset),
    };
  }

  #name(): string | undefined {
    const raw = this.text('name');
    return typeof raw?.value === 'string' ? raw.value : undefined;
  }

  // Tags choose tasks before the run: there is no host yet whose variables a template could read.
  #tags(): string[] {
    return this.texts('tags').flatMap(({ value, source }) => {
      if (isTemplate(value)) {
        this.findings.addAt('PLAYBOOK_INVALID', source, 'expected `tags` to be plain words, found a template');
      }
      const words = String(value).split(',');
      return words.map((word) => word.trim()).filter((word) => word !== '');
    });
  }
}

function textOf(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' || value === null ? value : String(value);
}
