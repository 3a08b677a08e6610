/** Finds the addresses of a host's name, apart from connecting to them: a resolver that hangs stalls nobody else. */
import { type LookupAddress, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { askNameServers } from './name-servers.ts';

/**
 * The system's own look-up blocks one of Node's four threads for as long as it takes, and all file work shares them; so
 * only half of them are ever given to it.
 */
const SYSTEM_LOOKUPS = 2;
/** A look-up of the system's that did not end by now is helped by asking the name servers directly. */
const SYSTEM_HEAD_START_MS = 500;
/** An answer is used again for this long. */
const ANSWER_KEPT_MS = 10_000;

/** The ways to look a name up; replaced in tests. */
export interface Lookups {
  /** As every program does it: /etc/hosts, name services, DNS. Cannot be ended. */
  system(name: string): Promise<readonly LookupAddress[]>;
  /** DNS alone, on sockets of its own. */
  direct(name: string, signal: AbortSignal): Promise<readonly LookupAddress[]>;
}

/** Resolves names, each once however many hosts bear it at the same time. */
export class NameResolver {
  readonly #lookups: Lookups;
  readonly #answers = new Map<string, Promise<readonly LookupAddress[]>>();
  /** Names that wait for a place among {@link SYSTEM_LOOKUPS}. */
  readonly #waiting: (() => void)[] = [];
  #systemCount = 0;

  constructor(lookups: Lookups = REAL_LOOKUPS) {
    this.#lookups = lookups;
  }

  /**
   * The addresses of a name, at least one; an address is its own.
   *
   * @throws TransportError CONNECT_FAILED (no such name), CONNECT_TIMEOUT, INTERRUPTED; phase `resolve`
   */
  async resolve(name: string, timeoutMs: number, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    const family = isIP(name);
    if (family !== 0) return [{ address: name, family }];
    const ended = Promise.withResolvers<never>();
    const end = (error: TransportError) => ended.reject(error);
    const onAbort = () =>
      end(new TransportError('INTERRUPTED', `Interrupted while looking up '${name}'`, { phase: 'resolve' }));
    const timer = setTimeout(() => end(lookupTimedOut(name, timeoutMs)), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await Promise.race([ended.promise, this.#shared(name, timeoutMs)]);
    } catch (error) {
      throw error instanceof TransportError ? error : notFound(name, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #shared(name: string, timeoutMs: number): Promise<readonly LookupAddress[]> {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const forget = () => {
      if (this.#answers.get(name) === answer) this.#answers.delete(name);
    };
    const answer = this.#race(name, timeoutMs);
    this.#answers.set(name, answer);
    answer.then(() => setTimeout(forget, ANSWER_KEPT_MS).unref(), forget);
    return answer;
  }

  // The system's answer, or the name servers' when the system is slow or all its places are taken. What the system says
  // last counts: it may know names that DNS does not.
  async #race(name: string, timeoutMs: number): Promise<readonly LookupAddress[]> {
    const giveUp = new AbortController();
    const system = this.#system(name, giveUp.signal);
    const direct = Promise.withResolvers<readonly LookupAddress[]>();
    const headStart = setTimeout(() => {
      // That DNS does not know the name is no answer yet.
      this.#lookups.direct(name, giveUp.signal).then(direct.resolve, () => {});
    }, SYSTEM_HEAD_START_MS);
    const late = setTimeout(() => direct.reject(lookupTimedOut(name, timeoutMs)), timeoutMs);
    try {
      return await Promise.race([system, direct.promise]);
    } finally {
      clearTimeout(headStart);
      clearTimeout(late);
      giveUp.abort();
    }
  }

  async #system(name: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    if (this.#systemCount >= SYSTEM_LOOKUPS) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => {
        const place = this.#waiting.indexOf(resolve);
        if (place >= 0) this.#waiting.splice(place, 1);
      });
      await promise;
    } else {
      this.#systemCount++;
    }
    try {
      return await this.#lookups.system(name);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#systemCount--;
      else next();
    }
  }
}

const REAL_LOOKUPS: Lookups = {
  system: (name) =>
    new Promise((resolve, reject) => {
      lookup(name, { all: true, order: 'verbatim' }, (error, found) => {
        if (error === null) resolve(found);
        else reject(error);
      });
    }),
  direct: askNameServers,
};

function lookupTimedOut(name: string, timeoutMs: number): TransportError {
  return new TransportError('CONNECT_TIMEOUT', `No address of '${name}' within ${formatDuration(timeoutMs)}`, {
    hint: 'the name servers of this machine do not answer (/etc/resolv.conf)',
    phase: 'resolve',
  });
}

function notFound(name: string, cause: unknown): TransportError {
  return new TransportError('CONNECT_FAILED', `Host name '${name}' not found`, { cause, phase: 'resolve' });
}
