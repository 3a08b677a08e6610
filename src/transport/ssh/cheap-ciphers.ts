/** Makes ssh2's ciphers cheaper where its native addon is not loaded. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Client } from 'ssh2';

/** What is used of ssh2's insides: AES-GCM has keys, all ciphers the rest. */
interface Ciphers {
  readonly _cipher?: Partial<PacketCipher> & { _encKey?: Uint8Array | KeyObject };
  readonly _decipher?: { _decipherKey?: Uint8Array | KeyObject };
}

interface PacketCipher {
  /** Gives the parts of an encrypted packet to `_onWrite`, which are all of it when it returns; none once it is dead. */
  encrypt(packet: Uint8Array): void;
  _onWrite(part: Uint8Array): void;
}

/**
 * Makes the ciphers of a connection cheaper. To be called at each `handshake` of the client; nothing happens where this ssh2
 * has other insides.
 */
export function makeCiphersCheaper(client: Client): void {
  const { _protocol: protocol = {} } = client as { _protocol?: Ciphers };
  useKeyObjects(protocol);
  writePacketsWhole(protocol);
}

// Keys in the form that Node itself works with. ssh2 makes a cipher for each packet, and to find out that a key is mere bytes
// costs Node more than all the rest: 9 µs against 1 µs.
function useKeyObjects({ _cipher: cipher, _decipher: decipher }: Ciphers): void {
  if (cipher?._encKey instanceof Uint8Array) cipher._encKey = createSecretKey(cipher._encKey);
  if (decipher?._decipherKey instanceof Uint8Array) decipher._decipherKey = createSecretKey(decipher._decipherKey);
}

// ssh2 writes length, text and tag of a packet apart: three system calls, three segments, and a server that wakes three times.
function writePacketsWhole({ _cipher: cipher }: Ciphers): void {
  const { encrypt, _onWrite: write } = cipher ?? {};
  if (cipher === undefined || encrypt === undefined || write === undefined) return;
  let parts: Uint8Array[] = [];
  cipher._onWrite = (part) => void parts.push(part);
  cipher.encrypt = (packet) => {
    encrypt.call(cipher, packet);
    const [only, ...more] = parts;
    parts = [];
    if (only !== undefined) write(more.length === 0 ? only : Buffer.concat([only, ...more]));
  };
}
