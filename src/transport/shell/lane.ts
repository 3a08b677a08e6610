/** One long-lived shell that runs script after script, each in a process of its own. */
import type { ProcessExit } from './channel.ts';
import { isQuick, LANE_PROLOGUE, type TurnMarks, turnText } from './lane-text.ts';
import { MarkScanner } from './mark-scanner.ts';
import { OutputBuffer } from './output-buffer.ts';
import { type Announcement, createMarker, type PreparedScript } from './protocol.ts';
import { NotBegunError, type Runner, type ShellOutcome } from './runner.ts';
import type { Shell } from './shell.ts';
import { shellGone } from './shell-errors.ts';

export class Lane {
  readonly shell: Shell;
  /** Whether it has run a script to its end, so that all that it needs is known to be there. */
  isProven = false;
  readonly #onUnfit: () => void;
  /** Whether a script was given to it, also one that did not begin. */
  wasClaimed = false;
  #isStarted = false;
  #isRetired = false;
  #isUnfit = false;
  #turn: LaneTurn | undefined;

  /**
   * @param shell - one that waits for its script
   * @param onUnfit - called when the target turns out to lack what a lane needs
   */
  constructor(shell: Shell, onUnfit: () => void) {
    this.shell = shell;
    this.#onUnfit = onUnfit;
    shell.serve({
      stdout: { push: (bytes) => this.#onOutput('stdout', bytes) },
      stderr: { push: (bytes) => this.#onOutput('stderr', bytes) },
    });
    shell.begun.then(() => {
      if (!shell.hasSetsid) this.giveUp();
    });
    shell.ended.then(
      (exit) => this.#turn?.onShellEnd(exit),
      (error: unknown) => this.#turn?.onShellFailed(error),
    );
  }

  /** Whether nothing more can be run in it. */
  get isDead(): boolean {
    return this.#isRetired || this.shell.isDead;
  }

  get isBusy(): boolean {
    return this.#turn !== undefined;
  }

  /** The next turn, for one script; the lane is busy until it is closed. */
  claim(): LaneTurn {
    this.wasClaimed = true;
    this.#turn = new LaneTurn(this);
    return this.#turn;
  }

  /** Ends a turn. A lane whose turn did not end in good order is never used again. */
  release(isClean: boolean): void {
    this.#turn = undefined;
    if (!isClean) this.retire();
  }

  /** Lets go of the shell, which ends when it sees the end of its stdin. */
  retire(): void {
    this.#isRetired = true;
    this.shell.close();
  }

  /** Says that no lane can run on this target. */
  giveUp(): void {
    if (this.#isUnfit) return;
    this.#isUnfit = true;
    this.#onUnfit();
  }

  send(text: string): void {
    if (this.#isStarted) this.shell.send(text);
    else this.shell.begin(`${LANE_PROLOGUE}${text}`);
    this.#isStarted = true;
  }

  #onOutput(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (this.#turn !== undefined) this.#turn.onOutput(stream, bytes);
    // Somebody whom a script left behind still writes: none of it may get into the next script's output.
    else if (this.#isStarted) this.retire();
  }
}

/** One script in a lane. */
export class LaneTurn implements Runner {
  readonly isRaw = false;
  readonly #lane: Lane;
  readonly #marks: TurnMarks = { begin: createMarker(), end: createMarker() };
  readonly #ended = Promise.withResolvers<ShellOutcome>();
  readonly #scanners = {
    stdout: new MarkScanner(Object.values(this.#marks), {
      onBytes: (bytes) => this.#onBytes('stdout', bytes),
      onMark: (mark, rest) => this.#onStdoutMark(mark, rest),
    }),
    stderr: new MarkScanner(Object.values(this.#marks), {
      onBytes: (bytes) => this.#onBytes('stderr', bytes),
      onMark: (mark, rest) => this.#onStderrMark(mark, rest),
    }),
  };
  #isQuick = false;
  #output = { stdout: new OutputBuffer(0), stderr: new OutputBuffer(0) };
  #isStreamOver = { stdout: false, stderr: false };
  #script: PreparedScript | undefined;
  #pid: number | undefined;
  #status: number | undefined;
  /** The script's own shell came to its end, as its EXIT trap tells when that may be doubted. */
  #hasExited = false;
  #hasSurvivors = false;
  /** There is no setsid: the lane's shell became the script. */
  #isLaneItself = false;
  #isClean = true;

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#ended.promise.catch(() => {});
  }

  get isDead(): boolean {
    return this.#lane.isDead;
  }

  get failure(): unknown {
    return this.#lane.shell.failure;
  }

  get ready(): Promise<void> {
    return this.#lane.shell.ready;
  }

  get begun(): Promise<void> {
    return this.#lane.shell.begun;
  }

  get hasEnded(): Promise<true> {
    const yes = () => true as const;
    return this.#ended.promise.then(yes, yes);
  }

  get output(): { readonly stdout: OutputBuffer; readonly stderr: OutputBuffer } {
    return this.#output;
  }

  /** The script's own group; where it has none, or that is not known yet, the lane with all that it started. */
  get victim(): Announcement | undefined {
    if (this.#pid === undefined || this.#isLaneItself) return this.#lane.shell.victim;
    return { pid: this.#pid, processGroup: this.#pid };
  }

  run(script: PreparedScript, maxOutputBytes: number): Promise<ShellOutcome> {
    this.#script = script;
    this.#isQuick = script.stdin === undefined && isQuick(script.text);
    this.#output = { stdout: new OutputBuffer(maxOutputBytes), stderr: new OutputBuffer(maxOutputBytes) };
    this.#lane.send(turnText(script, this.#marks));
    return this.#ended.promise;
  }

  signal(name: 'TERM' | 'KILL'): void {
    this.#lane.shell.signal(name);
  }

  close(): void {
    const isIdle = this.#script === undefined && !this.isDead;
    const isDone = this.#isStreamOver.stdout && this.#isStreamOver.stderr && !this.#hasSurvivors;
    this.#lane.release(isIdle || (isDone && this.#isClean));
  }

  onOutput(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#scanners[stream].push(bytes);
  }

  onShellEnd(exit: ProcessExit): void {
    this.#scanners.stdout.flush();
    this.#scanners.stderr.flush();
    const { host } = this.#lane.shell;
    if (this.#hasSurvivors && this.#status !== undefined) this.#resolve(this.#exitOf(this.#status));
    else if (this.#isLaneItself) this.#resolve(exit);
    else if (this.#pid === undefined && !this.#isQuick) this.#ended.reject(new NotBegunError());
    // The script had its own lane killed with it (`kill -9 -1`, a reboot).
    else if (exit.code !== 0) this.#resolve(exit);
    else this.#ended.reject(shellGone(host));
  }

  onShellFailed(error: unknown): void {
    this.#ended.reject(error);
  }

  #onBytes(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    const hasBegun = stream === 'stderr' || this.#pid !== undefined || this.#isQuick;
    const isForeign = this.#isStreamOver[stream] || !hasBegun;
    // Late words of somebody left behind belong to this script as long as it is waited for, never to the next one.
    if (isForeign && !this.#hasSurvivors) this.#isClean = false;
    else this.#output[stream].push(bytes);
  }

  #onStdoutMark(mark: string, rest: string): void {
    if (mark === this.#marks.begin) {
      this.#pid ??= Number(rest);
      return;
    }
    const match = /^ (\d+) (\d*|-) (\d+)$/.exec(rest);
    if (match === null || match[2] === '') {
      this.#lane.giveUp();
      this.#isClean = false;
      this.#ended.reject(new NotBegunError());
      return;
    }
    this.#status = Number(match[1]);
    if (match[3] === '0') this.#hasSurvivors = true;
    this.#endStream('stdout');
  }

  #onStderrMark(mark: string, rest: string): void {
    if (mark === this.#marks.begin) {
      this.#hasExited = true;
      if (rest !== '') this.#hasSurvivors = true;
    } else if (rest === ' none') {
      this.#isLaneItself = true;
      this.#isClean = false;
      this.#lane.giveUp();
    } else this.#endStream('stderr');
  }

  #endStream(stream: 'stdout' | 'stderr'): void {
    this.#isStreamOver[stream] = true;
    if (!this.#isStreamOver.stdout || !this.#isStreamOver.stderr || this.#status === undefined) return;
    this.#lane.isProven = true;
    // Who is left may hold the streams: the lane ends, and what they say is waited for as after any shell's end.
    if (this.#hasSurvivors) this.#lane.shell.end();
    else this.#resolve(this.#exitOf(this.#status));
  }

  #resolve(exit: ProcessExit): void {
    this.#ended.resolve({ exit, ...this.#output });
  }

  // The lane's `$?` is 128 and the number after a signal. It is one unless the EXIT trap ran; a script that may have
  // removed the trap gets the status as the shell has it.
  #exitOf(status: number): ProcessExit {
    const signal = SIGNALS.get(status - 128);
    if (signal === undefined || this.#hasExited || /\b(exec|trap)\b/.test(this.#script?.text ?? ''))
      return { code: status };
    return { code: null, signal };
  }
}

/** The signals that have the same number on all systems, and those of Linux. */
const SIGNALS = new Map(
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    .split(' ')
    .map((name, index) => [index + 1, name] as const),
);
