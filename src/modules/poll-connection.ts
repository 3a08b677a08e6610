/** Waits until a host that is away can be worked with again. */
import { type ErrorCode, errorMessage, FleetmendError, ModuleError } from '../errors.ts';
import type { ModuleContext } from './contract.ts';

export interface PollOptions {
  /** Milliseconds; at least one attempt is made. */
  readonly timeoutMs: number;
  /** For each phase of connecting; undefined: what holds for the host. */
  readonly connectTimeoutMs?: number;
  /** Between attempts. */
  readonly sleepMs: number;
  /** Looks over the fresh connection; throws when it is not yet what is waited for. */
  readonly look: () => Promise<void>;
  /** Words for the failure: what was waited for. */
  readonly waitingFor: string;
  /** More for the result of the failure. */
  readonly result: () => Readonly<Record<string, unknown>>;
}

/** No later attempt ends otherwise: the run is over, or the host is not the one that is wanted. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'INTERRUPTED',
  'RUN_DEADLINE',
  'HOST_TIMEOUT',
  'NO_ADDRESS',
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_CHANGED',
  'KEY_UNREADABLE',
  'KEY_ENCRYPTED',
  'INTERNAL',
]);

/**
 * Connects and looks until both succeed, each time over a fresh connection. A refused login is waited out as well: hosts
 * refuse users while they boot.
 *
 * @throws {@link ModuleError} when the time is over, with the last failure in words; what no waiting changes as it is
 */
export async function pollConnection(context: ModuleContext, options: PollOptions): Promise<void> {
  const untilMs = context.nowMs() + options.timeoutMs;
  for (;;) {
    try {
      await context.reconnect(options.connectTimeoutMs);
      await options.look();
      return;
    } catch (error) {
      if (!(error instanceof FleetmendError) || FINAL.has(error.code) || context.signal.aborted) throw error;
      const leftMs = untilMs - context.nowMs();
      if (leftMs <= 0) {
        const seconds = Math.round(options.timeoutMs / 1000);
        const message = `no ${options.waitingFor} within ${seconds} s; the last attempt: ${errorMessage(error)}`;
        throw new ModuleError(message, options.result(), { cause: error });
      }
      await context.sleep(Math.min(options.sleepMs, leftMs));
    }
  }
}
