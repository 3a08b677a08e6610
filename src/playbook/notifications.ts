/** Checks that every `notify` names a handler of the play, as far as that can be known before the run. */

import { isTemplate } from '../template/index.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import type { Findings } from './findings.ts';
import type { Play, Raw, TaskOrBlock } from './types.ts';

/**
 * Notes each literal `notify` without a handler; nothing when a handler's name is a template, or when an `include_role`
 * may bring handlers while the play runs.
 */
export function checkNotifications(play: Play, findings: Findings): void {
  const handlers = [...play.roleHandlers, ...play.handlers, ...play.imported.handlers];
  const tasks = [...play.preTasks, ...play.roles, ...play.tasks, ...play.postTasks, ...handlers];
  if (tasks.some(includesMore)) return;
  const names = new Set(handlers.flatMap((item) => namesOf(item)));
  if ([...names].some(isTemplate)) return;
  for (const { value, source } of tasks.flatMap(notified)) {
    const name = String(value);
    if (isTemplate(name) || names.has(name)) continue;
    const hint =
      didYouMean(name, names) ??
      (names.size === 0 ? "the play has no 'handlers'" : `there are: ${[...names].join(', ')}`);
    findings.addAt('PLAYBOOK_INVALID', source, `no handler is named '${name}' or listens to it`, hint);
  }
}

function includesMore(item: TaskOrBlock): boolean {
  if (item.kind === 'task') return item.include !== undefined;
  return [item.block, item.rescue, item.always].some((list) => list.some(includesMore));
}

function namesOf(item: TaskOrBlock, role?: string): string[] {
  const own = item.name === undefined ? [] : [item.name];
  if (item.kind === 'block')
    return [...own, ...item.block.flatMap((each) => namesOf(each, item.role?.role.name ?? role))];
  return [...own, ...(role === undefined ? [] : own.map((name) => `${role} : ${name}`)), ...item.listen];
}

function notified(item: TaskOrBlock): readonly Raw[] {
  if (item.kind === 'task') return item.notify;
  return [...item.notify, ...[item.block, item.rescue, item.always].flatMap((list) => list.flatMap(notified))];
}
