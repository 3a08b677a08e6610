/**
 * Who may work now. At most `forks` hosts are worked on; a host that connects is not worked on, so it leaves its place to
 * others and waits for one again when it is connected. Thus hosts connect ahead while others work, and those that never
 * answer are in nobody's way.
 */

/** A host's place among those that are worked on. */
export interface WorkPlace {
  /**
   * Connects without the place, then waits for one again, ahead of all hosts that have not begun. After a failure there is
   * no wait: what is left is to tell of it.
   *
   * @param pause - told when the wait begins and when it ends, which is not the host's fault
   * @param signal - ends the wait; the host then goes on without a place, as all it does from then on is end
   */
  connect<T>(work: () => Promise<T>, pause: (isWaiting: boolean) => void, signal: AbortSignal): Promise<T>;
}

/** Hosts that connect count among those who are let in ahead for this long; after it they are taken for silent. */
export const SILENT_AFTER_MS = 500;

/** Gives out the places. */
export class WorkPlaces {
  readonly #forks: number;
  readonly #ahead: number;
  /** Connected hosts that wait for a place. */
  readonly #returning: (() => void)[] = [];
  /** Hosts that have not begun. */
  readonly #starting: (() => void)[] = [];
  #workingCount = 0;
  #connectingCount = 0;

  /**
   * @param forks - hosts worked on at once
   * @param ahead - hosts that may be connecting at the same time, beside those
   */
  constructor(forks: number, ahead: number) {
    this.#forks = forks;
    this.#ahead = ahead;
  }

  /** Runs a job with a place; jobs begin in the order in which they came. */
  async run<T>(job: (place: WorkPlace) => Promise<T>): Promise<T> {
    const turn = Promise.withResolvers<void>();
    this.#starting.push(turn.resolve);
    this.#next();
    await turn.promise;
    try {
      return await job({ connect: (work, pause, signal) => this.#connect(work, pause, signal) });
    } finally {
      this.#workingCount--;
      this.#next();
    }
  }

  async #connect<T>(work: () => Promise<T>, pause: (isWaiting: boolean) => void, signal: AbortSignal): Promise<T> {
    let isCounted = true;
    const stopCounting = () => {
      if (isCounted) this.#connectingCount--;
      isCounted = false;
      this.#next();
    };
    this.#connectingCount++;
    this.#workingCount--;
    this.#next();
    const timer = setTimeout(stopCounting, SILENT_AFTER_MS);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      this.#workingCount++;
      throw error;
    } finally {
      clearTimeout(timer);
      // Whoever this lets in begins after the host has asked for its place again.
      queueMicrotask(stopCounting);
    }
    pause(true);
    await this.#return(signal);
    pause(false);
    return result;
  }

  async #return(signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const onAbort = () => {
      const index = this.#returning.indexOf(turn.resolve);
      if (index < 0) return;
      this.#returning.splice(index, 1);
      this.#workingCount++;
      turn.resolve();
    };
    this.#returning.push(turn.resolve);
    this.#next();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    await turn.promise;
    signal.removeEventListener('abort', onAbort);
  }

  #next(): void {
    while (this.#workingCount < this.#forks) {
      const isRoomAhead = this.#connectingCount < this.#ahead;
      const turn = this.#returning.shift() ?? (isRoomAhead ? this.#starting.shift() : undefined);
      if (turn === undefined) return;
      this.#workingCount++;
      turn();
    }
  }
}
