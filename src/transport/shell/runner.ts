/** What runs one script on a target: a shell of its own ({@link Shell}) or one turn of a lane ({@link LaneTurn}). */
import type { ProcessExit } from './channel.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { Announcement, PreparedScript } from './protocol.ts';

/** What a script left behind. */
export interface ShellOutcome {
  readonly exit: ProcessExit;
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
}

export interface Runner {
  /** True once nothing can be run in it any more. */
  readonly isDead: boolean;
  /** Why it is dead, when it failed. */
  readonly failure: unknown;
  /** Whether it runs a login shell's command line and so announces nothing. */
  readonly isRaw: boolean;
  /** What has to be killed to end the script; undefined while that is not known. */
  readonly victim: Announcement | undefined;
  /**
   * Resolves when a script may be sent.
   *
   * @throws TransportError CHANNEL_FAILED, CONNECTION_LOST, BECOME_FAILED, BECOME_TIMEOUT
   */
  readonly ready: Promise<void>;
  /** Resolves when the target's first word of this script is there; never, when it does not come. */
  readonly begun: Promise<void>;
  /** Resolves with true at the script's end, whatever that was like. */
  readonly hasEnded: Promise<true>;
  /** Output so far, of a script that did not end by itself. */
  readonly output: { readonly stdout: OutputBuffer; readonly stderr: OutputBuffer };
  /**
   * Sends the script and waits for its end. Only once, after {@link ready}.
   *
   * @throws TransportError CONNECTION_LOST, CHANNEL_FAILED, BECOME_FAILED, BECOME_TIMEOUT
   * @throws NotBegunError when the script surely did not begin, and may be run elsewhere
   */
  run(script: PreparedScript, maxOutputBytes: number): Promise<ShellOutcome>;
  /** Has the server itself signal what it started; nobody checks that it arrives. */
  signal(name: 'TERM' | 'KILL'): void;
  /** Lets go of it. */
  close(): void;
}

/** The shell that was to run a script ended, or could not start it, before any of it ran. */
export class NotBegunError extends Error {}
