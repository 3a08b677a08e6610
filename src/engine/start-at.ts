/** `--start-at-task`: which task is meant, and what to say when there is none. */

import { FleetmendError } from '../errors.ts';
import { globToRegExp } from '../inventory/index.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import type { EngineOptions } from './options.ts';
import { buildPlayTree, type TaskNode, tasksOf } from './tree.ts';

/** Whether a task is the one that is named: in full or by a glob, with its role's name or without. */
export function startTest(name: string): (task: TaskNode) => boolean {
  const glob = globToRegExp(name);
  return (task) => namesOf(task).some((own) => own === name || glob.test(own));
}

/** The error that no play has a task of the name. */
export function noSuchTask(name: string, options: EngineOptions): FleetmendError {
  const known = options.playbooks
    .flatMap(({ plays }) => plays)
    .flatMap((play) => tasksOf(buildPlayTree(play, '', options)))
    .flatMap(namesOf);
  const near = didYouMean(name, known);
  return new FleetmendError('USAGE', `no task is named '${name}': nothing was done`, {
    hint:
      near ?? 'see the names with --list-tasks; tasks of include_tasks and include_role are not known before they run',
  });
}

function namesOf({ ref, task }: TaskNode): string[] {
  return task.name === undefined ? [ref.name] : [ref.name, task.name];
}
