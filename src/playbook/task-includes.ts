/** Reads the tasks that stand for tasks of another file or of a role. */

import { FleetmendError } from '../errors.ts';
import { toBoolean } from '../util/boolean-word.ts';
import { blockKeywords, withVars } from './block-keywords.ts';
import { Fields } from './fields.ts';
import { isIncludeKeyword } from './includes.ts';
import { staticText } from './static-scope.ts';
import type { TaskContext } from './task-context.ts';
import type { TaskModule } from './task-module.ts';
import type { Block, Raw, RoleRequest, Task } from './types.ts';
import { addUnknownKeywords, strangeKeys } from './unknown-keywords.ts';
import type { YamlMap } from './yaml-node.ts';

/** `import_tasks` or `import_role`: a block of what is imported, with the keywords beside it. */
export function readImport(module: TaskModule, fields: Fields, context: TaskContext): Block | undefined {
  const { findings, map } = fields;
  const { library } = context.home;
  if (module.module === 'import_role' && refuseAsHandler(module, map, context)) return undefined;
  for (const { key } of map.entries.values()) {
    if (!/^(?:loop|with_\w+)$/.test(String(key.value))) continue;
    const message = `'${module.module}' cannot stand in a loop: it is read once, before the run`;
    findings.add('PLAYBOOK_INVALID', key.offset, message, `use '${module.module.replace('import', 'include')}'`);
    return undefined;
  }
  const block = blockKeywords(fields, context.catalog);
  const inner = withVars(context, block);
  const name = importName(module, module.module === 'import_tasks' ? 'file' : 'name', inner);
  if (name === undefined) return undefined;
  try {
    if (module.module === 'import_role') {
      const request = roleRequest(name.text, (arg) => importName(module, arg, inner)?.text);
      const role = library.importRole(request, name.source, inner, block.vars);
      return role && { ...block, block: [role] };
    }
    const path = library.findImport(name.text, inner);
    if (context.home.importing.includes(path)) {
      const chain = [...context.home.importing.toReversed(), path].join(' -> ');
      findings.addAt('PLAYBOOK_INVALID', name.source, `the files import each other in a circle: ${chain}`);
      return undefined;
    }
    return { ...block, block: library.importTasks(path, inner) };
  } catch (error) {
    if (!(error instanceof FleetmendError)) throw error;
    findings.addAt(error.code, name.source, error.message, error.hint);
    return undefined;
  }
}

/** `include_tasks` or `include_role`: a task that reads its file when it runs. */
export function readInclude(task: Task, fields: Fields, context: TaskContext): Task | undefined {
  const { findings, map } = fields;
  if (task.module === 'include_role' && refuseAsHandler(task, map, context)) return undefined;
  for (const { key } of map.entries.values()) {
    const name = String(key.value);
    if (isIncludeKeyword(name) || name.endsWith(task.module)) continue;
    const message = `keyword '${name}' has no effect on '${task.module}' itself`;
    findings.add(
      'UNKNOWN_KEYWORD',
      key.offset,
      message,
      `put it under 'apply' of ${task.module}, or on a block around`,
    );
  }
  const apply = applyOf(map, context);
  const { home, owner } = context;
  const { apply: _, ...args } = task.args;
  return { ...task, args, include: { kind: task.module === 'include_role' ? 'role' : 'tasks', apply, home, owner } };
}

/** What `import_role` and `include_role` ask for; `text` gives the value of an argument. */
export function roleRequest(name: string, text: (argument: string) => string | undefined): RoleRequest {
  return {
    name,
    from: {
      tasks: text('tasks_from'),
      vars: text('vars_from'),
      defaults: text('defaults_from'),
      handlers: text('handlers_from'),
    },
    allowDuplicates: toBoolean(text('allow_duplicates')) !== false,
    validate: toBoolean(text('rolespec_validate')) !== false,
  };
}

interface ImportName {
  readonly text: string;
  readonly source: Raw['source'];
}

function importName(module: TaskModule, argument: string, context: TaskContext): ImportName | undefined {
  const value = module.args[argument];
  if (value === undefined || value === null) return undefined;
  const source = module.argPositions[argument] ?? context.findings.source.position(0);
  try {
    return { text: staticText(String(value), context.home.vars, source), source };
  } catch (error) {
    if (!(error instanceof FleetmendError)) throw error;
    const hint = `an import is read before there is a host: only -e and variables of the play, its blocks and roles are known; use '${module.module.replace('import', 'include')}' for others`;
    context.findings.addAt(error.code, source, error.message, hint);
    return undefined;
  }
}

// As in Ansible: the handlers of a role belong to the role.
function refuseAsHandler({ module }: { module: string }, map: YamlMap, { owner, findings }: TaskContext): boolean {
  if (owner !== 'handler') return false;
  const hint = "use 'include_tasks', or name the role under 'roles': its handlers come with it";
  findings.add('PLAYBOOK_INVALID', map.offset, `'${module}' cannot be a handler`, hint);
  return true;
}

function applyOf(map: YamlMap, { findings, catalog }: TaskContext): Block | undefined {
  for (const { key, value } of map.entries.values()) {
    if (value.kind !== 'map' || !(/include_(?:tasks|role)$/.test(String(key.value)) || key.value === 'args')) continue;
    const apply = value.entries.get('apply')?.value;
    if (apply?.kind !== 'map') continue;
    const fields = new Fields(apply, findings);
    addUnknownKeywords(strangeKeys(apply, 'block', findings), 'block', findings);
    return blockKeywords(fields, catalog);
  }
  return undefined;
}
