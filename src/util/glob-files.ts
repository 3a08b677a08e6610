/** Files of one folder by a shell pattern. */
import { readdirSync } from 'node:fs';
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

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}
