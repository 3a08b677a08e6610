/** The variables of a host that say how to reach it, by Ansible's names. */
import { TransportError } from '../errors.ts';
import { toText } from '../template/index.ts';
import type { Scope } from '../template/types.ts';

/** Reads variables of one host; the first name that is set counts, an empty text is not. */
export class ConnectionVars {
  readonly #host: string;
  readonly #scope: Scope;

  constructor(host: string, scope: Scope) {
    this.#host = host;
    this.#scope = scope;
  }

  value(...names: readonly string[]): unknown {
    for (const name of names) {
      const value = this.#scope.get(name);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  }

  text(...names: readonly string[]): string | undefined {
    const value = this.value(...names);
    return value === undefined ? undefined : toText(value);
  }

  /** @throws {@link TransportError} CONNECT_FAILED for anything but a whole number */
  number(...names: readonly string[]): number | undefined {
    const value = this.value(...names);
    if (value === undefined) return undefined;
    const number = Number(toText(value));
    if (Number.isInteger(number) && number >= 0) return number;
    throw new TransportError(
      'CONNECT_FAILED',
      `expected \`${names.at(-1)}\` of '${this.#host}' to be a whole number, found '${toText(value)}'`,
    );
  }
}
