/** `fleetmend check`: reads playbooks and says all that is wrong with them. */

import type { Io } from '../io.ts';
import { loadPlaybooks, type PlaybookFlags } from './run.ts';

/** @returns 0 when all are fine; mistakes are thrown as DiagnosticsError */
export async function checkCommand(files: readonly string[], flags: PlaybookFlags, io: Io): Promise<number> {
  const playbooks = await loadPlaybooks(files, flags, io);
  for (const playbook of playbooks) io.out(`${playbook.path}: fine\n`);
  return 0;
}
