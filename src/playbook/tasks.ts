/** Tasks, blocks and handlers: one entry of a task list -> {@link Task} or {@link Block}. */

import { didYouMean } from '../util/did-you-mean.ts';
import { Fields } from './fields.ts';
import type { Findings } from './findings.ts';
import { KEYWORDS, keywordNames, keywordOf, LOOP_EQUIVALENTS, type Owner, UNSUPPORTED_KEYWORDS } from './keywords.ts';
import { readLoop } from './loops.ts';
import { findModule } from './modules.ts';
import { readTaskModule } from './task-module.ts';
import type { Block, ModuleCatalog, Raw, Task, TaskOrBlock } from './types.ts';
import { describeNode, type YamlMap, type YamlNode, type YamlScalar } from './yaml-node.ts';

/** Where a list of tasks stands. */
export interface TaskContext {
  readonly findings: Findings;
  readonly catalog: ModuleCatalog;
  readonly owner: 'task' | 'handler';
}

/** A list of tasks and blocks whose shape is already known to be right; what is wrong in them is noted and left out. */
export function readTasks(node: YamlNode | undefined, context: TaskContext): TaskOrBlock[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item) => {
    if (item.kind !== 'map') {
      const message = `expected a ${context.owner} (a map with a module), found ${describeNode(item)}`;
      context.findings.add('PLAYBOOK_INVALID', item.offset, message);
      return [];
    }
    return (isBlock(item) ? readBlock(item, context) : readTask(item, context)) ?? [];
  });
}

/**
 * The keys of a play, block or task that are no keywords of its kind. Keywords of Ansible that are not supported, and
 * keywords in the wrong place, are noted here and not returned.
 */
export function strangeKeys(map: YamlMap, owner: Owner, findings: Findings): YamlScalar[] {
  return [...map.entries.values()].flatMap(({ key }) => {
    const name = String(key.value);
    if (typeof key.value === 'string' && keywordOf(owner, name) !== undefined) return [];
    const refusal = refusalOf(name, owner);
    if (refusal === undefined) return [key];
    findings.add('UNKNOWN_KEYWORD', key.offset, refusal.message, refusal.hint);
    return [];
  });
}

/** Notes keys that can be nothing but misspelt keywords. */
export function addUnknownKeywords(keys: readonly YamlScalar[], owner: Owner, findings: Findings): void {
  for (const key of keys) {
    const name = String(key.value);
    findings.add(
      'UNKNOWN_KEYWORD',
      key.offset,
      `unknown keyword '${name}' in a ${owner}`,
      didYouMean(name, keywordNames(owner)),
    );
  }
}

function isBlock(map: YamlMap): boolean {
  return map.entries.has('block') || map.entries.has('rescue') || map.entries.has('always');
}

function readBlock(map: YamlMap, context: TaskContext): Block | undefined {
  const { findings, catalog } = context;
  const fields = new Fields(map, findings);
  for (const key of strangeKeys(map, 'block', findings)) {
    const name = String(key.value);
    if (findModule(catalog, name) === undefined) addUnknownKeywords([key], 'block', findings);
    else {
      const message = `expected only keywords in a block, found module '${name}'`;
      findings.add('PLAYBOOK_INVALID', key.offset, message, "make it a task in the list of 'block'");
    }
  }
  if (!map.entries.has('block')) {
    const found = map.entries.has('rescue') ? 'rescue' : 'always';
    findings.add('PLAYBOOK_INVALID', map.offset, `'${found}' without 'block'`, "put the tasks it is for into 'block'");
  }
  return {
    kind: 'block',
    ...fields.shared(),
    when: fields.conditions('when') ?? [],
    delegateTo: fields.text('delegate_to'),
    notify: fields.texts('notify'),
    block: readTasks(fields.node('block'), context),
    rescue: readTasks(fields.node('rescue'), context),
    always: readTasks(fields.node('always'), context),
  };
}

function readTask(map: YamlMap, context: TaskContext): Task | undefined {
  const { findings, catalog, owner } = context;
  const fields = new Fields(map, findings);
  const module = readTaskModule(fields, owner, strangeKeys(map, owner, findings), catalog);
  const local = map.entries.get('local_action');
  const localhost: Raw | undefined = local && {
    value: 'localhost',
    source: findings.source.position(local.key.offset),
  };
  const task = {
    kind: 'task' as const,
    ...fields.shared(),
    when: fields.conditions('when') ?? [],
    loop: readLoop(fields),
    register: fields.text('register')?.value as string | undefined,
    until: fields.conditions('until'),
    retries: fields.number('retries'),
    delay: fields.number('delay'),
    changedWhen: fields.conditions('changed_when'),
    failedWhen: fields.conditions('failed_when'),
    notify: fields.texts('notify'),
    listen: owner === 'handler' ? fields.texts('listen').map(({ value }) => String(value)) : [],
    delegateTo: fields.text('delegate_to') ?? localhost,
    delegateFacts: fields.flag('delegate_facts'),
  };
  return module && { ...task, ...module };
}

// Why a key that is no keyword of `owner` is refused by name; undefined when it is not known at all.
function refusalOf(name: string, owner: Owner): { message: string; hint?: string } | undefined {
  const short = name.replace(/^ansible\.(?:builtin|legacy)\./, '');
  if (Object.hasOwn(UNSUPPORTED_KEYWORDS, short)) {
    return { message: `keyword '${name}' of Ansible is not supported yet`, hint: UNSUPPORTED_KEYWORDS[short] };
  }
  const elsewhere = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
  if (elsewhere !== undefined) {
    return { message: `'${name}' is a keyword of a ${elsewhere.owners.join(', ')}, not of a ${owner}` };
  }
  if (!name.startsWith('with_')) return undefined;
  const lookup = name.slice('with_'.length);
  const loop = Object.hasOwn(LOOP_EQUIVALENTS, lookup) ? LOOP_EQUIVALENTS[lookup] : `{{ query('${lookup}', …) }}`;
  return { message: `keyword '${name}' of Ansible is not supported yet`, hint: `use loop: "${loop}"` };
}
