/** `fleetmend run`. */

import { type Diagnostic, DiagnosticsError } from '../../errors.ts';
import { moduleCatalog } from '../../modules/registry.ts';
import { loadPlaybook } from '../../playbook/index.ts';
import type { Playbook } from '../../playbook/types.ts';
import { createTerminalReport } from '../../report/index.ts';
import type { Io } from '../io.ts';
import { listPlays } from '../list-plays.ts';
import { lockNameOf, playbookDirOf, runSession, type SessionFlags } from '../session.ts';

export interface RunCommandFlags extends SessionFlags {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
}

/** Runs playbooks. @returns the exit code */
export async function runCommand(paths: readonly string[], flags: RunCommandFlags, io: Io): Promise<number> {
  const playbooks = await loadPlaybooks(paths);
  if (flags.syntaxCheck === true) {
    for (const playbook of playbooks) io.out(`${playbook.path}: fine\n`);
    return 0;
  }
  if (flags.listHosts === true || flags.listTasks === true || flags.listTags === true) {
    return listPlays(playbooks, flags, io, playbookDirOf(paths, io.cwd));
  }
  return runSession({
    playbooks,
    flags,
    io,
    defaultLock: lockNameOf(paths, io.cwd),
    playbookDir: playbookDirOf(paths, io.cwd),
    tags: flags.tags,
    skipTags: flags.skipTags,
    startAtTask: flags.startAtTask,
    step: flags.step,
    mainReport: createTerminalReport,
  });
}

/** Loads playbooks. @throws DiagnosticsError with the mistakes of all of them */
export async function loadPlaybooks(paths: readonly string[]): Promise<Playbook[]> {
  const problems: Diagnostic[] = [];
  const playbooks: Playbook[] = [];
  for (const path of paths) {
    try {
      playbooks.push(await loadPlaybook(path, moduleCatalog));
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  if (problems.length > 0) throw new DiagnosticsError(problems);
  return playbooks;
}
