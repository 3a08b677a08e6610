/** Python's `random.Random`: the Mersenne Twister with its ways of seeding and drawing, so that seeds give the same. */
import { createHash, randomBytes } from 'node:crypto';

const SIZE = 624;
const SHIFT = 397;

/** A source of numbers that gives the same for the same seed as Python does. */
export class PythonRandom {
  readonly #state = new Uint32Array(SIZE);
  #at = SIZE;

  /** @param seed - an int or a text; undefined: a seed that nobody knows */
  constructor(seed: number | bigint | string | undefined) {
    this.#seedByArray(wordsOf(seed === undefined ? BigInt(`0x${randomBytes(32).toString('hex')}`) : seedNumber(seed)));
  }

  /** A whole number from 0 up to, not including, `limit`, which is at least 1. */
  below(limit: number | bigint): bigint {
    const end = BigInt(limit);
    const bits = end.toString(2).length;
    let drawn = this.#bits(bits);
    while (drawn >= end) drawn = this.#bits(bits);
    return drawn;
  }

  /** A new list with the items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = Number(this.below(i + 1));
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  #bits(count: number): bigint {
    let result = 0n;
    for (let done = 0; done < count; done += 32) {
      const left = count - done;
      const word = left < 32 ? this.#next() >>> (32 - left) : this.#next();
      result |= BigInt(word) << BigInt(done);
    }
    return result;
  }

  #next(): number {
    if (this.#at >= SIZE) this.#twist();
    let word = this.#state[this.#at++] ?? 0;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    const word = (i: number): number => state[i % SIZE] ?? 0;
    for (let i = 0; i < SIZE; i++) {
      const mixed = (word(i) & 0x80000000) | (word(i + 1) & 0x7fffffff);
      state[i] = word(i + SHIFT) ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }

  #seedByArray(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19_650_218;
    for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1_812_433_253, mixed(state[i - 1])) + i;
    let i = 1;
    let j = 0;
    const step = (): void => {
      if (++i < SIZE) return;
      state[0] = state[SIZE - 1] ?? 0;
      i = 1;
    };
    for (let k = Math.max(SIZE, key.length); k > 0; k--) {
      state[i] = ((state[i] ?? 0) ^ Math.imul(mixed(state[i - 1]), 1_664_525)) + (key[j] ?? 0) + j;
      step();
      j = (j + 1) % key.length;
    }
    for (let k = SIZE - 1; k > 0; k--) {
      state[i] = ((state[i] ?? 0) ^ Math.imul(mixed(state[i - 1]), 1_566_083_941)) - i;
      step();
    }
    state[0] = 0x80000000;
  }
}

function mixed(word: number | undefined): number {
  return ((word ?? 0) ^ ((word ?? 0) >>> 30)) >>> 0;
}

// A text is seeded by its bytes with their SHA-512 behind them.
function seedNumber(seed: number | bigint | string): bigint {
  if (typeof seed !== 'string') return seed < 0 ? -BigInt(seed) : BigInt(seed);
  const bytes = Buffer.from(seed, 'utf8');
  const hash = createHash('sha512').update(bytes).digest('hex');
  return BigInt(`0x${bytes.toString('hex')}${hash}`);
}

function wordsOf(value: bigint): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}
