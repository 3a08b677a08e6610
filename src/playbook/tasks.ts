/** Tasks, blocks and handlers: one entry of a task list -> {@link Task} or {@link Block}. */

import { blockKeywords, sharedKeywords, withVars } from './block-keywords.ts';
import { Fields } from './fields.ts';
import type { Findings } from './findings.ts';
import { readLoop } from './loops.ts';
import { findModule } from './modules.ts';
import type { TaskContext } from './task-context.ts';
import { readImport, readInclude } from './task-includes.ts';
import { readTaskModule, type TaskModule } from './task-module.ts';
import type { Block, Raw, TaskOrBlock } from './types.ts';
import { addUnknownKeywords, strangeKeys } from './unknown-keywords.ts';
import { isVault, readYamlDocument } from './yaml-document.ts';
import { describeNode, type YamlMap, type YamlNode } from './yaml-node.ts';

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

/** The list of tasks that a whole file is (the one of the context's findings); an empty file has none. */
export function readTaskFile(context: TaskContext): TaskOrBlock[] {
  const { findings, owner } = context;
  const root = isVault(findings) ? undefined : readYamlDocument(findings);
  if (root === undefined || root === null) return [];
  if (root.kind === 'list') return readTasks(root, context);
  const message = `expected a list of ${owner}s, found ${describeNode(root)}`;
  findings.add('PLAYBOOK_INVALID', root.offset, message, root.kind === 'map' ? "put '- ' before it" : undefined);
  return [];
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
  if (context.owner === 'handler') refuseHandlerBlock(map, findings);
  const keywords = blockKeywords(fields, catalog);
  const inner = withVars(context, keywords);
  return {
    ...keywords,
    block: readTasks(fields.node('block'), inner),
    rescue: readTasks(fields.node('rescue'), inner),
    always: readTasks(fields.node('always'), inner),
  };
}

// Only what is one script on the host can go on there without us.
function checkAsync(seconds: Raw | undefined, { module, moduleAsWritten }: TaskModule, context: TaskContext): void {
  if (seconds === undefined || seconds.value === 0 || findModule(context.catalog, module)?.async === true) return;
  const message = `module '${moduleAsWritten}' cannot run with 'async'`;
  const hint = "command, shell and script can; use 'timeout' for a deadline";
  context.findings.addAt('PLAYBOOK_INVALID', seconds.source, message, hint);
}

// Ansible refuses any block there; one that only shares keywords is harmless.
function refuseHandlerBlock(map: YamlMap, findings: Findings): void {
  for (const name of ['rescue', 'always']) {
    const entry = map.entries.get(name);
    if (entry === undefined) continue;
    const message = `'${name}' has no meaning among handlers: each of them runs on its own when it is notified`;
    const hint = 'notify one handler that includes a file of tasks with the block';
    findings.add('PLAYBOOK_INVALID', entry.key.offset, message, hint);
  }
}

function readTask(map: YamlMap, context: TaskContext): TaskOrBlock | undefined {
  const { findings, catalog, owner } = context;
  const fields = new Fields(map, findings);
  const module = readTaskModule(fields, owner, strangeKeys(map, owner, findings), catalog, context.home.defaulted);
  const local = map.entries.get('local_action');
  const localhost: Raw | undefined = local && {
    value: 'localhost',
    source: findings.source.position(local.key.offset),
  };
  const task = {
    kind: 'task' as const,
    ...sharedKeywords(fields, catalog),
    when: fields.conditions('when') ?? [],
    loop: readLoop(fields),
    register: fields.text('register')?.value as string | undefined,
    until: fields.conditions('until'),
    retries: fields.number('retries'),
    delay: fields.number('delay'),
    asyncSeconds: fields.number('async'),
    pollSeconds: fields.number('poll'),
    changedWhen: fields.conditions('changed_when'),
    failedWhen: fields.conditions('failed_when'),
    notify: fields.texts('notify'),
    listen: owner === 'handler' ? fields.texts('listen').map(({ value }) => String(value)) : [],
    delegateTo: fields.text('delegate_to') ?? localhost,
    delegateFacts: fields.flag('delegate_facts'),
  };
  if (module === undefined) return undefined;
  checkAsync(task.asyncSeconds, module, context);
  switch (module.module) {
    case 'import_tasks':
    case 'import_role':
      return readImport(module, fields, context);
    case 'include_tasks':
    case 'include_role':
      return readInclude({ ...task, ...module }, fields, context);
    default:
      return { ...task, ...module };
  }
}
