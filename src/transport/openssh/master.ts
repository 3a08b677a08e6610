/** Starts a master of the system's `ssh`: one connection that goes to the background once it is logged in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { errorMessage, TransportError } from '../../errors.ts';
import { isOutOfFiles, OPEN_FILES_HINT } from '../open-files.ts';
import { phaseTimedOut } from '../ssh/connect-errors.ts';
import type { Target } from '../types.ts';
import { type Askpass, startAskpass } from './askpass.ts';
import { masterFailed, wasTurnedAway } from './master-errors.ts';
import type { PassphrasePage } from './passphrase-book.ts';
import { Progress } from './progress.ts';
import { masterWords } from './words.ts';

export interface MasterRequest {
  readonly target: Target;
  /** Where its control socket will be. */
  readonly socketPath: string;
  /** The program `ssh`. */
  readonly program: string;
  /** What asks us for secrets. */
  readonly askpassProgram: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Passphrases that the target does not have itself. */
  readonly passphrases: PassphrasePage | undefined;
  /** Called when the host has said nothing for a while. */
  readonly onSilent: () => void;
}

/** It runs; or the host was busy, and may be asked again. */
export type MasterStart =
  | { readonly kind: 'ready'; readonly user: string | undefined }
  | { readonly kind: 'busy'; readonly failure: TransportError };

/** @throws {@link TransportError} those of Transport.connect */
export async function startMaster(request: MasterRequest): Promise<MasterStart> {
  const { target, socketPath, signal, passphrases } = request;
  const { password, passphrase } = target;
  let progress: Progress | undefined;
  let askpass: Askpass | undefined;
  let isOver = false;
  // A person may think for as long as it takes, while others connect.
  const askForPassphrase = async (file: string) => {
    timer.stop();
    request.onSilent();
    try {
      return await passphrases?.answer(file);
    } finally {
      if (!isOver) timer.restart(progress?.phase === 'auth' ? target.authTimeoutMs : target.connectTimeoutMs);
    }
  };
  if (password !== undefined || passphrase !== undefined || passphrases !== undefined) {
    // Before ssh has reached the host itself it is a jump host that asks.
    const mayGivePassword = () => progress?.phase === 'auth';
    const secrets = { password, passphrase, passphraseOf: passphrases && askForPassphrase, mayGivePassword };
    askpass = await startAskpass(request.askpassProgram, `${socketPath}.ask`, secrets);
  }
  const words = masterWords({
    socketPath,
    host: target.address ?? target.name,
    words: target.opensshArgs ?? [],
    mayAsk: askpass === undefined ? 'nothing' : password === undefined ? 'passphrase' : 'password',
    forwardAgent: target.forwardAgent,
  });
  const ended = Promise.withResolvers<number | null>();
  const failed = Promise.withResolvers<never>();
  const timer = startTimer(target.connectTimeoutMs, () => failed.reject(timedOut(target, progress)));
  const silentTimer = setTimeout(request.onSilent, SILENT_AFTER_MS);
  const read = new Progress((phase) => {
    if (phase === 'key_exchange') clearTimeout(silentTimer);
    if (phase === 'auth') timer.restart(target.authTimeoutMs);
  });
  progress = read;
  const onAbort = () =>
    failed.reject(new TransportError('INTERRUPTED', `Interrupted while connecting to ${target.name}`));
  let child: ChildProcess | undefined;
  try {
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // A session of its own: no terminal to ask at, and Ctrl-C is ours to act on.
    child = spawn(request.program, words, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      // Old versions (before 8.4) ask a program only where there is a display.
      env: { DISPLAY: 'none', ...request.environment, ...askpass?.environment },
    });
    child.once('error', (error) => failed.reject(notStarted(request.program, target, error)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => read.push(text));
    // The exit, not the end of the streams: a master in the background may hold these.
    child.once('exit', (code) => setImmediate(() => ended.resolve(code)));
    const exitCode = await Promise.race([ended.promise, failed.promise]);
    if (exitCode === 0) {
      passphrases?.noteLoggedIn();
      return { kind: 'ready', user: read.user };
    }
    const failure = masterFailed(target, read, exitCode, askpass?.unanswered ?? []);
    if (wasTurnedAway(read)) return { kind: 'busy', failure };
    throw failure;
  } catch (error) {
    if (child !== undefined) killGroup(child);
    throw error;
  } finally {
    failed.promise.catch(() => {});
    isOver = true;
    timer.stop();
    clearTimeout(silentTimer);
    signal.removeEventListener('abort', onAbort);
    child?.stderr?.destroy();
    await askpass?.close();
  }
}

/** A host that has sent no banner by then costs nothing but its deadline. */
const SILENT_AFTER_MS = 1000;

interface RestartableTimer {
  restart(limitMs: number): void;
  stop(): void;
}

function startTimer(limitMs: number, onTimeout: () => void): RestartableTimer {
  let timer = setTimeout(onTimeout, limitMs);
  return {
    restart(nextMs) {
      clearTimeout(timer);
      timer = setTimeout(onTimeout, nextMs);
    },
    stop: () => clearTimeout(timer),
  };
}

function timedOut(target: Target, progress: Progress | undefined): TransportError {
  const { name, port, user } = target;
  const at = { address: target.address ?? name, port };
  return phaseTimedOut({ ...target, user: progress?.user ?? user }, at, progress?.phase ?? 'connect');
}

function notStarted(program: string, target: Target, error: Error): TransportError {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
    return new TransportError(
      'CONNECT_FAILED',
      `'${program}' was not found on this machine, to connect to ${target.name}`,
      {
        hint: 'install the OpenSSH client, or use the connection ssh, which needs none',
      },
    );
  }
  const hint = isOutOfFiles(error) ? OPEN_FILES_HINT : undefined;
  const message = `Could not start '${program}' to connect to ${target.name}: ${errorMessage(error)}`;
  return new TransportError('CONNECT_FAILED', message, { hint, cause: error });
}

// ssh with what it started to get there: ProxyCommand, jump hosts, askpass.
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
