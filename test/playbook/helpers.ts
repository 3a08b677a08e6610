/** Short ways to parse a playbook or a part of one in tests. */

import type { Diagnostic } from '../../src/errors.ts';
import { DiagnosticsError } from '../../src/errors.ts';
import { parsePlaybook } from '../../src/playbook/index.ts';
import type { Block, Play, Task, TaskOrBlock } from '../../src/playbook/types.ts';
import { catalog } from './fake-catalog.ts';

/** The only play of a playbook. */
export function playOf(text: string): Play {
  const [play] = parsePlaybook(text, 'site.yml', catalog).plays;
  if (play === undefined) throw new Error('the playbook has no play');
  return play;
}

/** The first task of a play whose `tasks` are these lines. */
export function taskOf(...lines: string[]): Task {
  const task = itemOf(lines);
  if (task.kind !== 'task') throw new Error('expected a task, found a block');
  return task;
}

/** The same for a block. */
export function blockOf(...lines: string[]): Block {
  const block = itemOf(lines);
  if (block.kind !== 'block') throw new Error('expected a block, found a task');
  return block;
}

/** Everything that is wrong with a playbook; fails when nothing is. */
export function findingsOf(text: string): readonly Diagnostic[] {
  return errorOf(text).diagnostics;
}

/** What is wrong with a play whose `tasks` are these lines: code, place, message and hint. */
export function taskFindings(...lines: string[]): string[] {
  return findingsOf(playWith(lines)).map(({ code, source, message, hint }) => {
    const place = `${code} ${source?.line}:${source?.column}`;
    return `${place} ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

/** The whole message of the error for a playbook. */
export function messageOf(text: string): string {
  return errorOf(text).message;
}

function itemOf(lines: readonly string[]): TaskOrBlock {
  const [item] = playOf(playWith(lines)).tasks;
  if (item === undefined) throw new Error('the play has no task');
  return item;
}

function playWith(lines: readonly string[]): string {
  return ['- hosts: all', '  tasks:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

function errorOf(text: string): DiagnosticsError {
  try {
    parsePlaybook(text, 'site.yml', catalog);
  } catch (error) {
    if (error instanceof DiagnosticsError) return error;
    throw error;
  }
  throw new Error('expected findings, found none');
}
