/**
 * Who may connect now. Too many connections begun at once are turned away by the servers (MaxStartups), by jump hosts, or
 * starve each other of CPU until their deadlines pass; so they wait here, first come first served.
 */

/** How many may connect. */
export interface ConnectLimits {
  /** Hosts being connected at the same time. */
  readonly atOnce: number;
  /** Hosts being connected at the same time through one jump host, whose sshd counts them all as its own. */
  readonly atOncePerJump: number;
  /** New connections begun in a second; undefined: as many as there are places. */
  readonly perSecond?: number;
}

/** Where nothing else is said. */
export const DEFAULT_CONNECT_LIMITS: ConnectLimits = { atOnce: 64, atOncePerJump: 16 };

/** A place among those that connect. */
export interface ConnectTurn {
  /** Gives back the place for good. Idempotent. */
  leave(): void;
  /**
   * The host says nothing: it costs nothing but its deadline, so another may connect meanwhile. The place at its jump host
   * stays taken until {@link leave}.
   */
  fallSilent(): void;
}

interface Waiter {
  readonly jump: string | undefined;
  readonly begin: () => void;
}

/** Gives out the places. */
export class ConnectGate {
  readonly #limits: ConnectLimits;
  readonly #waiting: Waiter[] = [];
  readonly #perJump = new Map<string, number>();
  #count = 0;
  /** When the next connection may begin, by `performance.now()`. */
  #nextMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: ConnectLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a place; whoever gets one must {@link ConnectTurn.leave}.
   *
   * @param jump - names the jump host that the connection goes through; undefined: none. Never to be called for the jump
   *   host itself by somebody who holds a place already.
   * @throws the signal's reason when it fires first
   */
  async enter(signal: AbortSignal, jump?: string): Promise<ConnectTurn> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { jump, begin: resolve };
    const onAbort = () => {
      const place = this.#waiting.indexOf(waiter);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(signal.reason);
    };
    this.#waiting.push(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#letIn();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    return this.#turn(jump);
  }

  #turn(jump: string | undefined): ConnectTurn {
    let isCounted = true;
    let hasLeft = false;
    const giveBack = () => {
      if (isCounted) this.#count--;
      isCounted = false;
    };
    return {
      fallSilent: () => {
        giveBack();
        this.#letIn();
      },
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        giveBack();
        if (jump !== undefined) this.#perJump.set(jump, (this.#perJump.get(jump) ?? 1) - 1);
        this.#letIn();
      },
    };
  }

  #letIn(): void {
    for (;;) {
      if (this.#count >= this.#limits.atOnce) return;
      // Those for a jump host that is full stand aside for the others behind them.
      const place = this.#waiting.findIndex(({ jump }) => !this.#isFull(jump));
      if (place < 0 || !this.#isTime()) return;
      const [waiter] = this.#waiting.splice(place, 1);
      if (waiter === undefined) return;
      this.#count++;
      if (waiter.jump !== undefined) this.#perJump.set(waiter.jump, (this.#perJump.get(waiter.jump) ?? 0) + 1);
      waiter.begin();
    }
  }

  #isFull(jump: string | undefined): boolean {
    return jump !== undefined && (this.#perJump.get(jump) ?? 0) >= this.#limits.atOncePerJump;
  }

  // Whether a connection may begin by the rate; if not, the one that may will be let in when it may.
  #isTime(): boolean {
    const { perSecond } = this.#limits;
    if (perSecond === undefined) return true;
    const nowMs = performance.now();
    if (nowMs < this.#nextMs) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#letIn();
      }, this.#nextMs - nowMs);
      return false;
    }
    this.#nextMs = Math.max(this.#nextMs, nowMs - BURST_MS) + 1000 / perSecond;
    return true;
  }
}

/** A timer that fires late is made up for, but never by more than this. */
const BURST_MS = 50;
