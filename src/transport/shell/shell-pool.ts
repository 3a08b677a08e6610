/** The shells of one connection that are open ahead: for each user a lane, or shells that wait for one script each. */
import { TransportError } from '../../errors.ts';
import { becomeKey } from '../become/methods.ts';
import type { Become } from '../types.ts';
import { ChannelRefusedError } from './channel.ts';
import { Lane } from './lane.ts';
import { fitsLane } from './lane-text.ts';
import type { PreparedScript } from './protocol.ts';
import type { Runner } from './runner.ts';
import { Shell, type ShellContext } from './shell.ts';

/** What is open for one user. */
interface UserShells {
  lane: Lane | undefined;
  /** Whether a lane can run there: it needs `setsid`. */
  canLane: boolean;
  /** Shells for one script each, where there can be no lane. */
  readonly waiting: Shell[];
  /** Scripts begun so far. */
  scriptCount: number;
  /** Somebody said that another script follows the next one. */
  moreFollow: boolean;
}

/** At most so many shells wait at once; more would come near to sshd's MaxSessions, 10. */
const MAX_WAITING = 3;
/** One more shell waits for each of these that opening one takes. */
const MS_FOR_ONE_MORE = 60;

export class ShellPool {
  readonly #context: ShellContext;
  readonly #users = new Map<string, UserShells>();
  /** The least time that it took to open a shell. */
  #openMs = Number.POSITIVE_INFINITY;
  /** Set when the target refused a shell beside a running one (MaxSessions): none is opened ahead any more. */
  #isRefused = false;

  constructor(context: ShellContext) {
    this.#context = context;
  }

  /** Says that a script will follow soon as this user: sees to it that a lane or a shell is open by then. */
  prepare(become: Become | undefined): void {
    if (this.#isRefused || !this.#context.opener.isOpen) return;
    const user = this.#userOf(become);
    user.moreFollow = true;
    if (!user.canLane) this.#fillWaiting(user, become);
    else if (user.lane?.isDead !== false) this.#openLane(user, become);
  }

  /**
   * What runs the next script of a user, which is then the caller's: a turn of the lane, or a shell that waits. Undefined
   * when a shell has to be opened for it. What was refused by sudo is given out as well: asking sudo again would count as
   * another wrong attempt.
   */
  take(become: Become | undefined, script: PreparedScript): Runner | undefined {
    const user = this.#userOf(become);
    const isFirst = user.scriptCount++ === 0;
    return user.canLane ? this.#takeTurn(user, become, script, isFirst) : this.#takeWaiting(user, become);
  }

  /** Lets all shells go that no script runs in. */
  letGo(): void {
    for (const user of this.#users.values()) {
      for (const shell of user.waiting.splice(0)) shell.close();
      if (user.lane?.isBusy === false) {
        user.lane.retire();
        user.lane = undefined;
      }
    }
  }

  #takeTurn(
    user: UserShells,
    become: Become | undefined,
    script: PreparedScript,
    isFirst: boolean,
  ): Runner | undefined {
    const { lane } = user;
    if (lane !== undefined && !lane.isBusy && lane.isDead) {
      user.lane = undefined;
      if (!lane.wasClaimed && wasRefused(lane.shell)) return lane.claim();
    }
    if (user.lane?.isBusy === true || !fitsLane(script, user.lane?.isProven === true)) return undefined;
    // A second script says that there will be more; the only one of a play needs no lane.
    if (user.lane === undefined && !isFirst && !this.#isRefused) this.#openLane(user, become);
    return user.lane?.claim();
  }

  #takeWaiting(user: UserShells, become: Become | undefined): Runner | undefined {
    let shell = user.waiting.shift();
    while (shell?.isDead === true && !wasRefused(shell)) shell = user.waiting.shift();
    if (user.moreFollow && !this.#isRefused) this.#fillWaiting(user, become);
    user.moreFollow = false;
    return shell;
  }

  #openLane(user: UserShells, become: Become | undefined): void {
    const lane = new Lane(this.#open(become), () => {
      user.canLane = false;
      user.lane = undefined;
      if (!lane.wasClaimed) user.waiting.push(lane.shell);
      if (user.moreFollow && !this.#isRefused) this.#fillWaiting(user, become);
    });
    user.lane = lane;
  }

  #fillWaiting(user: UserShells, become: Become | undefined): void {
    const slowness = Number.isFinite(this.#openMs) ? Math.floor(this.#openMs / MS_FOR_ONE_MORE) : 0;
    const wanted = Math.min(MAX_WAITING, 1 + slowness);
    while (user.waiting.length < wanted) user.waiting.push(this.#open(become));
  }

  #open(become: Become | undefined): Shell {
    const shell = Shell.open(this.#context, become);
    shell.ready.then(
      () => {
        this.#openMs = Math.min(this.#openMs, shell.openMs ?? this.#openMs);
      },
      (error: unknown) => {
        const isLate = error instanceof TransportError && error.code === 'CHANNEL_TIMEOUT';
        if (isLate || error instanceof ChannelRefusedError) this.#isRefused = true;
      },
    );
    return shell;
  }

  #userOf(become: Become | undefined): UserShells {
    const key = becomeKey(become);
    let user = this.#users.get(key);
    if (user === undefined) {
      user = { lane: undefined, canLane: true, waiting: [], scriptCount: 0, moreFollow: false };
      this.#users.set(key, user);
    }
    return user;
  }
}

function wasRefused(shell: Shell): boolean {
  return shell.failure instanceof TransportError && shell.failure.code === 'BECOME_FAILED';
}
