/** The encoding of both protocols that a control socket speaks: big-endian numbers and counted strings (RFC 4251). */

/** Reads the fields of a message one after the other; a message that is too short throws a RangeError. */
export class FieldReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#offset++);
  }

  boolean(): boolean {
    return this.uint8() !== 0;
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#offset);
    this.#offset += 4;
    return value;
  }

  bytes(): Buffer {
    const length = this.uint32();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new RangeError(`a field of ${length} bytes goes beyond its message`);
    const value = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return value;
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}

/** The bytes of a 32-bit number. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The bytes of a counted string. */
export function counted(value: string): Buffer {
  const text = Buffer.from(value, 'utf8');
  return Buffer.concat([uint32(text.length), text]);
}

/** Cuts a stream into its counted messages. */
export class MessageSplitter {
  #pending: Buffer = Buffer.alloc(0);

  /** What came of a message that is not whole yet. */
  get rest(): Buffer {
    return this.#pending;
  }

  /** @returns the messages that are whole now, without their lengths */
  push(chunk: Buffer): Buffer[] {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= 4) {
      const end = 4 + rest.readUInt32BE(0);
      if (rest.length < end) break;
      messages.push(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    this.#pending = rest;
    return messages;
  }
}
