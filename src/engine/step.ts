/** `--step`: asks before each task. */

import type { TaskRef } from '../event.ts';
import type { EngineOptions } from './options.ts';

/** Whether a task is to run; `once`: what is answered for one host holds for all. */
export type Confirm = (task: TaskRef, once: boolean) => Promise<boolean>;

/** Asks about one task after the other, also when hosts get to different tasks at the same time (strategy free). */
export function createConfirm(ask: NonNullable<EngineOptions['confirmTask']>): Confirm {
  const answers = new Map<string, Promise<boolean>>();
  let last: Promise<unknown> = Promise.resolve();
  let isAsking = true;
  const inTurn = (name: string): Promise<boolean> => {
    const answer = last.then(async () => {
      if (!isAsking) return true;
      const word = await ask(name);
      if (word === 'continue') isAsking = false;
      return word !== 'no';
    });
    last = answer.catch(() => undefined);
    return answer;
  };
  return (task, once) => {
    if (!once) return inTurn(task.name);
    const answer = answers.get(task.taskId) ?? inTurn(task.name);
    answers.set(task.taskId, answer);
    return answer;
  };
}
