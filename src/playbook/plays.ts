/** One entry of a playbook -> {@link Play}. */

import { InventoryError } from '../errors.ts';
import { checkHostPattern } from '../inventory/patterns.ts';
import { isTemplate } from '../template/index.ts';
import { closestWord } from '../util/did-you-mean.ts';
import { sharedKeywords, withVars } from './block-keywords.ts';
import { Fields } from './fields.ts';
import type { Findings } from './findings.ts';
import type { Library } from './library.ts';
import { findModule } from './modules.ts';
import { checkNotifications } from './notifications.ts';
import { readRoles } from './role-reader.ts';
import type { StaticVars } from './static-scope.ts';
import type { TaskContext } from './task-context.ts';
import { readTasks } from './tasks.ts';
import type { ModuleCatalog, Play, Raw } from './types.ts';
import { addUnknownKeywords, strangeKeys } from './unknown-keywords.ts';
import { readVarsPrompt } from './vars-prompt.ts';
import type { YamlMap } from './yaml-node.ts';

/** What a play is read with. */
export interface PlaySurroundings {
  readonly findings: Findings;
  readonly catalog: ModuleCatalog;
  readonly library: Library;
  /** Variables of the command line. */
  readonly vars: StaticVars;
}

/** Reads a play; everything that is wrong in it is noted. */
export function readPlay(map: YamlMap, surroundings: PlaySurroundings): Play | undefined {
  const { findings, catalog, library } = surroundings;
  const fields = new Fields(map, findings);
  const strange = strangeKeys(map, 'play', findings);
  const module = strange.find((key) => findModule(catalog, String(key.value)) !== undefined);
  if (module !== undefined && !map.entries.has('hosts')) {
    const message = `expected a play, found a task (module '${String(module.value)}')`;
    findings.add('PLAYBOOK_INVALID', map.offset, message, "put it into the 'tasks' of a play that has 'hosts'");
    return undefined;
  }
  addUnknownKeywords(strange, 'play', findings);
  const hosts = fields.raw('hosts');
  if (!map.entries.has('hosts')) {
    const isMisspelt = strange.some((key) => closestWord(String(key.value), ['hosts']) !== undefined);
    if (!isMisspelt)
      findings.add('PLAYBOOK_INVALID', map.offset, "play has no 'hosts'", "add 'hosts: all' or another pattern");
  }
  if (hosts !== undefined) checkHosts(hosts, findings);
  const shared = sharedKeywords(fields, catalog);
  const file = findings.source.path;
  const outside: TaskContext = {
    findings,
    catalog,
    owner: 'task',
    home: {
      library,
      stack: [file],
      importing: [],
      defaulted: new Set(),
      vars: [Object.assign({}, ...surroundings.vars.toReversed())],
    },
    parts: { roles: [], handlers: [] },
  };
  const context = withVars(outside, shared);
  const roles = readRoles(fields.node('roles'), context, library.options);
  const play: Play = {
    kind: 'play',
    ...shared,
    remoteUser: shared.remoteUser ?? fields.text('user'),
    when: [],
    hosts: hosts ?? { value: '', source: shared.source },
    serial: fields.raw('serial'),
    maxFailPercentage: fields.raw('max_fail_percentage'),
    maxFail: readMaxFail(fields),
    strategy: strategyOf(fields),
    order: fields.raw('order')?.value as Play['order'],
    gatherFacts: fields.flag('gather_facts'),
    factsArgs: factsArgs(fields),
    varsFiles: readVarsFiles(fields),
    varsPrompt: readVarsPrompt(fields),
    forceHandlers: fields.flag('force_handlers'),
    roles: roles.map((role) => role.block),
    roleHandlers: roles.flatMap((role) => role.handlers),
    roleUses: roles.map((role) => role.use),
    imported: context.parts,
    preTasks: readTasks(fields.node('pre_tasks'), context),
    tasks: readTasks(fields.node('tasks'), context),
    postTasks: readTasks(fields.node('post_tasks'), context),
    handlers: readTasks(fields.node('handlers'), { ...context, owner: 'handler' }),
  };
  checkNotifications(play, findings);
  return play;
}

function checkHosts({ value, source }: Raw, findings: Findings): void {
  const patterns = [value].flat().filter((each) => typeof each === 'string' && !isTemplate(each));
  try {
    // Joined, as they are used.
    checkHostPattern(patterns.join(','));
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    findings.addAt(error.code, source, error.message, error.hint);
  }
}

function strategyOf(fields: Fields): 'linear' | 'free' {
  const word = String(fields.raw('strategy')?.value ?? 'linear');
  // Ours of free keeps a host's place until the host is through, as host_pinned does.
  return word.endsWith('linear') ? 'linear' : 'free';
}

function readMaxFail(fields: Fields): Play['maxFail'] {
  const node = fields.node('max_fail');
  if (node?.kind !== 'map') return undefined;
  return Object.fromEntries([...node.entries].map(([name, { value }]) => [String(name), fields.rawOf(value)]));
}

function factsArgs(fields: Fields): Readonly<Record<string, unknown>> {
  const [subset, timeout] = [fields.raw('gather_subset'), fields.number('gather_timeout')];
  const factPath = fields.raw('fact_path');
  return {
    ...(subset === undefined ? {} : { gather_subset: subset.value }),
    ...(timeout === undefined ? {} : { gather_timeout: timeout.value }),
    ...(factPath === undefined ? {} : { fact_path: factPath.value }),
  };
}

function readVarsFiles(fields: Fields): Raw[] {
  const node = fields.node('vars_files');
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  return (node.kind === 'list' ? node.items : [node]).map((item) => fields.rawOf(item));
}
