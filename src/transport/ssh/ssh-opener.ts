/** Processes over the channels of one SSH connection. */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, ExecOptions } from 'ssh2';
import { errorMessage, type TransportError } from '../../errors.ts';
import { shellJoin } from '../../util/shell-quote.ts';
import type { ChannelListener, FileWriter, ProcessChannel, ProcessCommand, ProcessOpener } from '../shell/channel.ts';
import { CHANNEL_TIMEOUT_MS, channelRefused, channelSilent, sessionClosed } from './channel-errors.ts';
import { SftpWriters } from './sftp-writer.ts';

/** A session that does not say goodbye is dropped after this. */
const CLOSE_LIMIT_MS = 1000;
/** No echo of what is typed, no carriage returns in what is printed. */
const SILENT_MODES = { ECHO: 0, ECHONL: 0, OPOST: 0, ONLCR: 0 } as const;

export interface SshOpenerOptions {
  /**
   * How long the host may take to open a channel; milliseconds.
   * @defaultValue 30 000
   */
  readonly channelTimeoutMs?: number;
  /** Shared by the openers of a transport; default: an own one. */
  readonly fileWriters?: SftpWriters;
}

export class SshOpener implements ProcessOpener {
  isOpen = true;
  endedBecause: string | undefined;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #host: string;
  readonly #channelTimeoutMs: number;
  readonly #fileWriters: SftpWriters;
  readonly #closed = Promise.withResolvers<void>();
  /** What to tell when the connection is cut: channels, and openings that wait for an answer. */
  readonly #onCut = new Set<() => void>();

  constructor(client: Client, stream: Duplex, host: string, options: SshOpenerOptions = {}) {
    this.#channelTimeoutMs = options.channelTimeoutMs ?? CHANNEL_TIMEOUT_MS;
    this.#fileWriters = options.fileWriters ?? new SftpWriters();
    this.#client = client;
    this.#stream = stream;
    this.#host = host;
    // Late errors (keepalive, reset) are followed by `close`, which tells everybody.
    client.on('error', (error: Error & { level?: string }) => {
      this.endedBecause ??= error.level === 'client-timeout' ? 'the host stopped answering' : errorMessage(error);
    });
    client.once('close', () => this.#cut());
    // `end` comes first when the peer says goodbye; nothing can be opened from then on.
    client.once('end', () => {
      this.isOpen = false;
    });
    if (stream.destroyed) this.#cut();
  }

  open(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel> {
    return this.#exec(command, listener, {});
  }

  openTerminal(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel> {
    return this.#exec(command, listener, { pty: { term: 'dumb', modes: SILENT_MODES } });
  }

  claimFileWriter(): FileWriter | undefined {
    return this.isOpen ? this.#fileWriters.claim(this.#client, this.#channelTimeoutMs) : undefined;
  }

  #exec(command: ProcessCommand, listener: ChannelListener, options: ExecOptions): Promise<ProcessChannel> {
    const { promise, resolve, reject } = Promise.withResolvers<ProcessChannel>();
    const onCut = () => {
      clearTimeout(timer);
      reject(this.#lost());
    };
    const onTimeout = () => {
      this.#onCut.delete(onCut);
      reject(channelSilent(this.#host, this.#channelTimeoutMs));
      // While other channels are open their own deadlines and the keepalive tell whether the host lives.
      if (this.#onCut.size === 0) this.destroy();
    };
    let timer: NodeJS.Timeout | undefined;
    if (!this.isOpen) {
      onCut();
      return promise;
    }
    this.#onCut.add(onCut);
    timer = setTimeout(onTimeout, this.#channelTimeoutMs);
    // `exec` keeps the login shell from waiting beside the program; sh, csh and fish all know it.
    const line = command.kind === 'line' ? command.line : `exec ${shellJoin(command.words)}`;
    try {
      this.#client.exec(line, options, (error: (Error & { reason?: number | string }) | undefined, channel) => {
        clearTimeout(timer);
        // Too late: nobody waits any more.
        if (!this.#onCut.delete(onCut)) return channel?.close();
        if (error === undefined) resolve(this.#adopt(channel, listener));
        else reject(this.isOpen ? this.#refused(error) : this.#lost());
      });
    } catch {
      // ssh2 throws when the socket is gone already.
      this.#onCut.delete(onCut);
      onCut();
    }
    return promise;
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#client.end();
    const timer = setTimeout(() => this.destroy(), CLOSE_LIMIT_MS);
    await this.#closed.promise;
    clearTimeout(timer);
  }

  destroy(): void {
    this.isOpen = false;
    this.#stream.destroy();
  }

  #adopt(channel: ClientChannel, listener: ChannelListener): ProcessChannel {
    let isClosed = false;
    const onClose = () => {
      if (isClosed) return;
      isClosed = true;
      this.#onCut.delete(onClose);
      listener.onClose();
    };
    this.#onCut.add(onClose);
    channel.on('data', (chunk: Buffer) => listener.onStdout(chunk));
    channel.stderr.on('data', (chunk: Buffer) => listener.onStderr(chunk));
    channel.on('exit', (code: number | null, signal?: string) => {
      listener.onExit({ code, signal: signal?.replace(/^SIG/, '') });
    });
    channel.on('close', onClose);
    channel.on('error', () => {});
    return {
      write: (bytes) => {
        if (!isClosed) channel.write(bytes);
      },
      end: (bytes) => {
        if (isClosed) return;
        // Data and end of file go out in one write: each write of its own wakes the server once more.
        this.#stream.cork();
        setImmediate(() => this.#stream.uncork());
        if (bytes === undefined) channel.end();
        else channel.end(bytes);
      },
      signal: (name) => {
        if (!isClosed) sendSignal(this.#client, channel, name);
      },
      close: () => {
        if (!isClosed) channel.close();
      },
    };
  }

  #cut(): void {
    this.isOpen = false;
    for (const tell of this.#onCut) tell();
    this.#onCut.clear();
    this.#closed.resolve();
  }

  #refused(error: Error): TransportError {
    const words = errorMessage(error).replace(/^\(SSH\) Channel open failure: /, '');
    return channelRefused(this.#host, words, error);
  }

  #lost(): TransportError {
    return sessionClosed(this.#host, this.endedBecause);
  }
}

// ssh2's own `channel.signal` does nothing once stdin was ended, which is when a signal is wanted here; RFC 4254 6.9
// allows it. So the message goes out through the protocol object, as far as this ssh2 has it.
function sendSignal(client: Client, channel: ClientChannel, name: 'TERM' | 'KILL'): void {
  const { _protocol: protocol } = client as { _protocol?: { signal?: (channelId: number, name: string) => void } };
  const { outgoing } = channel as { outgoing?: { id?: number; state?: string } };
  if (outgoing?.id === undefined || (outgoing.state !== 'open' && outgoing.state !== 'eof')) return;
  protocol?.signal?.(outgoing.id, name);
}
