/** Writes the output of a command to an SSH channel of a server. */
import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** What ssh2 keeps of a write that waits until the client takes more. */
interface Waiting {
  _chunk?: unknown;
  _chunkcb?: unknown;
  _chunkErr?: unknown;
  _chunkcbErr?: unknown;
}

/**
 * Output of both streams of a channel, one write at a time. Of two writes that wait for the client at once, one on each stream,
 * ssh2's server forgets one; and one that has waited it sends again when the other stream waits.
 */
export class ChannelOutput {
  readonly #channel: ServerChannel;
  #last: Promise<void> = Promise.resolve();

  constructor(channel: ServerChannel) {
    this.#channel = channel;
  }

  /** @returns when all is with the client; never, where the channel is closed before */
  write(stream: 'stdout' | 'stderr', data: Uint8Array | string): Promise<void> {
    const to: Writable = stream === 'stdout' ? this.#channel : this.#channel.stderr;
    this.#last = this.#last.then(async () => {
      await new Promise<void>((resolve) => to.write(data, () => resolve()));
      const waited: Waiting = { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined };
      Object.assign(this.#channel, waited);
    });
    return this.#last;
  }

  /** Passes on all that comes, no faster than the client takes it. @returns at its end, or when it was destroyed */
  async pass(stream: 'stdout' | 'stderr', from: Readable): Promise<void> {
    try {
      for await (const data of from) await this.write(stream, data as Uint8Array);
    } catch {
      // Destroyed, since the channel is closed.
    }
  }
}
