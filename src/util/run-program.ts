/** Runs a program on this machine, without a shell, so that it can neither hang, flood, ask, nor stay behind. */
import { spawn } from 'node:child_process';
import { formatDuration } from './duration.ts';

export interface ProgramRequest {
  /** Path, or a name that is looked for in the PATH of `env`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** More bytes than this on stdout end the program. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  /** Output on stdout that means that the program will never come to an end by itself (a menu, a question). */
  readonly endless?: RegExp;
}

/**
 * How it ended: by itself; by its deadline; by too much output; by output that means it waits for a person; by `signal`;
 * or it could not be started.
 */
export type ProgramEnd = 'exited' | 'timed_out' | 'flooded' | 'endless' | 'interrupted' | 'not_started';

export interface ProgramResult {
  readonly ended: ProgramEnd;
  /** Exit status; null unless it exited by itself. */
  readonly status: number | null;
  /** The signal that killed it, when it was not ours. */
  readonly signal: string | null;
  /** UTF-8; what was printed before the end, at most `maxOutputBytes`. */
  readonly stdout: string;
  /** UTF-8; the last {@link STDERR_KEPT_BYTES}. */
  readonly stderr: string;
  /** System error code when it could not be started: ENOENT, EACCES, … */
  readonly startError?: string;
  readonly durationMs: number;
}

/** Bytes of stderr that are kept: 64 KiB, the last ones. */
const STDERR_KEPT_BYTES = 64 * 1024;
/** Time between TERM and KILL, and for output that is still on its way after the exit. */
const GRACE_MS = 500;
/** How much of the end of the output is looked at for `endless`, beyond each new piece. */
const OVERLAP_CHARS = 200;

/**
 * Runs a program to its end. Its stdin is empty. It gets a process group of its own, which is killed as a whole when it
 * is ended by us. Never rejects: every outcome is a result.
 */
export function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  const startedAt = performance.now();
  const stdout: Buffer[] = [];
  let stdoutBytes = 0;
  let stderr = Buffer.alloc(0);
  let lastText = '';
  let ended: ProgramEnd = 'exited';
  const timers: NodeJS.Timeout[] = [];

  const child = spawn(request.file, request.args, {
    cwd: request.cwd,
    env: { ...request.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  });
  const killGroup = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  const stop = (reason: ProgramEnd) => {
    if (ended !== 'exited') return;
    ended = reason;
    killGroup('SIGTERM');
    timers.push(setTimeout(killGroup, GRACE_MS, 'SIGKILL'));
  };
  const onAbort = () => stop('interrupted');
  const finish = (status: number | null, signal: string | null, startError?: string) => {
    for (const timer of timers) clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
    // Whatever it left behind in its group must not outlive it.
    killGroup('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    const byItself = ended === 'exited';
    resolve({
      ended: startError === undefined ? ended : 'not_started',
      status: byItself ? status : null,
      signal: byItself ? signal : null,
      stdout: Buffer.concat(stdout).toString('utf8'),
      stderr: stderr.toString('utf8'),
      startError,
      durationMs: performance.now() - startedAt,
    });
  };

  child.stdout.on('data', (chunk: Buffer) => {
    if (ended !== 'exited') return;
    const room = request.maxOutputBytes - stdoutBytes;
    stdout.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    stdoutBytes += chunk.length;
    if (request.endless !== undefined) {
      const text = lastText + chunk.toString('latin1');
      if (request.endless.test(text)) stop('endless');
      lastText = text.slice(-OVERLAP_CHARS);
    }
    if (stdoutBytes > request.maxOutputBytes) stop('flooded');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT_BYTES);
  });
  child.once('error', (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) finish(null, null, error.code ?? error.message);
  });
  // 'close' waits for the pipes, which a process that left the group may hold open for ever.
  child.once('exit', (status, signal) => timers.push(setTimeout(finish, GRACE_MS, status, signal)));
  child.once('close', finish);
  timers.push(setTimeout(stop, request.timeoutMs, 'timed_out'));
  if (request.signal?.aborted === true) onAbort();
  else request.signal?.addEventListener('abort', onAbort, { once: true });
  return promise;
}

/** The end as the rest of a sentence that begins with the program: "exited with status 3", "did not end within 30.0 s". */
export function describeProgramEnd(result: ProgramResult, request: ProgramRequest): string {
  switch (result.ended) {
    case 'exited':
      return result.signal === null ? `exited with status ${result.status}` : `was killed by ${result.signal}`;
    case 'timed_out':
      return `did not end within ${formatDuration(request.timeoutMs)} and was killed`;
    case 'flooded':
      return `printed more than ${request.maxOutputBytes} bytes and was killed`;
    case 'endless':
      return 'asked for an answer, which nobody can give here, and was killed';
    case 'interrupted':
      return 'was interrupted';
    case 'not_started':
      return `could not be started: ${START_ERRORS[result.startError ?? ''] ?? result.startError}`;
  }
}

const START_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program (ENOENT)',
  EACCES: 'it is not executable, or a folder on the way to it may not be read (EACCES)',
  ENOEXEC: 'it is no program of this machine (ENOEXEC)',
};
