/** Passphrases that the system's ssh asks for: each is got once, however many hosts use the key. */
import type { Secret } from '../../util/secret.ts';
import type { PassphraseSource } from '../ssh/key-ring.ts';

/** The passphrases of a run. */
export class PassphraseBook {
  readonly #source: PassphraseSource;
  readonly #answers = new Map<string, Promise<Secret | undefined>>();
  /** Which answer opened a key, counted from 1. */
  readonly #proven = new Map<string, number>();
  /** The question that was asked last; the next one waits for its answer. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(source: PassphraseSource) {
    this.#source = source;
  }

  /** For one ssh, which asks again about a key that the answer did not open. */
  open(): PassphrasePage {
    const given = new Map<string, number>();
    return {
      answer: (file) => {
        const attempt = given.has(file) ? (given.get(file) ?? 0) + 1 : (this.#proven.get(file) ?? 1);
        given.set(file, attempt);
        return this.#get(file, attempt);
      },
      noteLoggedIn: () => {
        for (const [file, attempt] of given) this.#proven.set(file, attempt);
      },
    };
  }

  #get(file: string, attempt: number): Promise<Secret | undefined> {
    const id = JSON.stringify([file, attempt]);
    let answer = this.#answers.get(id);
    if (answer === undefined) {
      answer = this.#asking.then(() => this.#source(file, attempt));
      this.#asking = answer.catch(() => {});
      this.#answers.set(id, answer);
    }
    return answer;
  }
}

export interface PassphrasePage {
  /** @throws TransportError KEY_ENCRYPTED that says why there is none */
  answer(file: string): Promise<Secret | undefined>;
  /** The last answers were right, or not needed. */
  noteLoggedIn(): void;
}
