/** `fleetmend check`: reads playbooks and says all that is wrong with them. */

import { lookAhead } from '../../playbook/index.ts';
import { refuseIncluded, warnOfDoubts } from '../ahead.ts';
import type { Io } from '../io.ts';
import type { VaultFlags } from '../options.ts';
import { openVault } from '../vault/passwords.ts';
import { loadPlaybooks, type PlaybookFlags } from './run.ts';

/** @returns 0 when all are fine; mistakes are thrown as DiagnosticsError */
export async function checkCommand(
  files: readonly string[],
  flags: PlaybookFlags & VaultFlags,
  io: Io,
): Promise<number> {
  const playbooks = await loadPlaybooks(files, flags, io, (await openVault(flags, io)).keyring);
  const aheads = playbooks.map(lookAhead);
  warnOfDoubts(aheads, io, Number.POSITIVE_INFINITY);
  refuseIncluded(aheads);
  for (const playbook of playbooks) io.out(`${playbook.path}: fine\n`);
  return 0;
}
