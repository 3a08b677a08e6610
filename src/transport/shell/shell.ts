/**
 * One shell process on a target, from its start to its end: it announces itself (after sudo or its like, where it
 * becomes another user), gets one script, runs it and ends. It may wait for its script for as long as it likes: that is a
 * warm shell. Or it is given to a {@link Lane}, which runs many.
 */
import type { TransportError } from '../../errors.ts';
import type { BecomeStart } from '../become/contract.ts';
import { becomeFailed, becomeTimedOut } from '../become/failures.ts';
import { becomeStart } from '../become/methods.ts';
import { PasswordDialog } from '../become/password-dialog.ts';
import type { PasswordGate } from '../become/password-gate.ts';
import type { Become } from '../types.ts';
import type { ChannelListener, ProcessChannel, ProcessExit, ProcessOpener } from './channel.ts';
import { OutputBuffer } from './output-buffer.ts';
import {
  type Announcement,
  bootstrapText,
  createMarker,
  findAnnouncement,
  type PreparedScript,
  scriptPayload,
} from './protocol.ts';
import type { Runner, ShellOutcome } from './runner.ts';
import { channelClosed, connectionCut, loginShellEnded } from './shell-errors.ts';
import { openStart } from './terminal-channel.ts';

/** What a shell needs to know of the place it runs in. */
export interface ShellContext {
  readonly opener: ProcessOpener;
  /** The inventory's name of the host, for messages. */
  readonly host: string;
  readonly loginUser: string;
  readonly passwords: PasswordGate;
  /** How long becoming another user may take, where that itself does not say. */
  readonly becomeTimeoutMs: number;
}

/** Takes the bytes of one stream. */
interface ByteSink {
  push(bytes: Buffer): void;
}

/** After the exit, a background child may hold the streams open: this long without output, and they count as ended. */
const DRAIN_IDLE_MS = 1000;
const PREAMBLE_MAX_BYTES = 65_536;

export class Shell implements ChannelListener, Runner {
  /** Milliseconds from asking for the process to having it; undefined before. */
  openMs: number | undefined;
  /** Who announced itself; undefined until then, and always for `raw`. */
  announcement: Announcement | undefined;
  /** Whether a lane can run there; false until it announced itself. */
  hasSetsid = false;
  /** True once nothing can be run in it any more. */
  isDead = false;
  /** Why it is dead, when it failed. */
  failure: unknown;
  readonly #context: ShellContext;
  readonly #become: Become | undefined;
  readonly #start: BecomeStart | undefined;
  readonly #dialog: PasswordDialog | undefined;
  readonly #marker: string | undefined;
  readonly #announced = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<ProcessExit>();
  #channel: ProcessChannel | undefined;
  #becomeTimer: NodeJS.Timeout | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  #stdoutPreamble: Buffer | undefined = Buffer.alloc(0);
  #stderrPreamble: Buffer | undefined = Buffer.alloc(0);
  #output = { stdout: new OutputBuffer(0), stderr: new OutputBuffer(0) };
  #sinks: { readonly stdout: ByteSink; readonly stderr: ByteSink } = this.#output;
  #exit: ProcessExit | undefined;
  /** An answer for the password's question that came before the channel did. */
  #answer = '';

