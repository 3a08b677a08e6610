/**
 * Gives ssh the secrets that it asks for. It asks through a program (SSH_ASKPASS), which gets them over a socket in a
 * folder that only this user can enter: they are in no argument, no environment and no file.
 */
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { errorMessage } from '../../errors.ts';
import type { Secret } from '../../util/secret.ts';
import { shellQuote } from '../../util/shell-quote.ts';

/** What ssh may ask for. */
export interface AskpassSecrets {
  /** Given once, so that a wrong one is not tried again, and only while {@link mayGivePassword}. */
  readonly password?: Secret;
  /** Of private keys; never leaves this machine. */
  readonly passphrase?: Secret;
  /** Gives the passphrase of a key file where there is no {@link passphrase}; may ask a person. */
  readonly passphraseOf?: (file: string) => Promise<Secret | undefined>;
  /** False while it may be a jump host that asks. */
  readonly mayGivePassword: () => boolean;
}

export interface Askpass {
  /** Variables that have ssh ask here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Questions that were not answered, as ssh put them. */
  readonly unanswered: readonly string[];
  close(): Promise<void>;
}

/** Writes the program that ssh starts to ask; one for all. @returns its path */
export async function writeAskpassProgram(folder: string): Promise<string> {
  const path = join(folder, 'askpass');
  await writeFile(path, `#!/bin/sh\nexec ${shellQuote(execPath)} -e ${shellQuote(ASK)} -- "$1"\n`, { mode: 0o700 });
  return path;
}

/** Sends the question, prints the answer; no answer is a refusal. */
const ASK = `
const socket = require('net').connect(process.env.FLEETMEND_ASKPASS_SOCKET);
let hasAnswer = false;
socket.end(process.argv.at(-1));
socket.on('data', (bytes) => { hasAnswer = true; process.stdout.write(bytes); });
socket.on('error', () => {});
socket.on('close', () => { process.exitCode = hasAnswer ? 0 : 1; });`;

/** Starts to answer for one ssh, on a socket in a folder of this user alone. */
export async function startAskpass(program: string, socketPath: string, secrets: AskpassSecrets): Promise<Askpass> {
  const unanswered: string[] = [];
  let isPasswordGiven = false;
  const answer = async (question: string): Promise<string | undefined> => {
    const keyFile = /^enter passphrase for (?:key )?'?(.*?)'?:? *$/i.exec(question)?.[1];
    if (keyFile !== undefined) {
      try {
        const passphrase = secrets.passphrase ?? (await secrets.passphraseOf?.(keyFile));
        if (passphrase !== undefined) return passphrase.reveal();
      } catch (error) {
        // Why there is none says more than the question.
        unanswered.push(errorMessage(error));
        return undefined;
      }
    }
    const asksPassword = /password/i.test(question) && !/passphrase|one-time|\botp\b|new password/i.test(question);
    if (asksPassword && secrets.password !== undefined && !isPasswordGiven && secrets.mayGivePassword()) {
      isPasswordGiven = true;
      return secrets.password.reveal();
    }
    // A security key only wants to be touched: that is no question.
    if (!/^confirm user presence/i.test(question)) unanswered.push(question.trim());
    return undefined;
  };
  // The question ends with its side of the socket; the answer goes back on the other.
  const server = createServer({ allowHalfOpen: true }, (socket) => converse(socket, answer));
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(socketPath, listening.resolve);
  await listening.promise;
  return {
    environment: { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force', FLEETMEND_ASKPASS_SOCKET: socketPath },
    unanswered,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Longest question that is read. */
const QUESTION_MAX_BYTES = 4096;

function converse(socket: Socket, answer: (question: string) => Promise<string | undefined>): void {
  let question = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    question += chunk.toString('utf8');
    if (question.length > QUESTION_MAX_BYTES) socket.destroy();
  });
  socket.on('end', async () => {
    const text = await answer(question);
    if (text === undefined) socket.destroy();
    else socket.end(`${text}\n`);
  });
}
