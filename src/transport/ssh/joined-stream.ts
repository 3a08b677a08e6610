/** One stream out of two that belong together, with the manners of a socket. */
import { Duplex, type Readable, type Writable } from 'node:stream';

/**
 * Reads from one stream and writes to another. Unlike a channel of ssh2, `destroy` closes it here and now, whether the other
 * side still answers or not.
 */
export class JoinedStream extends Duplex {
  readonly #from: Readable;
  readonly #to: Writable;
  readonly #onDestroy: () => void;

  /** @param onDestroy - called once, when nothing is read or written any more */
  constructor(from: Readable, to: Writable, onDestroy: () => void) {
    super({ allowHalfOpen: false });
    this.#from = from;
    this.#to = to;
    this.#onDestroy = onDestroy;
    from.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) from.pause();
    });
    from.pause();
  }

  /** No more will come. */
  endOfInput(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  override _read(): void {
    this.#from.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    if (this.#to.write(chunk)) done();
    else this.#to.once('drain', done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#to.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#onDestroy();
    done(error);
  }
}
