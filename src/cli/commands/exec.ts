/** `fleetmend exec`: one module, or one command, on the hosts of a pattern. */

import { UsageError } from '../../errors.ts';
import { moduleCatalog } from '../../modules/registry.ts';
import { literalTemplate, type ModuleCall, parseModuleArgs } from '../../playbook/index.ts';
import type { Play, Playbook, Task } from '../../playbook/types.ts';
import { createExecReport } from '../../report/index.ts';
import { shellJoin } from '../../util/shell-quote.ts';
import type { Io } from '../io.ts';
import type { SessionFlags } from '../session/options.ts';
import { runSession } from '../session/run-session.ts';
import { openVault } from '../vault/passwords.ts';

export interface ExecFlags extends SessionFlags {
  readonly moduleName?: string;
  readonly args?: string;
}

/** @returns the exit code */
export async function execCommand(
  pattern: string,
  words: readonly string[],
  flags: ExecFlags,
  io: Io,
): Promise<number> {
  if (words.length > 0 && (flags.moduleName !== undefined || flags.args !== undefined)) {
    throw new UsageError('expected either -m/-a or a command after --, found both');
  }
  if (words.length === 0 && flags.moduleName === undefined && flags.args === undefined) {
    throw new UsageError('nothing to run', {
      hint: 'pass -m MODULE -a ARGS, or a command: fleetmend exec web -- uptime',
    });
  }
  // A single word is shell text (`-- 'docker ps | wc -l'`); several are a command and its arguments, kept apart.
  // It is taken as it is, braces too: `docker ps --format '{{.ID}}'` is no template of ours.
  const command = words.length === 1 ? (words[0] ?? '') : shellJoin(words);
  const call =
    words.length > 0
      ? parseModuleArgs(moduleCatalog, 'shell', { cmd: literalTemplate(command) })
      : parseModuleArgs(moduleCatalog, flags.moduleName ?? 'command', flags.args ?? '');
  const vault = await openVault(flags, io);
  return runSession({ playbooks: [playbookOf(pattern, call)], flags, io, vault, mainReport: createExecReport });
}

function playbookOf(pattern: string, call: ModuleCall): Playbook {
  const source = { file: 'exec', line: 1, column: 1 };
  const task: Task = {
    kind: 'task',
    module: call.module,
    moduleAsWritten: call.module,
    args: call.args,
    argPositions: {},
    tags: [],
    when: [],
    notify: [],
    listen: [],
    source,
  };
  const play: Play = {
    kind: 'play',
    name: 'exec',
    hosts: { value: pattern, source },
    strategy: 'free',
    factsArgs: {},
    varsFiles: [],
    varsPrompt: [],
    tags: [],
    when: [],
    roles: [],
    roleUses: [],
    roleHandlers: [],
    imported: { roles: [], handlers: [] },
    preTasks: [],
    tasks: [task],
    postTasks: [],
    handlers: [],
    source,
  };
  return { path: 'exec', plays: [play] };
}
