/** Lets a wrong password be tried once a connection, however many shells and tasks there are: accounts get locked. */
import { createHash } from 'node:crypto';
import type { TransportError } from '../../errors.ts';
import type { Secret } from '../../util/secret.ts';

/** The end of an attempt: the failure that the password means, or nothing; `unknown` when the attempt came to no end. */
export type PasswordVerdict = TransportError | 'accepted' | 'unknown';

export class PasswordGate {
  readonly #attempts = new Map<string, Promise<PasswordVerdict>>();

  /**
   * Asks for the right to send a password, and waits while another shell is at it with the same one.
   *
   * @param key - which use of become it is for
   * @returns a function to be told how it went, or the failure that this password is known to mean
   */
  async enter(key: string, password: Secret): Promise<((verdict: PasswordVerdict) => void) | TransportError> {
    const id = createHash('sha256').update(`${key}\0${password.reveal()}`).digest('hex');
    for (;;) {
      const earlier = this.#attempts.get(id);
      if (earlier === undefined) break;
      const verdict = await earlier;
      if (verdict === 'accepted') return () => {};
      if (verdict !== 'unknown') return verdict;
    }
    const { promise, resolve } = Promise.withResolvers<PasswordVerdict>();
    this.#attempts.set(id, promise);
    return (verdict) => {
      if (verdict === 'unknown') this.#attempts.delete(id);
      resolve(verdict);
    };
  }
}
