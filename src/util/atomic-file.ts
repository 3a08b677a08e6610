/** Writes a file so that a reader sees the old content or the new, never a half. */

import { randomUUID } from 'node:crypto';
import { open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Text gathered before each write; keeps system calls few and memory flat. */
const WRITE_CHUNK_CHARS = 256 * 1024;

/**
 * Writes `chunks` to a new file beside `path`, flushes it to disk and renames it over `path`. On any error, also one
 * thrown by the iterable, the new file is removed and `path` is as it was.
 *
 * @param chunks - texts, written as UTF-8, or bytes
 * @param options.mode - permission bits of a file that is new (the umask applies); default 0o644. A file that is replaced
 *   keeps its own bits.
 * @throws the file system's own error (ENOENT, EACCES, ENOSPC …); the caller words it
 */
export async function writeFileAtomic(
  path: string,
  chunks: Iterable<string | Uint8Array>,
  options: { mode?: number } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const existingMode = await modeOf(path);
  const file = await open(temporary, 'wx', existingMode ?? options.mode ?? 0o644);
  try {
    try {
      if (existingMode !== undefined) await file.chmod(existingMode);
      let pending = '';
      for (const chunk of chunks) {
        if (typeof chunk !== 'string') {
          await file.writeFile(pending);
          await file.writeFile(chunk);
          pending = '';
          continue;
        }
        pending += chunk;
        if (pending.length < WRITE_CHUNK_CHARS) continue;
        await file.writeFile(pending);
        pending = '';
      }
      await file.writeFile(pending);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch {
    return undefined;
  }
}
