/** Playbook files: reads them, and those they import. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FleetmendError } from '../errors.ts';
import { parsePlaybook } from './parse.ts';
import type { ModuleCatalog, Play, Playbook } from './types.ts';

/**
 * Reads a playbook with everything it imports; `import_playbook` paths count from the file that names them.
 *
 * @param path - as the user gave it; positions name the file so
 * @throws {@link DiagnosticsError} with all findings of the file and of what it imports
 * @throws {@link FleetmendError} FILE_NOT_FOUND or FILE_UNREADABLE for the file itself
 */
export function loadPlaybook(path: string, catalog: ModuleCatalog): Playbook {
  return { path, plays: loadPlays(path, catalog, []) };
}

function loadPlays(path: string, catalog: ModuleCatalog, importers: readonly string[]): readonly Play[] {
  const absolute = resolve(path);
  if (importers.includes(absolute)) {
    throw new FleetmendError('PLAYBOOK_INVALID', `playbook '${path}' imports itself`);
  }
  const importPlaybook = (name: string) => loadPlays(importedPath(path, name), catalog, [...importers, absolute]);
  return parsePlaybook(readText(path), path, catalog, importPlaybook).plays;
}

// Relative stays relative, so that messages name files as the user does.
function importedPath(importer: string, name: string): string {
  const folder = dirname(importer);
  return folder === '.' || name.startsWith('/') ? name : `${folder}/${name}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new FleetmendError('FILE_NOT_FOUND', `playbook '${path}' does not exist`, { cause: error });
    const reason = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : String(code);
    throw new FleetmendError('FILE_UNREADABLE', `playbook '${path}' cannot be read: ${reason}`, { cause: error });
  }
}
