/** Keeps the head and the tail of a stream under a cap, so that a flood costs no memory but is drained. */

/** Collects bytes; over `maxBytes` the middle is dropped. */
export class OutputBuffer {
  readonly #headMax: number;
  readonly #tailMax: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #totalBytes = 0;
  /** When bytes last came, by the clock of `performance.now()`. */
  lastPushMs = Number.NEGATIVE_INFINITY;

  /** @param maxBytes - bytes kept at most; half of them from the start, half from the end */
  constructor(maxBytes: number) {
    this.#headMax = Math.ceil(maxBytes / 2);
    this.#tailMax = Math.floor(maxBytes / 2);
  }

  /** All bytes that came, kept or not. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  get isTruncated(): boolean {
    return this.#totalBytes > this.#headMax + this.#tailMax;
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    this.lastPushMs = performance.now();
    const room = this.#headMax - this.#headBytes;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      this.#head.push(part);
      this.#headBytes += part.length;
      if (part.length === chunk.length) return;
      chunk = chunk.subarray(room);
    }
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    // Trimmed only at twice the cap: one copy for many chunks, not one each.
    if (this.#tailBytes > this.#tailMax * 2 + 65_536) this.#trimTail();
  }

  /** What was kept, without any mark where the middle is missing. */
  bytes(): Buffer {
    this.#trimTail();
    return Buffer.concat([...this.#head, ...this.#tail]);
  }

  /** What was kept as UTF-8; invalid bytes are replaced, and a line says how much is missing. */
  text(): string {
    if (!this.isTruncated) return this.bytes().toString('utf8');
    this.#trimTail();
    const head = withoutCutEnd(Buffer.concat(this.#head));
    const tail = withoutCutStart(Buffer.concat(this.#tail));
    const missing = this.#totalBytes - head.length - tail.length;
    return `${head.toString('utf8')}\n[... ${missing} bytes left out ...]\n${tail.toString('utf8')}`;
  }

  #trimTail(): void {
    if (this.#tailBytes <= this.#tailMax) return;
    const all = Buffer.concat(this.#tail);
    const kept = Buffer.from(all.subarray(all.length - this.#tailMax));
    this.#tail = [kept];
    this.#tailBytes = kept.length;
  }
}

// A character that our own cut halved would be shown as U+FFFD although the host sent it whole.
function withoutCutEnd(bytes: Buffer): Buffer {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + size > bytes.length ? bytes.subarray(0, Math.max(0, start)) : bytes;
}

function withoutCutStart(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
}
