/**
 * A process that has a terminal only for the question for its password (doas asks nowhere else). A terminal mixes stdout
 * with stderr and is not binary safe, so the three streams go over a second process beside it, the carrier, through
 * named pipes that only the login user may open; the other user gets them opened.
 */
import { TransportError } from '../../errors.ts';
import type { BecomeStart } from '../become/contract.ts';
import type { ChannelListener, ProcessChannel, ProcessExit, ProcessOpener } from './channel.ts';
import { createMarker } from './protocol.ts';

/** Starts what a {@link BecomeStart} says, at a terminal where it needs one. Throws what {@link ProcessOpener.open} throws. */
export function openStart(
  opener: ProcessOpener,
  start: BecomeStart,
  listener: ChannelListener,
): Promise<ProcessChannel> {
  return start.needsTerminal === true
    ? new TerminalProcess(opener, start.words, listener).open()
    : opener.open({ kind: 'words', words: start.words }, listener);
}

class TerminalProcess implements ProcessChannel {
  readonly #opener: ProcessOpener;
  readonly #words: readonly string[];
  readonly #listener: ChannelListener;
  readonly #marker = createMarker();
  readonly #folder = Promise.withResolvers<string>();
  readonly #attached = Promise.withResolvers<void>();
  #carrier: ProcessChannel | undefined;
  #terminal: ProcessChannel | undefined;
  /** What is not closed yet: carrier and terminal. */
  #openCount = 0;
  #carrierOutput: Buffer | undefined = Buffer.alloc(0);
  #terminalOutput: Buffer | undefined = Buffer.alloc(0);
  #failureOutput = '';

  constructor(opener: ProcessOpener, words: readonly string[], listener: ChannelListener) {
    this.#opener = opener;
    this.#words = words;
    this.#listener = listener;
    this.#folder.promise.catch(() => {});
    this.#attached.promise.catch(() => {});
  }

  async open(): Promise<ProcessChannel> {
    const opener = this.#opener;
    if (opener.openTerminal === undefined) {
      throw new TransportError(
        'BECOME_FAILED',
        `'${this.#words[0]}' asks for a password at a terminal only, which this kind of connection does not give`,
        {
          hint: 'allow it without a password (nopass), or use another become method',
        },
      );
    }
    this.#carrier = await opener.open(
      { kind: 'words', words: ['sh', '-c', carrierText(this.#marker)] },
      this.#carrierListener(),
    );
    this.#openCount++;
    try {
      const folder = await this.#folder.promise;
      const words = ['sh', '-c', terminalText(this.#marker, folder), 'sh', ...this.#words];
      this.#terminal = await opener.openTerminal({ kind: 'words', words }, this.#terminalListener());
      this.#openCount++;
      await this.#attached.promise;
    } catch (error) {
      this.close();
      throw error;
    }
    this.#carrier.write('go\n');
    return this;
  }

  write(bytes: string | Uint8Array): void {
    this.#carrier?.write(bytes);
  }

  end(bytes?: string | Uint8Array): void {
    this.#carrier?.end(bytes);
  }

  answer(line: string): void {
    this.#terminal?.write(line);
  }

  signal(name: 'TERM' | 'KILL'): void {
    this.#terminal?.signal(name);
  }

  close(): void {
    this.#terminal?.close();
    // What the process left in the background may hold the pipes open for as long as it likes.
    if (this.#carrierOutput === undefined) this.#carrier?.signal('TERM');
    this.#carrier?.close();
  }

  #onClose(): void {
    this.#openCount--;
    const error = new TransportError(
      'CHANNEL_FAILED',
      `No terminal for '${this.#words[0]}': ${this.#failureOutput.trim() || 'the channel was closed'}`,
    );
    this.#folder.reject(error);
    this.#attached.reject(error);
    if (this.#openCount === 0) this.#listener.onClose();
  }

  #carrierListener(): ChannelListener {
    return {
      onStdout: (chunk) => {
        if (this.#carrierOutput === undefined) return this.#listener.onStdout(chunk);
        this.#carrierOutput = Buffer.concat([this.#carrierOutput, chunk]);
        const found = lineBehind(this.#carrierOutput, this.#marker);
        if (found === undefined) return;
        this.#carrierOutput = undefined;
        this.#folder.resolve(found.line);
        if (found.rest.length > 0) this.#listener.onStdout(found.rest);
      },
      onStderr: (chunk) => {
        if (this.#carrierOutput === undefined) this.#listener.onStderr(chunk);
        else this.#failureOutput += chunk.toString();
      },
      onExit: () => {},
      onClose: () => this.#onClose(),
    };
  }

  #terminalListener(): ChannelListener {
    const onOutput = (chunk: Buffer) => {
      if (this.#terminalOutput === undefined) return this.#listener.onTerminal?.(chunk);
      this.#terminalOutput = Buffer.concat([this.#terminalOutput, chunk]);
      const found = lineBehind(this.#terminalOutput, this.#marker);
      if (found === undefined) return;
      this.#terminalOutput = undefined;
      this.#attached.resolve();
      if (found.rest.length > 0) this.#listener.onTerminal?.(found.rest);
    };
    return {
      onStdout: onOutput,
      onStderr: onOutput,
      onExit: (exit: ProcessExit) => this.#listener.onExit(exit),
      onClose: () => this.#onClose(),
    };
  }
}

/**
 * Text for `sh -c` with the same limits as the bootstrap. It opens the pipes for reading and writing, which never waits, and
 * lets go of that when the process at the terminal has them: then an end of either side is seen on the other.
 */
function carrierText(marker: string): string {
  return (
    'umask 077;d=$(mktemp -d /tmp/fleetmend.XXXXXX)||exit;gone(){ rm -rf -- "$d";};trap gone EXIT;' +
    'trap "exit 143" HUP INT TERM;mkfifo "$d/i" "$d/o" "$d/e"||exit;exec 3<>"$d/i" 4<>"$d/o" 5<>"$d/e" 7<"$d/o" 8<"$d/e";' +
    'cat <&7 3>&- 4>&- 5>&- 7<&- 8<&- & cat <&8 >&2 3>&- 4>&- 5>&- 7<&- 8<&- & exec 7<&- 8<&-;' +
    `echo ${marker} "$d";IFS= read -r go;exec 4>&- 5>&- 6>"$d/i" 3>&-;gone;` +
    'if test "$go" = go;then cat >&6;fi;exec 6>&-;wait'
  );
}

/**
 * Text for `sh -c` at the terminal. The shell stays, as the server hangs up a terminal that no process has open. A hangup is
 * for the terminal alone: what is left in the background goes on.
 */
function terminalText(marker: string, folder: string): string {
  const pipe = (name: string) => `"${folder}/${name}"`;
  return `trap "" HUP;exec 3<${pipe('i')} 4>${pipe('o')} 5>${pipe('e')}||exit;echo ${marker};"$@" <&3 >&4 2>&5 3<&- 4>&- 5>&-`;
}

// The rest of the line behind the marker, and what follows the line.
function lineBehind(bytes: Buffer, marker: string): { readonly line: string; readonly rest: Buffer } | undefined {
  const start = bytes.indexOf(marker);
  const newline = start < 0 ? -1 : bytes.indexOf(10, start);
  if (newline < 0) return undefined;
  return { line: bytes.toString('utf8', start + marker.length, newline).trim(), rest: bytes.subarray(newline + 1) };
}
