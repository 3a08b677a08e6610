/** Lets a person edit a text that must not lie about: in a private folder, which is removed whatever happens. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FleetmendError } from '../../errors.ts';
import type { Io } from '../io.ts';

/**
 * Opens `$VISUAL` or `$EDITOR` (default `vi`) with the content.
 *
 * @param name - file name that the editor sees: its ending tells the language
 * @returns what was saved
 * @throws FleetmendError USAGE when the editor cannot be started or ends with an error; the content is then as it was
 */
export async function editText(content: Uint8Array, name: string, io: Io): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-vault-'));
  const file = join(folder, basename(name));
  try {
    await writeFile(file, content, { mode: 0o600 });
    const editor = io.env.VISUAL || io.env.EDITOR || 'vi';
    // `sh` splits a setting such as `code --wait`.
    const child = spawn('sh', ['-c', `exec ${editor} "$1"`, 'sh', file], { stdio: 'inherit', env: io.env });
    const status = await new Promise<number | null>((done, failed) => {
      child.once('error', failed);
      child.once('exit', (code) => done(code));
    });
    if (status !== 0) {
      throw new FleetmendError(
        'USAGE',
        `the editor '${editor}' ended with status ${status ?? 'unknown'}; nothing was written`,
        {
          hint: 'set EDITOR to the editor that you use',
        },
      );
    }
    return await readFile(file);
  } finally {
    await overwrite(file);
    await rm(folder, { recursive: true, force: true });
  }
}

// A removed file leaves its bytes on the disk; as far as the file system rewrites in place, these are gone.
async function overwrite(file: string): Promise<void> {
  try {
    await writeFile(file, Buffer.alloc((await stat(file)).size), { flag: 'r+' });
  } catch {
    // The editor may have removed it.
  }
}
