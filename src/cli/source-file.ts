/** A file of the user's, to show a line of it beside an error. */

import { readFileSync, statSync } from 'node:fs';
import { SourceText } from '../playbook/index.ts';
import { isVaultText } from '../util/vault-format.ts';

/** Larger files are not read only to show a line. */
const MAX_SIZE_BYTES = 16 * 1024 * 1024;

/** The file's text; undefined: it cannot be read (a pipe can be only once), or is encrypted. */
export function readSourceFile(path: string): SourceText | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_SIZE_BYTES) return undefined;
    const text = readFileSync(path, 'utf8');
    return isVaultText(text) ? undefined : new SourceText(path, text);
  } catch {
    return undefined;
  }
}
