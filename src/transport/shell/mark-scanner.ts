/** Finds lines of ours in a stream of somebody else's output. */
import { MARKER_LENGTH, MARKER_PREFIX } from './protocol.ts';

export interface MarkListener {
  /** Output that is none of ours. */
  onBytes(bytes: Buffer): void;
  /** A marker, wherever it stood, and the rest of its line. */
  onMark(mark: string, rest: string): void;
}

const NOTHING = Buffer.alloc(0);

/**
 * Cuts a stream at markers ({@link createMarker}): each is taken out together with the rest of its line. Output goes on
 * at once; only what may be the start of a marker is held back.
 */
export class MarkScanner {
  readonly #marks: readonly string[];
  readonly #listener: MarkListener;
  #held: Buffer = NOTHING;

  constructor(marks: readonly string[], listener: MarkListener) {
    this.#marks = marks;
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    const data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    let from = 0;
    let seen = 0;
    for (;;) {
      const at = data.indexOf(MARKER_PREFIX, seen);
      if (at < 0) {
        this.#hold(data, from, data.length - partialLength(data, from));
        return;
      }
      const word = data.toString('latin1', at, at + MARKER_LENGTH);
      const mark = this.#marks.find((each) => each.startsWith(word));
      const newline = mark === undefined ? -1 : data.indexOf(10, at);
      if (mark === undefined) seen = at + 1;
      else if (newline < 0) {
        this.#hold(data, from, at);
        return;
      } else {
        if (at > from) this.#listener.onBytes(data.subarray(from, at));
        from = newline + 1;
        seen = from;
        this.#listener.onMark(mark, data.toString('latin1', at + MARKER_LENGTH, newline));
      }
    }
  }

  /** Gives out what was held back: nothing more comes. */
  flush(): void {
    const held = this.#held;
    this.#held = NOTHING;
    if (held.length > 0) this.#listener.onBytes(held);
  }

  #hold(data: Buffer, from: number, to: number): void {
    if (to > from) this.#listener.onBytes(data.subarray(from, to));
    this.#held = to < data.length ? Buffer.from(data.subarray(to)) : NOTHING;
  }
}

// How many bytes at the end may be the start of a marker's prefix.
function partialLength(data: Buffer, from: number): number {
  for (let length = Math.min(MARKER_PREFIX.length - 1, data.length - from); length > 0; length--) {
    if (data.toString('latin1', data.length - length) === MARKER_PREFIX.slice(0, length)) return length;
  }
  return 0;
}
