/** `--retry-file`: the hosts that a next run should take. */
import { writeFileSync } from 'node:fs';
import { errorMessage, FleetmendError } from '../errors.ts';

/** Writes the names, one a line; `--limit @FILE` reads them. @throws FleetmendError REPORT_FAILED */
export function writeRetryFile(path: string, hosts: readonly string[]): void {
  try {
    writeFileSync(path, hosts.map((host) => `${host}\n`).join(''));
  } catch (error) {
    throw new FleetmendError('REPORT_FAILED', `cannot write the retry file '${path}': ${errorMessage(error)}`);
  }
}