  private constructor(context: ShellContext, become: Become | undefined, marker: string | undefined) {
    this.#context = context;
    this.#become = become;
    this.#marker = marker;
    if (marker === undefined) {
      this.#stdoutPreamble = undefined;
      this.#stderrPreamble = undefined;
    }
    this.#start =
      become === undefined ? undefined : becomeStart(become, program(marker ?? '', become.password !== undefined));
    if (become !== undefined && this.#start?.prompt !== undefined) {
      this.#dialog = new PasswordDialog({
        start: this.#start,
        become,
        place: context,
        gate: context.passwords,
        answer: (line) => this.#onAnswer(line),
        fail: (error) => {
          this.#fail(error);
          this.close();
        },
      });
    }
    // Failures reach whoever waits; a warm shell that fails unseen is no unhandled rejection.
    this.#ready.promise.catch(() => {});
    this.#ended.promise.catch(() => {});
  }

  /** Starts a shell that waits for a script. Never throws: {@link ready} and {@link run} tell. */
  static open(context: ShellContext, become: Become | undefined): Shell {
    const marker = createMarker();
    const shell = new Shell(context, become, marker);
    const start = shell.#start ?? { words: program(marker) };
    shell.#adopt(openStart(context.opener, start, shell));
    return shell;
  }

  /** Starts the login shell with a command line of its own; nothing announces itself. */
  static openRaw(context: ShellContext, line: string, maxOutputBytes: number): Shell {
    const shell = new Shell(context, undefined, undefined);
    // It runs at once: its output may come before `run` is called.
    shell.#keepOutput(maxOutputBytes);
    shell.#adopt(context.opener.open({ kind: 'line', line }, shell));
    return shell;
  }

  /**
   * Resolves when a script may be sent: when the process is started or, where a password is asked for, when it was
   * accepted (a script sent before could be taken for the password).
   *
   * @throws TransportError CHANNEL_FAILED, CONNECTION_LOST, BECOME_FAILED, BECOME_TIMEOUT
   */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /**
   * Sends the script and waits for its end. Only once a shell, after {@link ready}.
   *
   * @throws TransportError CONNECTION_LOST, CHANNEL_FAILED, BECOME_FAILED, BECOME_TIMEOUT
   */
  async run(script: PreparedScript, maxOutputBytes: number): Promise<ShellOutcome> {
    if (!this.isRaw) this.#keepOutput(maxOutputBytes);
    const payload = this.isRaw ? [script.stdin ?? new Uint8Array()] : scriptPayload(script);
    const [first, ...rest] = payload;
    const pieces = first === undefined ? [] : [this.#guarded(first), ...rest];
    for (const piece of pieces.slice(0, -1)) this.#channel?.write(piece);
    this.#channel?.end(pieces.at(-1));
    return { exit: await this.#ended.promise, ...this.#output };
  }

  /** Gives all output from now on to somebody else, who sends what is to be run with {@link send}. */
  serve(sinks: { readonly stdout: ByteSink; readonly stderr: ByteSink }): void {
    this.#sinks = sinks;
  }

  /** Sends the first text to a shell that waits; its stdin stays open. After {@link ready}. */
  begin(text: string): void {
    this.#channel?.write(this.#guarded(Buffer.from(text)));
  }

  /** Sends text to its stdin. */
  send(text: string): void {
    this.#channel?.write(text);
  }

  /** Ends its stdin. */
  end(): void {
    this.#channel?.end();
  }

  /** Resolves at the shell's end, when no more output comes; rejects as {@link run}. */
  get ended(): Promise<ProcessExit> {
    return this.#ended.promise;
  }

  get host(): string {
    return this.#context.host;
  }

  get begun(): Promise<void> {
    return this.#announced.promise;
  }

  // Without become the shell leads its group; if it does not, the group is the server's own and not ours to kill.
  get victim(): Announcement | undefined {
    const seen = this.announcement;
    if (seen === undefined) return undefined;
    const isOwnGroup = seen.processGroup > 1 && (this.#become !== undefined || seen.processGroup === seen.pid);
    return { pid: seen.pid, processGroup: isOwnGroup ? seen.processGroup : seen.pid };
  }

  /** Resolves with true at the shell's end, whatever that was like. */
  get hasEnded(): Promise<true> {
    const yes = () => true as const;
    return this.#ended.promise.then(yes, yes);
  }

  /** Whether it runs a login shell's command line and so announces nothing. */
  get isRaw(): boolean {
    return this.#marker === undefined;
  }

  /** Output so far, of a script that did not end by itself. */
  get output(): { readonly stdout: OutputBuffer; readonly stderr: OutputBuffer } {
    return this.#output;
  }

  signal(name: 'TERM' | 'KILL'): void {
    this.#channel?.signal(name);
  }

  /** Lets go of the shell; one that waits ends at the end of its stdin. */
  close(): void {
    this.isDead = true;
    this.#dialog?.end('unknown');
    clearTimeout(this.#becomeTimer);
    clearTimeout(this.#drainTimer);
    this.#channel?.close();
  }

  onStdout(chunk: Buffer): void {
    this.#drainTimer?.refresh();
    if (this.#stdoutPreamble === undefined || this.#marker === undefined) {
      this.#sinks.stdout.push(chunk);
      return;
    }
    const seen = appendTail(this.#stdoutPreamble, chunk);
    this.#stdoutPreamble = seen;
    const found = findAnnouncement(seen, this.#marker);
    if (found === undefined) {
      this.#dialog?.onOutput(chunk);
      return;
    }
    this.#dialog?.end('accepted');
    this.#stdoutPreamble = undefined;
    this.announcement = { pid: found.pid, processGroup: found.processGroup };
    this.hasSetsid = found.hasSetsid;
    clearTimeout(this.#becomeTimer);
    if (found.end < seen.length) this.#sinks.stdout.push(seen.subarray(found.end));
    this.#announced.resolve();
    this.#ready.resolve();
  }

  onStderr(chunk: Buffer): void {
    this.#drainTimer?.refresh();
    if (this.#stderrPreamble === undefined || this.#marker === undefined) {
      this.#sinks.stderr.push(chunk);
      return;
    }
    this.#stderrPreamble = appendTail(this.#stderrPreamble, chunk);
    this.#dialog?.onOutput(chunk);
    const seen = this.#stderrPreamble;
    // With its newline: a refusal may name the whole command, marker and all.
    const line = `${this.#marker}\n`;
    const start = seen.indexOf(line);
    if (start < 0) return;
    this.#stderrPreamble = undefined;
    if (start + line.length < seen.length) this.#sinks.stderr.push(seen.subarray(start + line.length));
  }

  onTerminal(chunk: Buffer): void {
    if (this.announcement !== undefined || this.#stderrPreamble === undefined) return;
    this.#stderrPreamble = appendTail(this.#stderrPreamble, chunk);
    this.#dialog?.onOutput(chunk);
  }

  onExit(exit: ProcessExit): void {
    this.isDead = true;
    this.#exit = exit;
    this.#drainTimer = setTimeout(() => {
      this.#channel?.close();
      this.onClose();
    }, DRAIN_IDLE_MS);
  }

  onClose(): void {
    this.isDead = true;
    clearTimeout(this.#becomeTimer);
    clearTimeout(this.#drainTimer);
    if (this.announcement === undefined && this.#marker !== undefined) {
      const failure = this.#neverBegan();
      this.#dialog?.end(failure.code === 'BECOME_FAILED' ? failure : 'unknown');
      this.#fail(failure);
    } else if (this.#exit === undefined)
      this.#fail(connectionCut(this.#context.host, this.#context.opener.endedBecause));
    else this.#ended.resolve(this.#exit);
  }

  #adopt(opening: Promise<ProcessChannel>): void {
    const become = this.#become;
    if (become !== undefined) {
      const becomeTimeoutMs = become.timeoutMs ?? this.#context.becomeTimeoutMs;
      this.#becomeTimer = setTimeout(() => {
        this.#fail(becomeTimedOut(this.#context, become, becomeTimeoutMs, this.#preambleText()));
        this.close();
      }, becomeTimeoutMs);
    }
    const startedMs = performance.now();
    opening.then(
      (channel) => {
        this.#channel = channel;
        this.openMs = performance.now() - startedMs;
        if (this.isDead && this.#exit === undefined) return channel.close();
        if (this.#dialog === undefined) this.#ready.resolve();
        else if (this.#answer !== '') this.#onAnswer(this.#answer);
      },
      (error: unknown) => {
        this.#dialog?.end('unknown');
        clearTimeout(this.#becomeTimer);
        this.#fail(error);
      },
    );
  }

  #keepOutput(maxOutputBytes: number): void {
    this.#output = { stdout: new OutputBuffer(maxOutputBytes), stderr: new OutputBuffer(maxOutputBytes) };
    this.#sinks = this.#output;
  }

  // A shell that asked for a password drops all lines before its marker.
  #guarded(first: Uint8Array): Uint8Array {
    return this.#dialog === undefined ? first : Buffer.concat([Buffer.from(`${this.#marker}\n`), first]);
  }

  #onAnswer(line: string): void {
    const channel = this.#channel;
    if (channel === undefined) this.#answer = line;
    else if (channel.answer === undefined) channel.write(line);
    else channel.answer(line);
  }

  #fail(error: unknown): void {
    this.isDead = true;
    this.failure ??= error;
    this.#ready.reject(error);
    this.#ended.reject(error);
  }

  #neverBegan(): TransportError {
    const { host, loginUser, opener } = this.#context;
    if (this.#exit === undefined) return opener.isOpen ? channelClosed(host) : connectionCut(host, opener.endedBecause);
    const text = this.#preambleText();
    if (this.#become !== undefined)
      return becomeFailed(this.#context, this.#become, this.#exit.code, text, this.#dialog?.isAnswered);
    return loginShellEnded(host, loginUser, this.#exit, text);
  }

  #preambleText(): string {
    const bytes = Buffer.concat([this.#stdoutPreamble ?? Buffer.alloc(0), this.#stderrPreamble ?? Buffer.alloc(0)]);
    return bytes.subarray(-2048).toString('utf8');
  }
}

function program(marker: string, isGuarded = false): string[] {
  return ['sh', '-c', bootstrapText(marker, isGuarded)];
}

function appendTail(seen: Buffer, chunk: Buffer): Buffer {
  const all = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
  return all.length > PREAMBLE_MAX_BYTES ? Buffer.from(all.subarray(-PREAMBLE_MAX_BYTES)) : all;
}
