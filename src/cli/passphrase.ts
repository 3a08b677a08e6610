/** Where the passphrases of private keys come from: a command, or the person at the terminal. */

import { TransportError } from '../errors.ts';
import { describeProgramEnd, runProgram } from '../util/run-program.ts';
import { Secret } from '../util/secret.ts';

/** A password manager that waits for a person longer than this is given up. */
const COMMAND_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024;

export interface PassphraseOptions {
  /** Shell command that prints the passphrase of the key file `$1`; beats asking. */
  readonly command?: string;
  /** Asks at the terminal; undefined: there is none. */
  readonly ask?: (question: string) => Promise<Secret>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told of each passphrase before it is used. */
  readonly onSecret: (secret: string) => void;
}

/**
 * Makes the source of passphrases of a run. A command is run once a key file, its first line of output is the passphrase; at a
 * terminal the question is repeated while the answer does not open the file.
 */
export function passphraseSource(
  options: PassphraseOptions,
): (file: string, attempt: number) => Promise<Secret | undefined> {
  const { command, ask, onSecret } = options;
  return async (file, attempt) => {
    let passphrase: Secret | undefined;
    if (command !== undefined) {
      if (attempt > 1) throw noPassphrase(file, 'what the passphrase command printed does not open it');
      passphrase = await fromCommand(command, file, options);
    } else {
      const again = attempt > 1 ? 'That does not open it. ' : '';
      passphrase = await ask?.(`${again}Passphrase of the private key ${file}: `);
    }
    if (passphrase === undefined || passphrase.reveal() === '') return undefined;
    onSecret(passphrase.reveal());
    return passphrase;
  };
}

async function fromCommand(command: string, file: string, { env, signal }: PassphraseOptions): Promise<Secret> {
  const request = {
    file: '/bin/sh',
    args: ['-c', command, 'sh', file],
    env,
    timeoutMs: COMMAND_TIMEOUT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal,
  };
  const result = await runProgram(request);
  const words = result.stderr.trim().split('\n').at(-1) ?? '';
  const says = words === '' ? '' : `: ${words}`;
  if (result.ended !== 'exited' || result.status !== 0) {
    throw noPassphrase(file, `the passphrase command ${describeProgramEnd(result, request)}${says}`);
  }
  const passphrase = result.stdout.split(/\r?\n/, 1)[0] ?? '';
  if (passphrase === '') throw noPassphrase(file, `the passphrase command printed nothing${says}`);
  return new Secret(passphrase);
}

function noPassphrase(file: string, why: string): TransportError {
  return new TransportError('KEY_ENCRYPTED', `The private key '${file}' is encrypted: ${why}`);
}
