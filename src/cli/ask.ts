/** Asks the person at the terminal: passwords, pauses, steps. */

import { openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { errorMessage, UsageError } from '../errors.ts';
import { Secret } from '../util/secret.ts';
import type { Interrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import { unreadableFile } from './unreadable-file.ts';

/** How a question is asked. */
export interface AskOptions {
  /** Whether the answer is shown while it is typed. */
  readonly echo: boolean;
  readonly interrupts: Pick<Interrupts, 'signal' | 'raise'>;
  /** Takes the question back, beside an interrupt. */
  readonly signal?: AbortSignal;
}

/**
 * Asks one line at the controlling terminal, so that data on stdin and stdout stays apart. While it asks, the terminal sends
 * no signals: Ctrl-C and the end of input (Ctrl-D) are passed on as interrupts.
 *
 * @throws UsageError when there is no terminal; the signal's reason when it fires first
 */
export async function askLine(text: string, options: AskOptions): Promise<string> {
  const { echo, interrupts } = options;
  const signal = AbortSignal.any([interrupts.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const { input, output } = openTerminal();
  try {
    const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input, output: echo ? output : muted, terminal: true });
    // Only now does the terminal show nothing of what is typed.
    if (!echo) output.write(text);
    lines.on('SIGINT', () => interrupts.raise('SIGINT'));
    let answered = false;
    lines.on('close', () => answered || signal.aborted || interrupts.raise('end of input'));
    try {
      // Readline draws its line anew at each key: what stands before the answer must be known to it.
      return await lines.question(echo ? text : '', { signal });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      answered = true;
      lines.close();
      output.write('\n');
    }
  } finally {
    input.destroy();
    output.destroy();
  }
}

/** Asks for a password without showing it. */
export async function askPassword(text: string, interrupts: AskOptions['interrupts']): Promise<Secret> {
  return new Secret(await askLine(text, { echo: false, interrupts }));
}

/** A password from a file: its first line. @throws FleetmendError FILE_NOT_FOUND, FILE_UNREADABLE */
export function passwordFromFile(path: string): Secret {
  try {
    return new Secret(readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? '');
  } catch (error) {
    throw unreadableFile(`the password file '${path}'`, error);
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
      hint: 'give passwords in a file: --connection-password-file, --become-password-file, --vault-password-file',
    });
  }
}
