/** Where a report goes: a file, or a writer such as stdout. */

import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorMessage, FleetmendError } from '../errors.ts';
import { writeFileAtomic } from '../util/atomic-file.ts';

/** A file path, or a function that takes the report's text (stdout; the CLI passes it in). */
export type ReportTarget = { readonly path: string } | { readonly write: (text: string) => void };

/**
 * Says before the run starts whether a report can be written to `path`; creates nothing.
 *
 * @throws {@link FleetmendError} REPORT_FAILED when its directory is missing or not writable, or `path` is a directory
 */
export function checkReportTarget(path: string): void {
  const directory = dirname(resolve(path));
  try {
    if (!statSync(directory).isDirectory()) throw new Error('it is not a directory');
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const missing = isNotFound(error);
    throw reportError(path, missing ? `directory '${directory}' does not exist` : errorMessage(error), {
      hint: missing ? `create it first: mkdir -p '${directory}'` : `make '${directory}' a writable directory`,
      cause: error,
    });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw reportError(path, 'it is a directory', { hint: 'give the path of a file' });
  }
}

/**
 * Writes a finished report to its target, files atomically.
 *
 * @throws {@link FleetmendError} REPORT_FAILED
 */
export async function writeReport(target: ReportTarget, chunks: Iterable<string>): Promise<void> {
  if ('write' in target) {
    for (const chunk of chunks) target.write(chunk);
    return;
  }
  try {
    await writeFileAtomic(target.path, chunks);
  } catch (error) {
    throw reportError(target.path, errorMessage(error), { cause: error });
  }
}

/** The REPORT_FAILED error of a report to `path`. */
export function reportError(
  path: string,
  reason: string,
  options: { hint?: string; cause?: unknown } = {},
): FleetmendError {
  return new FleetmendError('REPORT_FAILED', `Cannot write the report '${path}': ${reason}`, options);
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
