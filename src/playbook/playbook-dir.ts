/** The folder that a play's relative paths start from. */

import { dirname, resolve } from 'node:path';
import type { Play, Playbook } from './types.ts';

/** The folder of the playbook that a play stands in, which may be an imported one; absolute. */
export function playbookDirOf(play: Play): string {
  return dirname(resolve(play.source.file));
}

/** Those of all plays, each once, the first play's first. */
export function playbookDirsOf(playbooks: readonly Playbook[]): string[] {
  return [...new Set(playbooks.flatMap(({ plays }) => plays.map(playbookDirOf)))];
}
