/** Entries of `roles:` and of the dependencies of a role. */

import type { Position } from '../errors.ts';
import { FleetmendError } from '../errors.ts';
import { blockKeywords } from './block-keywords.ts';
import { Fields } from './fields.ts';
import { KEYWORDS, keywordNames, keywordOf } from './keywords.ts';
import { staticText } from './static-scope.ts';
import type { TaskContext } from './task-context.ts';
import type { Block, VarsBlock } from './types.ts';
import { readVars } from './vars-block.ts';
import { describeNode, type YamlMap, type YamlNode } from './yaml-node.ts';

export interface RoleEntry {
  readonly name: string;
  readonly source: Position;
  readonly keywords?: Block;
  /** Variables beside the keywords. */
  readonly params?: VarsBlock;
  /** What makes two entries for one role differ. */
  readonly identity?: unknown;
}

/** Reads a list of roles; what is wrong is noted and left out. */
export function readRoleEntries(node: YamlNode | undefined, context: TaskContext): RoleEntry[] {
  const { findings } = context;
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  if (node.kind !== 'list') {
    findings.add('PLAYBOOK_INVALID', node.offset, `expected a list of roles, found ${describeNode(node)}`);
    return [];
  }
  return node.items.flatMap((item): RoleEntry[] => {
    if (item.kind === 'map') return readEntry(item, context);
    if (item.kind === 'scalar' && typeof item.value === 'string' && item.value !== '')
      return named(item.value, item.offset, context).map((name) => ({
        name,
        source: findings.source.position(item.offset),
      }));
    findings.add('PLAYBOOK_INVALID', item.offset, `expected the name of a role or a map, found ${describeNode(item)}`);
    return [];
  });
}

function readEntry(map: YamlMap, context: TaskContext): RoleEntry[] {
  const { findings } = context;
  const key = ['role', 'name', 'src'].find((each) => map.entries.has(each));
  const node = key === undefined ? undefined : map.entries.get(key)?.value;
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') {
    findings.add('PLAYBOOK_INVALID', map.offset, "expected the role's name in 'role'");
    return [];
  }
  const [name] = named(node.value, node.offset, context);
  if (name === undefined) return [];
  const fields = new Fields(map, findings);
  // As in Ansible: what is no keyword of a role is a variable for it, also a misspelt one.
  const others = new Map([...map.entries].filter(([word]) => !isRoleWord(String(word))));
  for (const [word, entry] of others) {
    const text = String(word);
    if (!Object.hasOwn(KEYWORDS, text)) continue;
    const message = `'${text}' is no keyword of a role`;
    findings.add('UNKNOWN_KEYWORD', entry.key.offset, message, `a role has ${keywordNames('role').join(', ')}`);
  }
  const params = readVars({ ...map, entries: others }, findings);
  const keywords = blockKeywords(fields, context.catalog);
  // As in Ansible: other keywords (`tags`, `become`) do not make it another role.
  const conditions = keywords.when.map(({ text }) => text);
  const identity = [sorted(params.values), sorted(keywords.vars?.values ?? {}), conditions];
  // `name` names the role here, not what is shown.
  return [
    {
      name,
      source: findings.source.position(node.offset),
      keywords: { ...keywords, name: undefined },
      params,
      identity,
    },
  ];
}

function sorted(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function isRoleWord(word: string): boolean {
  return ['role', 'src', 'version', 'scm'].includes(word) || keywordOf('role', word) !== undefined;
}

function named(text: string, offset: number, { findings, home }: TaskContext): string[] {
  const source = findings.source.position(offset);
  try {
    return [staticText(text, home.vars, source)];
  } catch (error) {
    if (!(error instanceof FleetmendError)) throw error;
    const hint = 'roles are read before there is a host: use include_role for a name that a host decides';
    findings.addAt(error.code, source, error.message, hint);
    return [];
  }
}
