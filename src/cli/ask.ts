/** Asks the person at the terminal: passwords, pauses, steps. */

import { openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { errorMessage, FleetmendError, UsageError } from '../errors.ts';
import { Secret } from '../util/secret.ts';
import type { Io } from './io.ts';

/**
 * Asks one line at the controlling terminal, so that data on stdin and stdout stays apart.
 *
 * @throws UsageError when there is no terminal; the signal's reason when it fires first
 */
export async function askLine(text: string, options: { echo: boolean; signal?: AbortSignal }): Promise<string> {
  const { input, output } = openTerminal();
  try {
    output.write(text);
    const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input, output: options.echo ? output : muted, terminal: true });
    try {
      return await lines.question('', options.signal === undefined ? {} : { signal: options.signal });
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      throw error;
    } finally {
      lines.close();
      output.write('\n');
    }
  } finally {
    input.destroy();
    output.destroy();
  }
}

/** Asks for a password without showing it; Ctrl-C ends as an interrupt. */
export async function askPassword(text: string, signal: AbortSignal): Promise<Secret> {
  return new Secret(await askLine(text, { echo: false, signal }));
}

/** A password from a file: its first line. @throws FleetmendError FILE_NOT_FOUND, FILE_UNREADABLE */
export function passwordFromFile(path: string): Secret {
  try {
    return new Secret(readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? '');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FleetmendError(
      missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      `cannot read the password file '${path}': ${missing ? 'it does not exist' : String((error as Error).message)}`,
      { cause: error },
    );
  }
}

/** Whether there is someone to ask. */
export function canAsk(io: Io): boolean {
  return io.inIsTty;
}

function openTerminal(): { input: ReadStream; output: WriteStream } {
  try {
    return { input: new ReadStream(openSync('/dev/tty', 'r')), output: new WriteStream(openSync('/dev/tty', 'w')) };
  } catch (error) {
    throw new UsageError(`there is no terminal to ask at (${errorMessage(error)})`, {
      hint: 'give passwords in a file: --connection-password-file, --become-password-file',
    });
  }
}
