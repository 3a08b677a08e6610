/** Finds roles and the files in them. */

import { basename, extname, isAbsolute, join } from 'node:path';
import { FleetmendError } from '../errors.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import type { SourceFiles } from './source-files.ts';

/** Where a role may be. */
export interface RoleSearch {
  readonly files: SourceFiles;
  /** Folder of the playbook, as it is named in messages. */
  readonly playbookDir: string;
  /** Where roles are looked for after `roles/` beside the playbook. */
  readonly rolesPath: readonly string[];
}

/**
 * The folder of a role: in `roles/` beside the playbook, the configured paths, beside the role that asks for it, beside
 * the playbook, or where a path leads.
 *
 * @param askedBy - folder of the role that names it
 * @throws {@link FleetmendError} FILE_NOT_FOUND with the folders that were looked in
 */
export function findRole(
  name: string,
  askedBy: string | undefined,
  { files, playbookDir, rolesPath }: RoleSearch,
): { readonly name: string; readonly path: string } {
  const folders = [
    join(playbookDir, 'roles'),
    ...rolesPath,
    ...(askedBy === undefined ? [] : [join(askedBy, '..')]),
    playbookDir,
  ];
  for (const folder of isAbsolute(name) ? [] : folders) {
    const path = join(folder, name);
    if (files.kindOf(path) === 'folder') return { name, path };
  }
  if (files.kindOf(name) === 'folder') return { name: basename(name), path: name };
  const collection = /^(\w+\.\w+)\.\w+$/.exec(name)?.[1];
  const known = folders.flatMap((folder) =>
    files.list(folder).filter((each) => files.kindOf(join(folder, each)) === 'folder'),
  );
  throw new FleetmendError('FILE_NOT_FOUND', `role '${name}' does not exist`, {
    hint:
      collection === undefined
        ? (didYouMean(name, known) ?? `looked in ${folders.map((folder) => `'${folder}'`).join(', ')}`)
        : `roles of collections ('${collection}') are not supported: put the role into 'roles/'`,
  });
}

const EXTENSIONS = ['.yml', '.yaml', '.json'];

/**
 * The files of one part of a role (`tasks`, `vars` …): `main` or the one asked for; in a folder of that name each file,
 * where a part may be a folder.
 *
 * @throws {@link FleetmendError} FILE_NOT_FOUND when one is asked for by name and is not there
 */
export function rolePart(
  files: SourceFiles,
  rolePath: string,
  part: 'tasks' | 'handlers' | 'vars' | 'defaults' | 'meta',
  asked?: string,
): readonly string[] {
  const folder = join(rolePath, part);
  const names = asked === undefined ? [...EXTENSIONS, ''] : ['', ...EXTENSIONS];
  for (const extension of names) {
    const path = join(folder, `${asked ?? 'main'}${extension}`);
    const kind = files.kindOf(path);
    if (kind === 'file') return [path];
    if (kind === 'folder' && (part === 'vars' || part === 'defaults')) return filesBelow(files, path);
  }
  if (asked === undefined) return [];
  throw new FleetmendError('FILE_NOT_FOUND', `role '${basename(rolePath)}' has no ${part}/${asked}`, {
    hint: `looked in '${folder}'; there are: ${files.list(folder).join(', ') || 'none'}`,
  });
}

// As Ansible: hidden files and copies of editors are left out, and files of other kinds.
function filesBelow(files: SourceFiles, folder: string): string[] {
  return files.list(folder).flatMap((name) => {
    if (name.startsWith('.') || name.endsWith('~')) return [];
    const path = join(folder, name);
    const extension = extname(name);
    if (files.kindOf(path) === 'folder') return extension === '' ? filesBelow(files, path) : [];
    return extension === '' || EXTENSIONS.includes(extension) ? [path] : [];
  });
}
