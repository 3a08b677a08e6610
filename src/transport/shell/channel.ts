/**
 * What ssh and local have in common below the shell: a process with three streams. An opener starts processes on one
 * target; everything above (shells, become, deadlines, kills, transfers) is written against these two interfaces only.
 */

import { TransportError } from '../../errors.ts';

/** No process could be started now, while the connection stands; one may be when another has ended. */
export class ChannelRefusedError extends TransportError {
  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown }) {
    super('CHANNEL_FAILED', message, options);
  }
}

/** How a process ended. */
export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** Name without "SIG", when a signal ended it. */
  readonly signal?: string;
}

/** Receives what a process does. `onClose` comes last, exactly once, also when the connection is cut. */
export interface ChannelListener {
  onStdout(chunk: Buffer): void;
  onStderr(chunk: Buffer): void;
  /** What is printed at a terminal that the process has beside its three streams. */
  onTerminal?(chunk: Buffer): void;
  /** The process ended; its output may still be on the way. */
  onExit(exit: ProcessExit): void;
  /** All output was delivered, or nothing more can come. */
  onClose(): void;
}

/** A started process. No method throws, whatever state the process is in. */
export interface ProcessChannel {
  write(bytes: string | Uint8Array): void;
  /** Ends the process's stdin. */
  end(bytes?: string | Uint8Array): void;
  /** Types a line at the process's terminal, where it has one beside its stdin. */
  answer?(line: string): void;
  /** Sends a signal to the process itself as far as the transport can; nobody checks that it arrived. */
  signal(name: 'TERM' | 'KILL'): void;
  /** Lets go of the process without waiting for it: its streams are closed. */
  close(): void;
}

/** Words for a program, or a command line for the login shell (`raw`). */
export type ProcessCommand =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'line'; readonly line: string };

/** Writes one file on the target as the login user, beside the shells. */
export interface FileWriter {
  /**
   * Fills a file that is there. Once; lets go of the writer.
   *
   * @param path - absolute
   * @param signal - stops it
   * @throws Error when not all of it was written
   */
  write(path: string, content: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Lets go of a writer that has nothing to write. */
  release(): void;
}

export interface ProcessOpener {
  readonly isOpen: boolean;
  /** Why the session ended, when that is known and not our doing. */
  readonly endedBecause?: string;
  /**
   * Starts a process.
   *
   * @throws TransportError ChannelRefusedError when this process cannot be started, CHANNEL_TIMEOUT when the target does
   *   not answer, CONNECTION_LOST when none can be started
   */
  open(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel>;
  /** Starts a process at a terminal that does not echo; all it prints is stdout. Undefined: there are no terminals here. */
  openTerminal?(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel>;
  /** A writer that is faster for large files on a long way than a process's stdin; undefined: none now, or none ever. */
  claimFileWriter?(): FileWriter | undefined;
  /** Ends the session in good order; resolves when it is gone, at most a second later. */
  close(): Promise<void>;
  /** Drops the session at once: the peer does not answer. All open channels get `onClose`. */
  destroy(): void;
}
