/** Runs one short program through an opener and keeps what it printed. */
import { TransportError } from '../../errors.ts';
import type { ProcessChannel, ProcessExit, ProcessOpener } from '../shell/channel.ts';

export interface ShortRun {
  /** Null exit code: a signal, or the connection was cut. */
  readonly exit: ProcessExit;
  readonly stdout: string;
  readonly stderr: string;
}

/** More than this is not kept of each stream; in bytes. */
const MAX_BYTES = 16_384;

/**
 * Waits for the end of a program, or for the deadline.
 *
 * @returns undefined when the deadline passed
 * @throws TransportError INTERRUPTED when the signal fires; those of ProcessOpener.open
 */
export async function runShort(
  opener: ProcessOpener,
  words: readonly string[],
  limit: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<ShortRun | undefined> {
  const ended = Promise.withResolvers<ShortRun | undefined>();
  const kept = { stdout: '', stderr: '' };
  let exit: ProcessExit = { code: null };
  const keep = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    if (kept[stream].length < MAX_BYTES) kept[stream] += chunk.toString('utf8');
  };
  const onAbort = () => ended.reject(new TransportError('INTERRUPTED', `Interrupted while '${words[0]}' ran`));
  const timer = setTimeout(() => ended.resolve(undefined), limit.timeoutMs);
  limit.signal?.addEventListener('abort', onAbort, { once: true });
  if (limit.signal?.aborted === true) onAbort();
  let channel: ProcessChannel | undefined;
  const opening = opener
    .open(
      { kind: 'words', words },
      {
        onStdout: keep('stdout'),
        onStderr: keep('stderr'),
        onExit: (how) => {
          exit = how;
        },
        onClose: () => ended.resolve({ exit, ...kept }),
      },
    )
    .then(
      (opened) => {
        channel = opened;
        opened.end();
      },
      (error: unknown) => ended.reject(error),
    );
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
    limit.signal?.removeEventListener('abort', onAbort);
    // A program that hangs is let go of, also when its channel comes late.
    void opening.then(() => channel?.close());
  }
}
