/** The Connection of both transports: scripts, deadlines, kills and files over a {@link ProcessOpener}. */
import { TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { becomeTimedOut } from '../become/failures.ts';
import { BECOME_TIMEOUT_MS } from '../become/methods.ts';
import { PasswordGate } from '../become/password-gate.ts';
import {
  type Become,
  type Connection,
  DEFAULT_MAX_OUTPUT_BYTES,
  type DownloadRequest,
  type ExecRequest,
  type ExecResult,
  FIRST_WORD_MS,
  KILL_GRACE_MS,
  type Target,
  type UploadRequest,
} from '../types.ts';
import { ChannelRefusedError, type ProcessOpener } from './channel.ts';
import { type KillOutcome, killRemote } from './kill.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { type PreparedScript, prepareScript } from './protocol.ts';
import { NotBegunError, type Runner } from './runner.ts';
import { Shell, type ShellContext } from './shell.ts';
import { ShellPool } from './shell-pool.ts';
import { canStage, StagedRun } from './staged-run.ts';
import { checkUpload, DOWNLOAD_HEAD_BYTES, downloadScript, readDownload, uploadScript } from './transfer.ts';

/** An {@link ExecResult} before its output is text. */
interface RawResult extends Omit<ExecResult, 'stdout' | 'stderr' | 'stdoutTruncated' | 'stderrTruncated'> {
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
}

type Cut = 'timed_out' | 'idle' | 'interrupted';

/** How often a script was refused a channel. */
interface Refusals {
  /** While no other script of ours was at work. */
  aloneCount: number;
  /** Another one has just ended: the channel that it had is this one's as soon as the server sees that. */
  isNext: boolean;
}

export class ShellConnection implements Connection {
  readonly target: Target;
  readonly #opener: ProcessOpener;
  readonly #context: ShellContext;
  readonly #pool: ShellPool;
  #closing: Promise<void> | undefined;
  /** Whether stdin could not be written ahead of its script: not tried again. */
  #cannotStage = false;
  /** Scripts that run or wait to. */
  #atWorkCount = 0;
  /** Scripts that wait until another one's channel is free, first come first served. */
  readonly #waiters: (() => void)[] = [];

  /** @param becomeTimeoutMs - how long sudo may take until its shell announces itself */
  constructor(target: Target, opener: ProcessOpener, becomeTimeoutMs: number = BECOME_TIMEOUT_MS) {
    this.target = target;
    this.#opener = opener;
    this.#context = {
      opener,
      host: target.name,
      loginUser: target.user,
      passwords: new PasswordGate(),
      becomeTimeoutMs,
    };
    this.#pool = new ShellPool(this.#context);
  }

  get isOpen(): boolean {
    return this.#closing === undefined && this.#opener.isOpen;
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    const { stdout, stderr, ...rest } = await this.#run(request, request.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
    return {
      ...rest,
      stdout: stdout.text(),
      stderr: stderr.text(),
      stdoutTruncated: stdout.isTruncated,
      stderrTruncated: stderr.isTruncated,
    };
  }

  prepare(become: Become | undefined): void {
    if (this.isOpen) this.#pool.prepare(become);
  }

  async upload(request: UploadRequest): Promise<void> {
    const { become, timeoutMs, signal } = request;
    const result = await this.#run({ ...uploadScript(request), become, timeoutMs, signal }, 65_536);
    this.#checkEnded(result, `writing '${request.remotePath}'`, timeoutMs);
    checkUpload(request, this.target.name, result.exitCode, result.stderr.text());
  }

  async download(request: DownloadRequest): Promise<Buffer> {
    const { become, timeoutMs, signal, maxBytes } = request;
    const script = downloadScript(request);
    // Twice the size: the buffer keeps head and tail, and neither may lose a byte of a file of maxBytes.
    const result = await this.#run({ script, become, timeoutMs, signal }, 2 * (maxBytes + DOWNLOAD_HEAD_BYTES));
    this.#checkEnded(result, `reading '${request.remotePath}'`, timeoutMs);
    return readDownload(request, this.target.name, result.exitCode, result.stdout.bytes(), result.stderr.text());
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#pool.letGo();
      await this.#opener.close();
    })();
    return this.#closing;
  }

  async #run(request: ExecRequest, maxOutputBytes: number): Promise<RawResult> {
    if (!this.isOpen) throw notOpen(this.target.name);
    const startedMs = performance.now();
    // `sudo` needs a program, so raw text under become goes to `sh` like any script.
    const isRaw = request.raw === true && request.become === undefined;
    const script = isRaw
      ? { text: '', stdin: request.stdin }
      : prepareScript(request.script, request.environment, request.stdin);
    const limit = watchLimits(request.timeoutMs, request.signal);
    const open = () =>
      isRaw ? Shell.openRaw(this.#context, request.script, maxOutputBytes) : this.#openShell(request.become, script);
    const take = () => (isRaw ? undefined : this.#pool.take(request.become, script));
    this.#atWorkCount++;
    let runner = take();
    let isWarm = runner !== undefined;
    runner ??= open();
    try {
      const refusals: Refusals = { aloneCount: 0, isNext: false };
      for (;;) {
        const cut = await Promise.race([limit.reached, runner.ready.catch(() => {})]);
        if (cut !== undefined) return await this.#cut(request, runner, cut, false, startedMs);
        // Only a shell that waited is replaced when it is dead: raw text may have run, and ended, by now.
        if (runner.failure === undefined && !(isWarm && runner.isDead)) {
          const attempt = this.#attempt(runner, script, maxOutputBytes);
          const silence = watchSilence(request.idleTimeoutMs, runner);
          const outcome = await Promise.race([attempt, limit.reached, silence.reached]).finally(silence.stop);
          if (typeof outcome === 'string') return await this.#cut(request, runner, outcome, true, startedMs);
          if (outcome !== undefined) {
            const { exit, stdout, stderr } = outcome;
            const durationMs = elapsed(startedMs);
            return { exitCode: exit.code, signal: exit.signal, stdout, stderr, durationMs, ended: 'exited' };
          }
        } else await this.#beforeRetry(runner.failure, refusals, limit.reached);
        runner.close();
        // A refused one waited for another script's end: it may have left a lane free.
        const next: Runner | undefined = runner.failure instanceof ChannelRefusedError ? take() : undefined;
        isWarm = next !== undefined;
        runner = next ?? open();
      }
    } finally {
      limit.stop();
      runner.close();
      this.#atWorkCount--;
      this.#waiters.shift()?.();
    }
  }

  #openShell(become: Become | undefined, script: PreparedScript): Runner {
    const shell = Shell.open(this.#context, become);
    if (this.#cannotStage || !canStage(script, become, this.#opener)) return shell;
    const owner = become === undefined ? undefined : this.target.user;
    return new StagedRun(
      shell,
      owner,
      () => this.#opener.claimFileWriter?.(),
      () => {
        this.#cannotStage = true;
      },
    );
  }

  // Undefined: the runner ended before the script began, so another one may run it.
  async #attempt(runner: Runner, script: PreparedScript, maxOutputBytes: number) {
    try {
      return await runner.run(script, maxOutputBytes);
    } catch (error) {
      if (!(error instanceof NotBegunError)) throw error;
      if (!this.isOpen) throw notOpen(this.target.name);
      return undefined;
    }
  }

  // A shell that could not begin: throws its failure unless another one may do better. No script was sent yet.
  async #beforeRetry(failure: unknown, refusals: Refusals, cut: Promise<Cut>): Promise<void> {
    if (!this.isOpen) throw failure ?? notOpen(this.target.name);
    if (failure === undefined) return; // a warm shell that died while it waited
    if (!(failure instanceof ChannelRefusedError)) throw failure;
    // MaxSessions: waiting shells are let go first; then one of our scripts has to end, or the server needs a moment to
    // see that one has.
    this.#pool.letGo();
    const isAlone = this.#atWorkCount === 1;
    if (isAlone && refusals.aloneCount++ >= MAX_RETRIES) throw failure;
    const turn = Promise.withResolvers<'turn'>();
    const onTurn = () => turn.resolve('turn');
    this.#waiters.push(onTurn);
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(
      () => late.resolve('late'),
      isAlone || refusals.isNext ? RETRY_DELAY_MS : BUSY_RETRY_DELAY_MS,
    );
    const ended = await Promise.race([turn.promise, late.promise, cut]);
    clearTimeout(timer);
    refusals.isNext = ended === 'turn';
    const place = this.#waiters.indexOf(onTurn);
    if (place >= 0) this.#waiters.splice(place, 1);
    if (ended === 'timed_out') throw failure;
  }

  async #cut(
    request: ExecRequest,
    runner: Runner,
    ended: Cut,
    wasSent: boolean,
    startedMs: number,
  ): Promise<RawResult> {
    const { remote, pids } = await this.#endRemote(request, runner, ended, wasSent, startedMs);
    const alive = pids.length === 0 ? {} : { remotePids: pids };
    return { exitCode: null, ...runner.output, durationMs: elapsed(startedMs), ended, remote, ...alive };
  }

  async #endRemote(
    request: ExecRequest,
    runner: Runner,
    ended: Cut,
    wasSent: boolean,
    startedMs: number,
  ): Promise<Pick<KillOutcome, 'remote' | 'pids'>> {
    const { become } = request;
    if (!wasSent && ended === 'interrupted') {
      runner.close();
      return { remote: 'gone', pids: [] };
    }
    // The cut may have come just after the script was sent: a target that lives says its first word now.
    if (wasSent && !runner.isRaw) {
      const patienceMs = Math.max(KILL_GRACE_MS, FIRST_WORD_MS - elapsed(startedMs));
      await within(Promise.race([runner.begun, runner.hasEnded]), patienceMs);
    }
    const { victim } = runner;
    if (victim !== undefined) {
      let outcome = await killRemote(this.#context, become, victim);
      if (outcome.isRefused) {
        // MaxSessions 1: the script itself is in the way of the shell that is to look for it.
        this.#pool.letGo();
        await this.#signal(runner);
        outcome = await killRemote(this.#context, become, victim);
      }
      if (outcome.isHung) this.#opener.destroy();
      else await within(runner.hasEnded, LAST_OUTPUT_MS);
      return outcome;
    }
    if (runner.isRaw && wasSent) {
      await this.#signal(runner);
      return { remote: 'unknown', pids: [] };
    }
    if (become !== undefined && ended === 'timed_out') {
      throw becomeTimedOut(this.#context, become, request.timeoutMs, '');
    }
    // Not even the shell's first word came in all that time: the target hangs, and asking it more would hang as well.
    this.#opener.destroy();
    return { remote: 'unknown', pids: [] };
  }

  // Has the server itself signal the process, which it can where it is the process's parent and not another user's.
  async #signal(runner: Runner): Promise<void> {
    runner.signal('TERM');
    if (await within(runner.hasEnded, KILL_GRACE_MS)) return;
    runner.signal('KILL');
    await within(runner.hasEnded, LAST_OUTPUT_MS);
  }

  #checkEnded(result: RawResult, what: string, timeoutMs: number): void {
    if (result.ended === 'exited') return;
    const { name } = this.target;
    if (result.ended === 'interrupted') throw new TransportError('INTERRUPTED', `Interrupted while ${what} on ${name}`);
    throw new TransportError('COMMAND_TIMEOUT', `${what} on ${name} took longer than ${formatDuration(timeoutMs)}`, {
      phase: 'transfer',
    });
  }
}

