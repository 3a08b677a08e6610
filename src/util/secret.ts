/** A value that must never be printed: passwords, passphrases. */

import { inspect } from 'node:util';

/** Holds a secret so that no accidental print, JSON or template shows it; `reveal()` is the only way to the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself; call it only where it goes onto the wire. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[REDACTED]';
  }

  toJSON(): string {
    return '[REDACTED]';
  }

  [inspect.custom](): string {
    return '[REDACTED]';
  }
}
