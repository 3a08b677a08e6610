/** Files that are only in memory, for tests of what a playbook reads beside itself. */

import { dirname } from 'node:path';
import { FleetmendError } from '../../src/errors.ts';
import { parsePlaybook } from '../../src/playbook/index.ts';
import type { SourceFiles } from '../../src/playbook/source-files.ts';
import type { ModuleCatalog, Playbook } from '../../src/playbook/types.ts';
import { SourceText } from '../../src/util/source-text.ts';

/** Files by path; their folders are there too. `reads` counts how often each was read. */
export function memoryFiles(texts: Readonly<Record<string, string>>): SourceFiles & { reads: Map<string, number> } {
  const folders = new Set<string>();
  for (const path of Object.keys(texts)) {
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  const reads = new Map<string, number>();
  return {
    reads,
    read: (path, what) => {
      const text = texts[path];
      if (text === undefined) throw new FleetmendError('FILE_NOT_FOUND', `${what} '${path}' does not exist`);
      reads.set(path, (reads.get(path) ?? 0) + 1);
      return new SourceText(path, text);
    },
    kindOf: (path) => (Object.hasOwn(texts, path) ? 'file' : folders.has(path) ? 'folder' : undefined),
    list: (folder) =>
      [...Object.keys(texts), ...folders]
        .filter((path) => dirname(path) === folder && path !== folder)
        .map((path) => path.slice(folder === '.' ? 0 : folder.length + 1))
        .sort(),
  };
}

/** The playbook `site.yml` among some files. */
export function playbookAmong(
  texts: Readonly<Record<string, string>>,
  catalog: ModuleCatalog,
  extraVars: Readonly<Record<string, unknown>> = {},
): Playbook & { readonly reads: ReadonlyMap<string, number> } {
  const files = memoryFiles(texts);
  const playbook = parsePlaybook(texts['site.yml'] ?? '', 'site.yml', catalog, { files, extraVars: [extraVars] });
  return { ...playbook, reads: files.reads };
}
