import { internalError } from '../errors.ts';

/** Ends an exhaustive switch: a compile error when a member is missing, a bug report when one slips through. */
export function unreachable(value: never): never {
  throw internalError(`unexpected value ${JSON.stringify(value)}`);
}