const MAX_RETRIES = 5;
/** The server needs a moment to see that a channel is free. */
const RETRY_DELAY_MS = 100;
/** The end of another script wakes whoever waits; this is for channels that come free by no word of ours. */
const BUSY_RETRY_DELAY_MS = 500;
/** What the killed processes printed last is still on the way. */
const LAST_OUTPUT_MS = 300;

const elapsed = (startedMs: number) => Math.round(performance.now() - startedMs);

function notOpen(host: string): TransportError {
  return new TransportError('CONNECTION_LOST', `The connection to ${host} is closed`);
}

// Resolves (never rejects) when the deadline passes or the signal fires; `stop` lets go of both.
function watchLimits(timeoutMs: number, signal: AbortSignal): { reached: Promise<Cut>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<Cut>();
  const onAbort = () => resolve('interrupted');
  const timer = setTimeout(() => resolve('timed_out'), Math.min(timeoutMs, MAX_TIMER_MS));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const stop = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  return { reached: promise, stop };
}

// Resolves when a script printed nothing for so long.
function watchSilence(
  idleTimeoutMs: number | undefined,
  runner: Runner,
): { reached: Promise<'idle'>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<'idle'>();
  if (idleTimeoutMs === undefined) return { reached: promise, stop: () => {} };
  const startedMs = performance.now();
  let timer: NodeJS.Timeout;
  const look = () => {
    const { stdout, stderr } = runner.output;
    const leftMs = Math.max(startedMs, stdout.lastPushMs, stderr.lastPushMs) + idleTimeoutMs - performance.now();
    if (leftMs <= 0) resolve('idle');
    else timer = setTimeout(look, Math.min(leftMs, MAX_TIMER_MS));
  };
  look();
  return { reached: promise, stop: () => clearTimeout(timer) };
}

/** Timers overflow above this (24.8 days) and would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

// Whether the promise resolved within the time.
async function within(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  const isInTime = await Promise.race([promise.then(() => true), late.promise]);
  clearTimeout(timer);
  return isInTime;
}
