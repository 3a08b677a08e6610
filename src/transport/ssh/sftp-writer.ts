/**
 * Writes files by SFTP, with many requests on the way in several sessions. A session's server takes 2 MiB before its answer
 * must be back (its window), as a shell's stdin does: only several together are faster where the way is long.
 */
import type { Client, SFTPWrapper } from 'ssh2';
import { TransportError } from '../../errors.ts';
import type { FileWriter } from '../shell/channel.ts';

/** Sessions for one file, of the ten that sshd allows at once. */
const SESSION_COUNT = 4;
/** With fewer a shell's stdin is as fast. */
const MIN_SESSION_COUNT = 2;
/** Requests on the way in one session. */
const REQUEST_COUNT = 64;
/** All servers take so much in one request. */
const REQUEST_BYTES = 32_768;
/** Each has up to 8 MiB on the way, some of it in our memory. */
const MAX_WRITERS = 8;

/** Lets only so many files be written at once, whatever the number of hosts. */
export class SftpWriters {
  #count = 0;

  /** Undefined: enough are at work. `openLimitMs`: how long the host may take to open the sessions. */
  claim(client: Client, openLimitMs: number): FileWriter | undefined {
    if (this.#count >= MAX_WRITERS) return undefined;
    this.#count++;
    const release = () => {
      this.#count--;
    };
    return {
      write: (path, content, signal) => writeFile(client, path, content, openLimitMs, signal).finally(release),
      release,
    };
  }
}

async function writeFile(
  client: Client,
  path: string,
  content: Uint8Array,
  openLimitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  const sessions: SFTPWrapper[] = [];
  const onAbort = () => stopped.reject(new TransportError('INTERRUPTED', 'The transfer was stopped'));
  const timer = setTimeout(
    () => stopped.reject(new TransportError('CHANNEL_TIMEOUT', 'The host opened no SFTP session in time')),
    openLimitMs,
  );
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const opening = openSessions(client, (session) => {
    if (isOver) session.end();
    else sessions.push(session);
  });
  let isOver = false;
  const work = opening.then(() => {
    clearTimeout(timer);
    if (sessions.length < MIN_SESSION_COUNT) {
      throw new TransportError('CHANNEL_FAILED', 'The host opened too few SFTP sessions');
    }
    return writeThrough(sessions, path, asBuffer(content), () => isOver);
  });
  try {
    await Promise.race([work, stopped.promise]);
  } finally {
    isOver = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // What is still on the way is answered with an error when its session ends.
    work.catch(() => {});
    for (const session of sessions) session.end();
  }
}

async function openSessions(client: Client, onOpen: (session: SFTPWrapper) => void): Promise<void> {
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      try {
        client.sftp((error, session) => {
          if (error === undefined || error === null) {
            session.on('error', () => {});
            onOpen(session);
          }
          resolve();
        });
      } catch {
        // ssh2 throws when the connection is gone.
        resolve();
      }
    });
  await Promise.all(Array.from({ length: SESSION_COUNT }, open));
}

async function writeThrough(
  sessions: readonly SFTPWrapper[],
  path: string,
  content: Buffer,
  isOver: () => boolean,
): Promise<void> {
  let nextOffset = 0;
  const writeParts = async (session: SFTPWrapper, handle: Buffer): Promise<void> => {
    while (nextOffset < content.length && !isOver()) {
      const offset = nextOffset;
      const sizeBytes = Math.min(REQUEST_BYTES, content.length - offset);
      nextOffset += sizeBytes;
      await answered((done) => session.write(handle, content, offset, sizeBytes, offset, done));
    }
  };
  await Promise.all(
    sessions.map(async (session) => {
      const handle = await answered<Buffer>((done) => session.open(path, 'r+', done));
      await Promise.all(Array.from({ length: REQUEST_COUNT }, () => writeParts(session, handle)));
      await answered((done) => session.close(handle, done));
    }),
  );
}

type Done<T> = (error?: Error | null, value?: T) => void;

function answered<T>(ask: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, value) => (error === undefined || error === null ? resolve(value as T) : reject(error)));
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
