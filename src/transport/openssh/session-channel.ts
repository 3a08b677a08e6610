/** One session channel of SSH: its messages, its windows, its end. */
import type { ChannelListener, ProcessChannel, ProcessExit } from '../shell/channel.ts';
import { counted, type FieldReader, uint32 } from './wire.ts';

/** Numbers of SSH's channel messages. @see RFC 4254, section 9 */
export const MESSAGE = {
  open: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

/** Bytes that the other side may send before it has to wait for more room. */
export const WINDOW_BYTES = 2 * 1024 * 1024;
/** Most bytes of data in one message, ours and theirs. */
export const PACKET_BYTES = 32_768;
const STDERR_DATA = 1;

/** Sends one message to the server. */
export type SendMessage = (type: number, ...fields: readonly Uint8Array[]) => void;

export class SessionChannel implements ProcessChannel {
  readonly #send: SendMessage;
  readonly #listener: ChannelListener;
  readonly #answers: PromiseWithResolvers<boolean>[] = [];
  #remoteId: Buffer = uint32(0);
  #remotePacketBytes = PACKET_BYTES;
  #sendWindowBytes = 0;
  #receivedBytes = 0;
  #isOpen = false;
  #isEnded = false;
  #isEofSent = false;
  #isClosing = false;
  /** Bytes for stdin that the server has no room for yet. */
  readonly #queue: Uint8Array[] = [];

  constructor(send: SendMessage, listener: ChannelListener) {
    this.#send = send;
    this.#listener = listener;
  }

  /** The server opened it: from now on it can be written to. */
  confirm(fields: FieldReader): void {
    this.#remoteId = uint32(fields.uint32());
    this.#sendWindowBytes = fields.uint32();
    this.#remotePacketBytes = Math.min(fields.uint32(), PACKET_BYTES);
    this.#isOpen = true;
    // Nobody waits for it any more.
    if (this.#isClosing) this.#send(MESSAGE.close, this.#remoteId);
  }

  /** Asks the server for something; resolves with whether it did it. False, too, when the channel closed instead. */
  request(name: string, ...fields: readonly Uint8Array[]): Promise<boolean> {
    const answer = Promise.withResolvers<boolean>();
    this.#answers.push(answer);
    this.#send(MESSAGE.request, this.#remoteId, counted(name), YES, ...fields);
    return answer.promise;
  }

  /** As {@link request}, where nobody waits for the answer. */
  tell(name: string, ...fields: readonly Uint8Array[]): void {
    this.#send(MESSAGE.request, this.#remoteId, counted(name), NO, ...fields);
  }

  write(bytes: string | Uint8Array): void {
    if (!this.#isOpen || this.#isEnded || this.#isClosing) return;
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    if (piece.byteLength > 0) this.#queue.push(piece);
    this.#flush();
  }

  end(bytes?: string | Uint8Array): void {
    if (bytes !== undefined) this.write(bytes);
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#flush();
  }

  signal(name: 'TERM' | 'KILL'): void {
    if (this.#isOpen && !this.#isClosing) this.tell('signal', counted(name));
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#queue.length = 0;
    if (this.#isOpen) this.#send(MESSAGE.close, this.#remoteId);
  }

  /** A message of the server for this channel. @returns whether it was the last */
  onMessage(type: number, fields: FieldReader): boolean {
    switch (type) {
      case MESSAGE.data:
        this.#onData(fields.bytes(), false);
        return false;
      case MESSAGE.extendedData:
        this.#onData(fields.uint32() === STDERR_DATA ? fields.bytes() : Buffer.alloc(0), true);
        return false;
      case MESSAGE.windowAdjust:
        this.#sendWindowBytes += fields.uint32();
        this.#flush();
        return false;
      case MESSAGE.request:
        this.#onRequest(fields);
        return false;
      case MESSAGE.success:
      case MESSAGE.failure:
        this.#answers.shift()?.resolve(type === MESSAGE.success);
        return false;
      case MESSAGE.close:
        this.close();
        this.drop();
        return true;
      default:
        return false;
    }
  }

  /** Nothing more comes, whatever the reason. */
  drop(): void {
    this.#isOpen = false;
    for (const answer of this.#answers.splice(0)) answer.resolve(false);
    this.#listener.onClose();
  }

  #onData(bytes: Buffer, isStderr: boolean): void {
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes >= WINDOW_BYTES / 2 && !this.#isClosing) {
      this.#send(MESSAGE.windowAdjust, this.#remoteId, uint32(this.#receivedBytes));
      this.#receivedBytes = 0;
    }
    if (bytes.length === 0) return;
    if (isStderr) this.#listener.onStderr(bytes);
    else this.#listener.onStdout(bytes);
  }

  #onRequest(fields: FieldReader): void {
    const name = fields.text();
    const wantsAnswer = fields.boolean();
    if (name === 'exit-status') this.#listener.onExit({ code: fields.uint32() });
    else if (name === 'exit-signal') this.#listener.onExit(signalled(fields.text()));
    // What else servers ask (keepalive) only wants to be answered.
    else if (wantsAnswer) this.#send(MESSAGE.failure, this.#remoteId);
  }

  #flush(): void {
    while (this.#sendWindowBytes > 0) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const size = Math.min(next.byteLength, this.#sendWindowBytes, this.#remotePacketBytes);
      this.#sendWindowBytes -= size;
      if (size === next.byteLength) this.#queue.shift();
      else this.#queue[0] = next.subarray(size);
      this.#send(MESSAGE.data, this.#remoteId, uint32(size), next.subarray(0, size));
    }
    const isAllSent = this.#isEnded && this.#queue.length === 0;
    if (!isAllSent || this.#isEofSent || !this.#isOpen || this.#isClosing) return;
    this.#isEofSent = true;
    this.#send(MESSAGE.eof, this.#remoteId);
  }
}

const YES = Uint8Array.of(1);
const NO = Uint8Array.of(0);

function signalled(name: string): ProcessExit {
  return { code: null, signal: name.replace(/@.*$/, '').replace(/^SIG/, '') };
}
