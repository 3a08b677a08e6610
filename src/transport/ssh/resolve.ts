/** Finds the addresses of a host's name, apart from connecting to them: a resolver that hangs stalls nobody else. */
import { type LookupAddress, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { askNameServers, needsNoDns } from './name-servers.ts';

/**
 * The system's own look-up blocks one of Node's four threads for as long as it takes, all file work shares them, and the
 * process cannot end before them. So only half of them are given to it, and only for names that the name servers have
 * already answered for, or that need none.
 */
const SYSTEM_LOOKUPS = 2;
/** A look-up of the system's that takes longer, or waits for its place, is not waited for when DNS knows the name. */
const SYSTEM_HEAD_START_MS = 500;
/** An answer is used again for this long. */
const ANSWER_KEPT_MS = 10_000;

/** The ways to look a name up; replaced in tests. */
export interface Lookups {
  /** Whether the system knows the name without asking DNS. */
  needsNoDns(name: string): boolean;
  /** As every program does it: /etc/hosts, name services, DNS. Cannot be ended. */
  system(name: string): Promise<readonly LookupAddress[]>;
  /** DNS alone, on sockets of its own: no address when it does not know the name; rejects when it does not answer. */
  direct(name: string, signal: AbortSignal): Promise<readonly LookupAddress[]>;
}

/** One name that is being looked up, or was a moment ago. */
interface LookUp {
  readonly answer: Promise<readonly LookupAddress[]>;
  readonly giveUp: AbortController;
  waiterCount: number;
}

/** Resolves names, each once however many hosts bear it at the same time. */
export class NameResolver {
  readonly #lookups: Lookups;
  readonly #lookUps = new Map<string, LookUp>();
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
    const lookUp = this.#shared(name, timeoutMs);
    lookUp.waiterCount++;
    try {
      return await Promise.race([ended.promise, lookUp.answer]);
    } catch (error) {
      throw error instanceof TransportError ? error : notFound(name, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      // What nobody waits for must not keep the process from ending.
      if (--lookUp.waiterCount === 0) lookUp.giveUp.abort();
    }
  }

  #shared(name: string, timeoutMs: number): LookUp {
    const known = this.#lookUps.get(name);
    if (known !== undefined) return known;
    const giveUp = new AbortController();
    const lookUp: LookUp = { answer: this.#lookUp(name, timeoutMs, giveUp.signal), giveUp, waiterCount: 0 };
    const forget = () => {
      if (this.#lookUps.get(name) === lookUp) this.#lookUps.delete(name);
    };
    this.#lookUps.set(name, lookUp);
    lookUp.answer.then(() => setTimeout(forget, ANSWER_KEPT_MS).unref(), forget);
    return lookUp;
  }

  async #lookUp(name: string, timeoutMs: number, givenUp: AbortSignal): Promise<readonly LookupAddress[]> {
    const giveUp = new AbortController();
    const late = Promise.withResolvers<never>();
    const end = () => late.reject(lookupTimedOut(name, timeoutMs));
    const timers = [setTimeout(end, timeoutMs)];
    givenUp.addEventListener('abort', end, { once: true });
    try {
      const fromDns = this.#lookups.needsNoDns(name) ? [] : await this.#askDns(name, late.promise, giveUp.signal);
      const answers = [this.#system(name, giveUp.signal), late.promise];
      if (fromDns.length > 0) {
        const second = Promise.withResolvers<readonly LookupAddress[]>();
        timers.push(setTimeout(() => second.resolve(fromDns), SYSTEM_HEAD_START_MS));
        answers.push(second.promise);
      }
      return await Promise.race(answers);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      giveUp.abort();
    }
  }

  async #askDns(name: string, late: Promise<never>, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    // Servers that do not answer would hold the system's look-up as well: the deadline is waited for without it.
    const answer = this.#lookups.direct(name, signal).catch(() => late);
    return Promise.race([answer, late]);
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
  needsNoDns,
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
    mayPass: true,
  });
}

function notFound(name: string, cause: unknown): TransportError {
  const mayPass = (cause as NodeJS.ErrnoException).code === 'EAI_AGAIN';
  return new TransportError('CONNECT_FAILED', `Host name '${name}' not found`, { cause, phase: 'resolve', mayPass });
}
