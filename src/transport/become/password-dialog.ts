/** Answers the question for the password, once. */
import type { TransportError } from '../../errors.ts';
import type { Secret } from '../../util/secret.ts';
import type { Become } from '../types.ts';
import type { BecomeStart } from './contract.ts';
import { askedAgain, type BecomePlace, wordsOf } from './failures.ts';
import { becomeKey } from './methods.ts';
import type { PasswordGate, PasswordVerdict } from './password-gate.ts';

/** What is looked at of the last output. */
const SEEN_MAX_CHARS = 4096;
/** Output that stops within a line for this long is a question. */
const QUESTION_IDLE_MS = 300;
/** Such an end is known for a question at once. */
const USUAL_QUESTION = /assword[^\n]*: ?$/i;
/** After the answer a program may be at work within a line; a second question is no hurry. */
const SECOND_QUESTION_IDLE_MS = 2000;

export interface PasswordDialogOptions {
  readonly start: BecomeStart;
  readonly become: Become;
  readonly place: BecomePlace;
  readonly gate: PasswordGate;
  /** Sends a line to the process. */
  readonly answer: (line: string) => void;
  /** It wants another answer: there is none. */
  readonly fail: (error: TransportError) => void;
}

/**
 * Listens to a become program until the shell behind it announces itself. A question is output that stops at our own prompt or, where the program
 * cannot be told or does not obey (su, PAM modules), output that stops within a line: words are not looked at, so the
 * language does not matter.
 */
export class PasswordDialog {
  readonly #options: PasswordDialogOptions;
  #seen = '';
  #timer: NodeJS.Timeout | undefined;
  #isAnswered = false;
  #isOver: boolean;
  #onVerdict: ((verdict: PasswordVerdict) => void) | undefined;

  constructor(options: PasswordDialogOptions) {
    this.#options = options;
    this.#isOver = options.become.password === undefined;
  }

  /** Takes output of either stream. */
  onOutput(chunk: Buffer): void {
    if (this.#isOver) return;
    // Latin-1: only ASCII is looked for, and a character may be cut between chunks.
    this.#seen = (this.#seen + chunk.toString('latin1')).slice(-SEEN_MAX_CHARS);
    clearTimeout(this.#timer);
    const { prompt } = this.#options.start;
    const isUsual = !this.#isAnswered && USUAL_QUESTION.test(this.#seen);
    if (isUsual || (prompt !== undefined && this.#seen.endsWith(prompt))) this.#onQuestion();
    else if (/[^\s][^\n]*$/.test(this.#seen)) {
      const idleMs = this.#isAnswered ? SECOND_QUESTION_IDLE_MS : QUESTION_IDLE_MS;
      this.#timer = setTimeout(() => this.#onQuestion(), idleMs);
    }
  }

  /** Whether the password was asked for. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Nothing is a question any more: the shell announced itself (`accepted`), failed, or was let go (`unknown`). */
  end(verdict: PasswordVerdict): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onVerdict?.(verdict);
    this.#onVerdict = undefined;
  }

  #onQuestion(): void {
    const { become, place, fail } = this.#options;
    const words = Buffer.from(this.#seen, 'latin1').toString('utf8');
    this.#seen = '';
    if (this.#isAnswered) {
      const failure = askedAgain(place, become, wordsOf(words));
      this.end(failure);
      fail(failure);
      return;
    }
    this.#isAnswered = true;
    if (become.password !== undefined) void this.#answer(become.password);
  }

  async #answer(password: Secret): Promise<void> {
    const { become, gate, answer, fail } = this.#options;
    const entered = await gate.enter(becomeKey(become), password);
    if (typeof entered !== 'function') {
      this.end('unknown');
      fail(entered);
      return;
    }
    if (this.#isOver) return entered('unknown');
    this.#onVerdict = entered;
    answer(`${password.reveal()}\n`);
  }
}
