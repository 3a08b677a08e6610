/** The secrets of a run as they become known, and the redactor that hides them all. */

import { createRedactor, type Redactor } from './redact.ts';

/** Collects secrets; its redactor always knows the latest ones. */
export class SecretRegister {
  readonly #secrets = new Set<string>();
  // Made anew only when it is used after an addition: many hosts can bring a secret each.
  #current: Redactor | undefined;
  readonly redactor: Redactor;

  constructor() {
    const secrets = this.#secrets;
    this.redactor = Object.defineProperty((text: string) => this.#latest()(text), 'isEmpty', {
      get: () => secrets.size === 0,
    }) as Redactor;
  }

  add(secret: string): void {
    if (this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#current = undefined;
  }

  #latest(): Redactor {
    this.#current ??= createRedactor([...this.#secrets]);
    return this.#current;
  }
}
