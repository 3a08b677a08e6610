/** Appends to a known_hosts file that other runs may append to at the same time. */
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const LOCK_RETRY_MS = 20;
/** A lock older than this was left by a run that died: writing takes milliseconds. */
const LOCK_STALE_MS = 5000;

/**
 * Adds lines that the file does not hold yet, in one write. The file is made with mode 0600, its directory with 0700.
 * A lock file beside it keeps runs apart, so that none writes what another just did.
 */
export async function appendKnownHosts(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.fleetmend-lock`;
  await obtainLock(lock);
  try {
    const text = await readText(file);
    const present = new Set(text.split('\n'));
    const missing = [...new Set(lines)].filter((line) => !present.has(line));
    if (missing.length === 0) return;
    const gap = text === '' || text.endsWith('\n') ? '' : '\n';
    const handle = await open(file, 'a', 0o600);
    try {
      await handle.write(`${gap}${missing.join('\n')}\n`);
    } finally {
      await handle.close();
    }
  } finally {
    await rm(lock, { force: true });
  }
}

async function obtainLock(lock: string): Promise<void> {
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const made = await stat(lock).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > LOCK_STALE_MS) await rm(lock, { force: true });
    else await setTimeout(LOCK_RETRY_MS);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
