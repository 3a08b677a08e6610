/** Processes over the channels of one master of the system's `ssh`. */
import type { Socket } from 'node:net';
import type { TransportError } from '../../errors.ts';
import { shellJoin } from '../../util/shell-quote.ts';
import type { ChannelListener, ProcessChannel, ProcessCommand, ProcessOpener } from '../shell/channel.ts';
import { CHANNEL_TIMEOUT_MS, channelRefused, channelSilent, sessionClosed } from '../ssh/channel-errors.ts';
import { MESSAGE, PACKET_BYTES, SessionChannel, WINDOW_BYTES } from './session-channel.ts';
import { counted, FieldReader, MessageSplitter, uint32 } from './wire.ts';

export interface ProxyOpenerOptions {
  /** The inventory's name of the host, for messages. */
  readonly host: string;
  /** Whether commands may use the agent of this machine. */
  readonly forwardAgent: boolean;
  /** Bytes that came before the opener listened. */
  readonly rest: Buffer;
  /**
   * How long the host may take to open a channel; milliseconds.
   * @defaultValue 30 000
   */
  readonly channelTimeoutMs?: number;
  /** Ends the master; resolves when it is gone. */
  readonly endMaster: () => Promise<void>;
}

interface Opening {
  readonly channel: SessionChannel;
  readonly line: string;
  readonly hasTerminal: boolean;
  readonly opened: PromiseWithResolvers<ProcessChannel>;
  readonly timer: NodeJS.Timeout;
}

export class ProxyOpener implements ProcessOpener {
  isOpen = true;
  readonly #socket: Socket;
  readonly #options: ProxyOpenerOptions;
  readonly #splitter = new MessageSplitter();
  readonly #openings = new Map<number, Opening>();
  readonly #channels = new Map<number, SessionChannel>();
  #nextId = 0;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, options: ProxyOpenerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => {});
    socket.once('close', () => this.#cut());
    if (options.rest.length > 0) this.#onData(options.rest);
    if (socket.destroyed) this.#cut();
  }

  open(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel> {
    return this.#open(command, listener, false);
  }

  openTerminal(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel> {
    return this.#open(command, listener, true);
  }

  #open(command: ProcessCommand, listener: ChannelListener, hasTerminal: boolean): Promise<ProcessChannel> {
    if (!this.isOpen) return Promise.reject(this.#lost());
    // `exec` keeps the login shell from waiting beside the program; sh, csh and fish all know it.
    const line = command.kind === 'line' ? command.line : `exec ${shellJoin(command.words)}`;
    const id = this.#nextId++;
    const channel = new SessionChannel((type, ...fields) => this.#send(type, fields), listener);
    const opened = Promise.withResolvers<ProcessChannel>();
    const limitMs = this.#options.channelTimeoutMs ?? CHANNEL_TIMEOUT_MS;
    const timer = setTimeout(() => this.#giveUp(channel, opened, limitMs), limitMs);
    this.#openings.set(id, { channel, line, hasTerminal, opened, timer });
    this.#send(MESSAGE.open, [counted('session'), uint32(id), uint32(WINDOW_BYTES), uint32(PACKET_BYTES)]);
    return opened.promise;
  }

  close(): Promise<void> {
    this.isOpen = false;
    this.#closing ??= this.#options.endMaster().finally(() => this.destroy());
    return this.#closing;
  }

  destroy(): void {
    this.isOpen = false;
    this.#closing ??= this.#options.endMaster();
    this.#closing.catch(() => {});
    this.#socket.destroy();
  }

  #send(type: number, fields: readonly Uint8Array[]): void {
    const head = Buffer.alloc(6);
    head.writeUInt32BE(2 + fields.reduce((sum, field) => sum + field.byteLength, 0));
    head.writeUInt8(type, 5);
    this.#socket.cork();
    this.#socket.write(head);
    for (const field of fields) this.#socket.write(field);
    process.nextTick(() => this.#socket.uncork());
  }

  #onData(chunk: Buffer): void {
    for (const message of this.#splitter.push(chunk)) {
      try {
        this.#onMessage(message);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        // A message that ends too early: nothing after it can be trusted.
        this.destroy();
        return;
      }
    }
  }

  #onMessage(message: Buffer): void {
    const fields = new FieldReader(message);
    fields.uint8(); // padding, always none
    const type = fields.uint8();
    if (type < MESSAGE.openConfirmation || type > MESSAGE.failure) return;
    const id = fields.uint32();
    const opening = this.#openings.get(id);
    if (opening === undefined) {
      if (this.#channels.get(id)?.onMessage(type, fields) === true) this.#channels.delete(id);
      return;
    }
    this.#openings.delete(id);
    if (type === MESSAGE.openConfirmation) {
      opening.channel.confirm(fields);
      this.#channels.set(id, opening.channel);
      void this.#start(opening);
    } else {
      clearTimeout(opening.timer);
      fields.uint32(); // the reason's number; its words come next
      opening.opened.reject(this.#refused(fields.text()));
    }
  }

  async #start({ channel, line, hasTerminal, opened, timer }: Opening): Promise<void> {
    if (this.#options.forwardAgent) channel.tell('auth-agent-req@openssh.com');
    if (hasTerminal) channel.tell('pty-req', ...SILENT_TERMINAL);
    const isStarted = await channel.request('exec', counted(line));
    clearTimeout(timer);
    if (isStarted) opened.resolve(channel);
    else {
      channel.close();
      opened.reject(this.isOpen ? this.#refused('it runs no commands') : this.#lost());
    }
  }

  // A host that answers no request for a channel is hung. While others are open, their own deadlines tell whether it lives.
  #giveUp(channel: SessionChannel, opened: PromiseWithResolvers<ProcessChannel>, limitMs: number): void {
    opened.reject(channelSilent(this.#options.host, limitMs));
    channel.close();
    if (this.#channels.size === 0) this.destroy();
  }

  #cut(): void {
    this.isOpen = false;
    for (const { opened, timer } of this.#openings.values()) {
      clearTimeout(timer);
      opened.reject(this.#lost());
    }
    this.#openings.clear();
    for (const channel of this.#channels.values()) channel.drop();
    this.#channels.clear();
  }

  #refused(words: string): TransportError {
    return channelRefused(this.#options.host, words);
  }

  #lost(): TransportError {
    return sessionClosed(this.#options.host);
  }
}

// TERM, width and height in characters, then in pixels, and modes: no echo of what is typed, no carriage returns in what
// is printed. @see RFC 4254, section 8
const SILENT_TERMINAL: readonly Uint8Array[] = [
  counted('dumb'),
  ...[80, 24, 0, 0].map(uint32),
  modes([53, 0], [56, 0], [70, 0], [72, 0]),
];

function modes(...pairs: readonly (readonly [opcode: number, value: number])[]): Buffer {
  const bytes = Buffer.concat([
    ...pairs.map(([opcode, value]) => Buffer.concat([Buffer.of(opcode), uint32(value)])),
    Buffer.of(0),
  ]);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
