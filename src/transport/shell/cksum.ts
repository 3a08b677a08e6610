/** The checksum that POSIX gives every host: `cksum`. */

/** CRC and size as `cksum` prints them for its stdin: "4294967295 0". */
export function cksum(bytes: Uint8Array): string {
  const table = crcTable();
  let crc = 0;
  const add = (byte: number) => {
    crc = ((crc << 8) ^ (table[(crc >>> 24) ^ byte] ?? 0)) >>> 0;
  };
  for (const byte of bytes) add(byte);
  for (let size = bytes.byteLength; size > 0; size = Math.floor(size / 256)) add(size & 0xff);
  return `${~crc >>> 0} ${bytes.byteLength}`;
}

let cached: Uint32Array | undefined;

function crcTable(): Uint32Array {
  cached ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
    return crc;
  });
  return cached;
}
