/** Files of one folder by a shell pattern. */
import { readdirSync, statSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/**
 * Full paths of the regular files in `folder` whose names match, sorted; hidden ones only when the pattern starts with a
 * dot. Empty when the folder is not there.
 */
export function globFiles(folder: string, pattern: string): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(folder);
  } catch {
    return [];
  }
  return entries
    .filter((entry) => !entry.isDirectory() && (pattern.startsWith('.') || !entry.name.startsWith('.')))
    .filter((entry) => matchesGlob(entry.name, pattern))
    .map((entry) => join(folder, entry.name))
    .sort();
}

/**
 * Paths of the regular files, or links to them, that match an absolute pattern in each of its parts (`/etc/*\/x.conf`),
 * sorted; hidden ones only where the part of the pattern starts with a dot. `**` means `*`, as in Ansible.
 */
export function globPaths(pattern: string): string[] {
  let paths = ['/'];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    paths = paths.flatMap((path) => (/[*?[]/.test(part) ? matchingIn(path, part) : [join(path, part)]));
  }
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true).sort();
}

function matchingIn(folder: string, pattern: string): string[] {
  try {
    return readEntries(folder)
      .filter(({ name }) => (pattern.startsWith('.') || !name.startsWith('.')) && matchesGlob(name, pattern))
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}
