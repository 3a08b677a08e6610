/** `fleetmend run`. */

import { type Diagnostic, DiagnosticsError } from '../../errors.ts';
import { moduleCatalog } from '../../modules/registry.ts';
import { decryptedFiles, diskFiles, loadPlaybook, lookAhead, playbookDirsOf } from '../../playbook/index.ts';
import type { Playbook } from '../../playbook/types.ts';
import type { VaultKeyring } from '../../util/vault-keyring.ts';
import { refuseIncluded, warnOfDoubts, warnOfIncluded } from '../ahead.ts';
import { loadConfig } from '../config.ts';
import { plainExtraVars } from '../extra-vars.ts';
import type { Io } from '../io.ts';
import { mergeSettings } from '../merge-settings.ts';
import type { SessionFlags } from '../session/options.ts';
import { openVault } from '../vault/passwords.ts';

/** What decides how a playbook is read. */
export interface PlaybookFlags {
  readonly rolesPath?: string;
  readonly extraVars?: readonly string[];
}

export interface RunCommandFlags extends SessionFlags, PlaybookFlags {
  readonly forceHandlers?: boolean;
  readonly hashBehaviour?: string;
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
  const vault = await openVault(flags, io);
  const playbooks = await loadPlaybooks(paths, flags, io, vault.keyring);
  const aheads = playbooks.map(lookAhead);
  warnOfDoubts(aheads, io);
  if (flags.syntaxCheck === true) {
    refuseIncluded(aheads);
    for (const playbook of playbooks) io.out(`${playbook.path}: fine\n`);
    return 0;
  }
  if (flags.tags !== undefined || flags.skipTags !== undefined) {
    const { warnOfTags } = await import('../tags.ts');
    warnOfTags(playbooks, aheads, flags, io);
  }
  // What runs playbooks is loaded only now: reading and checking them needs none of it.
  const [{ runSession }, { lockNameOf }, { createTerminalReport }] = await Promise.all([
    import('../session/run-session.ts'),
    import('../session/lock.ts'),
    import('../../report/index.ts'),
  ]);
  if (flags.listHosts === true || flags.listTasks === true || flags.listTags === true) {
    const { listPlays } = await import('../list-plays.ts');
    return listPlays(playbooks, flags, io, vault.keyring);
  }
  warnOfIncluded(aheads, io);
  return runSession({
    playbooks,
    flags,
    io,
    vault,
    defaultLock: lockNameOf(paths, io.cwd),
    playbookDirs: playbookDirsOf(playbooks),
    tags: flags.tags,
    skipTags: flags.skipTags,
    startAtTask: flags.startAtTask,
    forceHandlers: flags.forceHandlers,
    step: flags.step,
    mainReport: createTerminalReport,
  });
}

/** Where Ansible looks for roles when nothing else is said. */
const DEFAULT_ROLES_PATH = ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'];

/** Loads playbooks. @throws DiagnosticsError with the mistakes of all of them */
export async function loadPlaybooks(
  paths: readonly string[],
  flags: PlaybookFlags,
  io: Io,
  vault: VaultKeyring,
): Promise<Playbook[]> {
  const { rolesPath = DEFAULT_ROLES_PATH } = mergeSettings(flags, loadConfig(io).settings);
  const options = {
    files: decryptedFiles(diskFiles, vault),
    rolesPath: rolesPath.map((path) => path.replace(/^~(?=\/|$)/, io.home)),
    extraVars: plainExtraVars(flags.extraVars ?? []),
  };
  const problems: Diagnostic[] = [];
  const playbooks: Playbook[] = [];
  for (const path of paths) {
    try {
      playbooks.push(await loadPlaybook(path, moduleCatalog, options));
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  if (problems.length > 0)
    throw new DiagnosticsError([...problems, ...playbooks.flatMap((playbook) => lookAhead(playbook).findings)]);
  return playbooks;
}
