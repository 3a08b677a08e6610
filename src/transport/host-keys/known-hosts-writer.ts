/** Appends to a known_hosts file that other runs may append to at the same time. */
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const LOCK_RETRY_MS = 20;
/** A lock older than this is nobody's: writing takes milliseconds. */
const LOCK_STALE_MS = 5000;

/**
 * Adds lines that the file does not hold yet, in one write. The file is made with mode 0600, its directory with 0700.
 * A lock file beside it keeps runs apart, so that none writes what another just did. No line is ever lost, with the lock or
 * without: the file is only appended to.
 */
export async function appendKnownHosts(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.fleetmend-lock`;
  const isLocked = await obtainLock(lock);
  try {
    const text = await readText(file);
    const present = new Set(text.split('\n'));
    const missing = [...new Set(lines)].filter((line) => !present.has(line));
    if (missing.length === 0) return;
    const gap = text === '' || text.endsWith('\n') ? '' : '\n';
    const handle = await open(file, 'a', 0o600);
    try {
      await handle.writeFile(`${gap}${missing.join('\n')}\n`);
    } finally {
      await handle.close();
    }
  } finally {
    if (isLocked) await rm(lock, { force: true });
  }
}

// False: no lock can be made there, though the file itself may be writable; at worst a line then stands twice.
async function obtainLock(lock: string): Promise<boolean> {
  for (;;) {
    try {
      const handle = await open(lock, 'wx', 0o600);
      await handle.writeFile(`${process.pid} ${hostname()}\n`).finally(() => handle.close());
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error;
    }
    if (await isAbandoned(lock)) await rm(lock, { force: true });
    else await setTimeout(LOCK_RETRY_MS);
  }
}

// Whether the run that holds the lock has died, or takes longer than any that lives.
async function isAbandoned(lock: string): Promise<boolean> {
  const made = await stat(lock).catch(() => undefined);
  if (made === undefined) return false;
  if (Date.now() - made.mtimeMs > LOCK_STALE_MS) return true;
  const [pid, host] = (await readText(lock)).trim().split(' ');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
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
