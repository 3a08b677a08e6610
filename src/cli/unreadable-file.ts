/** What to say of a file of the user's that cannot be read. */

import { errorMessage, FleetmendError } from '../errors.ts';

/**
 * FILE_NOT_FOUND or FILE_UNREADABLE with the reason.
 *
 * @param what - the file in words, with its path: "the password file 'pw'"
 */
export function unreadableFile(what: string, error: unknown): FleetmendError {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return new FleetmendError(
    isMissing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
    `cannot read ${what}: ${isMissing ? 'it does not exist' : errorMessage(error)}`,
    { cause: error },
  );
}
