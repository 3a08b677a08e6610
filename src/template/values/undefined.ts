/**
 * What a name or attribute that does not exist evaluates to. It may be passed on, tested with `is defined` and replaced
 * by `default`; reading an attribute of it gives it back (Ansible's lenient chaining); any other use is an error.
 */
import type { TemplateError } from '../../errors.ts';
import { EvaluationFailure } from '../failure.ts';

export class Undefined {
  readonly #message: string;
  readonly #hint?: () => string | undefined;
  readonly #offset?: number;
  readonly #cause?: TemplateError;
  readonly #isBlank: boolean;

  /**
   * @param message - what is missing (`'x' is undefined`)
   * @param options.hint - computed only when the value is used after all
   * @param options.offset - where in the template the value was asked for
   * @param options.isBlank - it counts as an empty text where it is used: what an inline `if` without `else` gives
   * @param options.cause - the variable exists, but its own template needs something undefined: that error is thrown
   */
  constructor(
    message: string,
    options: { hint?: () => string | undefined; offset?: number; cause?: TemplateError; isBlank?: boolean } = {},
  ) {
    this.#message = message;
    this.#hint = options.hint;
    this.#offset = options.offset;
    this.#cause = options.cause;
    this.#isBlank = options.isBlank === true;
  }

  /** What using this value gives: '' when it counts as empty, otherwise its error is thrown. */
  settle(): string {
    if (this.#isBlank) return '';
    throw this.failure();
  }

  /** The error that using this value is. */
  failure(): Error {
    if (this.#cause !== undefined) return this.#cause;
    return new EvaluationFailure('TEMPLATE_UNDEFINED', this.#message, { hint: this.#hint?.(), offset: this.#offset });
  }
}

export function isUndefined(value: unknown): value is Undefined {
  return value instanceof Undefined;
}

/** The value itself; throws an undefined value's error (TEMPLATE_UNDEFINED), or gives '' for one that counts as empty. */
export function requireDefined(value: unknown): unknown {
  return value instanceof Undefined ? value.settle() : value;
}

/** The value, or an undefined value with that message where there is none (`undefined`; None is a value). */
export function orUndefined(value: unknown, message: () => string): unknown {
  return value === undefined ? new Undefined(message()) : value;
}
