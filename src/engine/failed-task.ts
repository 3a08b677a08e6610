/** What `rescue` and `always` know of the task that failed: `ansible_failed_task`. */

import { evaluateDeep, toPlain } from '../template/index.ts';
import { nameOf } from './conditions.ts';
import type { HostRun } from './host-run.ts';
import { type PlayContext, taskScope } from './task-context.ts';
import type { TaskNode } from './tree.ts';

/** The keys of the task that playbooks read, by Ansible's names. Never throws: the task has failed already. */
export function failedTask(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  noLog: boolean,
): Record<string, unknown> {
  const { task, keywords } = node;
  const evaluated = (value: unknown): unknown => {
    try {
      const scope = taskScope(context, hostRun, node);
      return toPlain(evaluateDeep(value, scope, task.source, scope.environment));
    } catch {
      // What made the task fail may be in here, or an item of its loop.
      return value;
    }
  };
  const scope = taskScope(context, hostRun, node);
  return {
    name: task.name === undefined ? '' : nameOf(task.name, scope),
    action: task.moduleAsWritten,
    args: noLog ? {} : evaluated(task.args),
    tags: [...keywords.tags],
    when: keywords.when.map(({ text }) => text),
    register: task.register ?? null,
    notify: evaluated(keywords.notify.map(({ value }) => value)),
    delegate_to: evaluated(keywords.delegateTo?.value ?? null),
    become: evaluated(keywords.become?.value ?? null),
    become_user: evaluated(keywords.becomeUser?.value ?? null),
    ignore_errors: keywords.ignoreErrors?.text ?? false,
    no_log: noLog,
  };
}
