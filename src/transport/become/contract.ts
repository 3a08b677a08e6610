/**
 * What the programs that start others as another user have in common. One file a method; {@link ./methods.ts} is the
 * table. A shell starts the words of a {@link BecomeStart}; until its bootstrap announces itself, all that the process
 * prints goes to a {@link PasswordDialog}, which answers the one question for the password and says when there is
 * another. What the refusals mean is in failures.ts.
 */
import type { Become, BecomeMethod } from '../types.ts';

/** One program: sudo, su, doas. */
export interface BecomeProgram {
  readonly name: BecomeMethod;
  /** Whose password it asks for. */
  readonly passwordOf: 'login user' | 'become user';
  /** It asks at a terminal, never on stderr, and takes no password from stdin. */
  readonly asksAtTerminal: boolean;
  /** What it says when it may not ask for a password but needs one. */
  readonly needsPassword: RegExp;
  /**
   * The words that start `program` as the user.
   *
   * @param prompt - what it is to ask with, as far as it can be told; undefined when no password is at hand and it must
   *   not ask
   */
  words(become: Become, program: readonly string[], prompt: string | undefined): readonly string[];
}

/** One use of a program. */
export interface BecomeStart {
  readonly words: readonly string[];
  /** Set when a password is at hand: the text that is printed when it is wanted, where the program can be told. */
  readonly prompt?: string;
  /** Whether it may ask at a terminal. */
  readonly needsTerminal?: boolean;
}
