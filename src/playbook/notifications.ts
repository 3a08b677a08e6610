/** Checks that every `notify` names a handler of the play, as far as that can be known before the run. */

import { isTemplate } from '../template/index.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import type { Findings } from './findings.ts';
import type { Play, Raw, TaskOrBlock } from './types.ts';

/** Notes each literal `notify` without a handler; nothing when a handler's name is a template. */
export function checkNotifications(play: Play, findings: Findings): void {
  const names = new Set(play.handlers.flatMap(namesOf));
  if ([...names].some(isTemplate)) return;
  for (const { value, source } of [...play.preTasks, ...play.tasks, ...play.postTasks, ...play.handlers].flatMap(
    notified,
  )) {
    const name = String(value);
    if (isTemplate(name) || names.has(name)) continue;
    const hint =
      didYouMean(name, names) ??
      (names.size === 0 ? "the play has no 'handlers'" : `there are: ${[...names].join(', ')}`);
    findings.addAt('PLAYBOOK_INVALID', source, `no handler is named '${name}' or listens to it`, hint);
  }
}

function namesOf(item: TaskOrBlock): string[] {
  const own = item.name === undefined ? [] : [item.name];
  return item.kind === 'task' ? [...own, ...item.listen] : [...own, ...item.block.flatMap(namesOf)];
}

function notified(item: TaskOrBlock): readonly Raw[] {
  if (item.kind === 'task') return item.notify;
  return [...item.notify, ...[item.block, item.rescue, item.always].flatMap((list) => list.flatMap(notified))];
}
