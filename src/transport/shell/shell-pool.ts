/** The shells of one connection that wait for a script: at most one for each user. */
import { TransportError } from '../../errors.ts';
import { becomeKey } from '../become/methods.ts';
import type { Become } from '../types.ts';
import { ChannelRefusedError } from './channel.ts';
import { Shell, type ShellContext } from './shell.ts';

export class ShellPool {
  readonly #context: ShellContext;
  readonly #idle = new Map<string, Shell>();
  /** Set when the target refused a shell beside a running one (MaxSessions): none is opened ahead any more. */
  #isRefused = false;

  constructor(context: ShellContext) {
    this.#context = context;
  }

  /** Opens a shell ahead unless one waits already. */
  prepare(become: Become | undefined): void {
    const key = becomeKey(become);
    if (this.#isRefused || !this.#context.opener.isOpen || this.#idle.get(key)?.isDead === false) return;
    const shell = Shell.open(this.#context, become);
    this.#idle.set(key, shell);
    shell.ready.catch((error: unknown) => {
      const isLate = error instanceof TransportError && error.code === 'CHANNEL_TIMEOUT';
      if (isLate || error instanceof ChannelRefusedError) this.#isRefused = true;
    });
  }

  /**
   * The waiting shell of a user, which is then the caller's; undefined when there is none alive. One that was refused
   * by sudo or its like is given out as well: asking again would count as another wrong attempt.
   */
  take(become: Become | undefined): Shell | undefined {
    const key = becomeKey(become);
    const shell = this.#idle.get(key);
    this.#idle.delete(key);
    const wasRefused = shell?.failure instanceof TransportError && shell.failure.code === 'BECOME_FAILED';
    return shell?.isDead === false || wasRefused ? shell : undefined;
  }

  /** Lets all waiting shells go. */
  letGo(): void {
    for (const shell of this.#idle.values()) shell.close();
    this.#idle.clear();
  }
}
