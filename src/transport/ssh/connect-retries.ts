/** Tries to connect again after failures that may pass. Nothing has been run on the host by then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../../errors.ts';

export interface ConnectRetries {
  /** Attempts after the first one; those that a busy host turned away do not count. */
  readonly retries: number;
  /**
   * How long a busy host (MaxStartups) is waited for whatever {@link retries} says; milliseconds of waiting between attempts.
   * What the attempts take does not count: most of it is the queue of those who connect here.
   */
  readonly busyLimitMs: number;
  readonly signal: AbortSignal;
}

/** What came of one attempt, when it is no error: the connection, or that the host has too many others at its door. */
export type Attempt<T> =
  | { readonly kind: 'ready'; readonly value: T }
  | { readonly kind: 'busy'; readonly failure: TransportError };

/** Before the first retry: this, up to twice this; each further one waits twice as long, up to the limit below. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;
/** Until a busy host is asked again: this, up to twice this; then twice as long each time, up to the limit below. */
const FIRST_BUSY_DELAY_MS = 250;
const MAX_BUSY_DELAY_MS = 4000;
/** No attempt begins later than this after the first one. */
const TOTAL_LIMIT_MS = 300_000;

/**
 * Runs attempts until one succeeds, one fails for good, or there are no more.
 *
 * @throws TransportError of the last attempt; it says how many there were
 */
export async function connectWithRetries<T>(attempt: () => Promise<Attempt<T>>, options: ConnectRetries): Promise<T> {
  const { retries, busyLimitMs, signal } = options;
  const startedMs = performance.now();
  let retriesLeft = retries;
  let busyCount = 0;
  let busyWaitedMs = 0;
  for (let attempts = 1; ; attempts++) {
    const result = await attempt().catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      return { kind: 'failed' as const, failure: error };
    });
    if (result.kind === 'ready') return result.value;
    const { failure } = result;
    let delayMs = spread(Math.min(MAX_BUSY_DELAY_MS / 2, FIRST_BUSY_DELAY_MS * 2 ** busyCount));
    const elapsedMs = performance.now() - startedMs;
    if (result.kind === 'busy' && busyWaitedMs + delayMs <= busyLimitMs) {
      busyCount++;
      busyWaitedMs += delayMs;
    } else {
      delayMs = spread(Math.min(MAX_DELAY_MS / 2, FIRST_DELAY_MS * 2 ** (retries - retriesLeft)));
      const isLast = retriesLeft-- <= 0 || elapsedMs + delayMs > TOTAL_LIMIT_MS;
      if (isLast || (result.kind === 'failed' && !failure.mayPass)) throw afterAttempts(failure, attempts);
    }
    // The next attempt is the one to say that it is over.
    await sleep(delayMs, undefined, { signal }).catch(() => {});
  }
}

// At random, or all that were turned away together would come back together.
function spread(delayMs: number): number {
  return delayMs * (1 + Math.random());
}

function afterAttempts(error: TransportError, attempts: number): TransportError {
  if (attempts === 1) return error;
  const { code, hint, cause, phase } = error;
  return new TransportError(code, `${error.message} (${attempts} attempts)`, { hint, cause, phase, attempts });
}
