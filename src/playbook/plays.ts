/** One entry of a playbook -> {@link Play}. */

import { closestWord } from '../util/did-you-mean.ts';
import { Fields } from './fields.ts';
import type { Findings } from './findings.ts';
import { findModule } from './modules.ts';
import { checkNotifications } from './notifications.ts';
import { addUnknownKeywords, readTasks, strangeKeys } from './tasks.ts';
import type { ModuleCatalog, Play, Raw } from './types.ts';
import type { YamlMap } from './yaml-node.ts';

/** Reads a play; everything that is wrong in it is noted. */
export function readPlay(map: YamlMap, findings: Findings, catalog: ModuleCatalog): Play | undefined {
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
  const context = { findings, catalog, owner: 'task' as const };
  const shared = fields.shared();
  const play: Play = {
    kind: 'play',
    ...shared,
    remoteUser: shared.remoteUser ?? fields.text('user'),
    hosts: hosts ?? { value: '', source: shared.source },
    serial: fields.raw('serial'),
    maxFailPercentage: fields.raw('max_fail_percentage'),
    strategy: strategyOf(fields),
    order: fields.raw('order')?.value as Play['order'],
    gatherFacts: fields.flag('gather_facts'),
    varsFiles: readVarsFiles(fields),
    forceHandlers: fields.flag('force_handlers'),
    preTasks: readTasks(fields.node('pre_tasks'), context),
    tasks: readTasks(fields.node('tasks'), context),
    postTasks: readTasks(fields.node('post_tasks'), context),
    handlers: readTasks(fields.node('handlers'), { ...context, owner: 'handler' }),
  };
  checkNotifications(play, findings);
  return play;
}

function strategyOf(fields: Fields): 'linear' | 'free' {
  const word = String(fields.raw('strategy')?.value ?? 'linear');
  return word.endsWith('free') ? 'free' : 'linear';
}

function readVarsFiles(fields: Fields): Raw[] {
  const node = fields.node('vars_files');
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  return (node.kind === 'list' ? node.items : [node]).map((item) => fields.rawOf(item));
}
