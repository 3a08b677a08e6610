/** An inventory that comes through a pipe: `-i <(command)`. */
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { InventoryError } from '../errors.ts';
import { formatDuration } from '../util/duration.ts';

/** More than this is no list of hosts: 64 MiB. */
const MAX_SIZE_BYTES = 64 * 1024 * 1024;

/**
 * All that comes through a pipe until its writer ends. A pipe can be read only once.
 *
 * @param shown - the path for messages
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED when it does not end in time, is too large, or nothing comes;
 *   the reason of `signal` when it is aborted
 */
export async function readPipe(
  path: string,
  shown: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<Buffer> {
  signal?.throwIfAborted();
  // A pipe without a writer must not hold up the program where nothing can end it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const timer = setTimeout(
    () => socket.destroy(failed(shown, `did not end within ${formatDuration(timeoutMs)} (--inventory-timeout)`)),
    timeoutMs,
  );
  const onAbort = () => socket.destroy(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_SIZE_BYTES) throw failed(shown, `gave more than ${MAX_SIZE_BYTES / 1024 / 1024} MiB`);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    socket.destroy();
  }
  if (sizeBytes === 0) throw failed(shown, 'gave nothing: did its command fail?');
  return Buffer.concat(chunks);
}

function failed(shown: string, what: string): InventoryError {
  return new InventoryError('INVENTORY_SOURCE_FAILED', `the pipe ${shown} ${what}`);
}
