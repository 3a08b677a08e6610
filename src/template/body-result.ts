/** What the body of a template or tag gives. */
import { toText } from './values/text.ts';

/** The result of a body that has put out nothing at all. */
export const NOTHING = Symbol('nothing');

/** A body's result as text; None puts out nothing. */
export function bodyText(result: unknown): string {
  return result === NOTHING || result === null ? '' : toText(result);
}
