/** Playbook files: reads them, and those they import. */

import { dirname, resolve } from 'node:path';
import { FleetmendError } from '../errors.ts';
import { parsePlaybook } from './parse.ts';
import { diskFiles, type SourceFiles } from './source-files.ts';
import type { StaticVars } from './static-scope.ts';
import type { ModuleCatalog, Play, Playbook } from './types.ts';

export interface LoadOptions {
  /** @defaultValue the files of this machine */
  readonly files?: SourceFiles;
  /** Where roles are looked for after `roles/` beside the playbook. */
  readonly rolesPath?: readonly string[];
  /** Variables of the command line, highest precedence first: names of imports may hold them. */
  readonly extraVars?: StaticVars;
}

/**
 * Reads a playbook with everything it imports; `import_playbook` paths count from the file that names them.
 *
 * @param path - as the user gave it; positions name the file so
 * @throws {@link DiagnosticsError} with all findings of the file and of what it imports
 * @throws {@link FleetmendError} FILE_NOT_FOUND or FILE_UNREADABLE for the file itself
 */
export function loadPlaybook(path: string, catalog: ModuleCatalog, options: LoadOptions = {}): Playbook {
  return { path, plays: loadPlays(path, catalog, options, []) };
}

function loadPlays(
  path: string,
  catalog: ModuleCatalog,
  options: LoadOptions,
  importers: readonly string[],
): readonly Play[] {
  const absolute = resolve(path);
  if (importers.includes(absolute)) {
    throw new FleetmendError('PLAYBOOK_INVALID', `playbook '${path}' imports itself`);
  }
  const { files = diskFiles } = options;
  const importPlaybook = (name: string) =>
    loadPlays(importedPath(path, name), catalog, options, [...importers, absolute]);
  const { text, isSecret } = files.read(path, 'playbook');
  return parsePlaybook(text, path, catalog, { ...options, files, importPlaybook, isSecret }).plays;
}

// Relative stays relative, so that messages name files as the user does.
function importedPath(importer: string, name: string): string {
  const folder = dirname(importer);
  return folder === '.' || name.startsWith('/') ? name : `${folder}/${name}`;
}
