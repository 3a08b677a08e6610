/** What a server offers in its first SSH packet, which is not encrypted: ssh2 does not tell when it is of no use. */

const KEXINIT = 20;
const COOKIE_BYTES = 16;
/** Longer ones are none that a host sends in good faith. @see RFC 4253, section 6.1 */
const PACKET_MAX_BYTES = 35_000;

/**
 * The host key algorithms in a server's KEXINIT.
 *
 * @param bytes - all that the server sent so far, from its banner on
 * @returns `incomplete` while more bytes are needed; undefined when it is no such packet
 * @see RFC 4253, section 7.1
 */
export function offeredHostKeys(bytes: Buffer): readonly string[] | 'incomplete' | undefined {
  const banner = bytes.indexOf('SSH-');
  const lineEnd = bytes.indexOf('\n', Math.max(0, banner));
  if (banner < 0 || lineEnd < 0 || bytes.length < lineEnd + 7) return 'incomplete';
  const packet = bytes.subarray(lineEnd + 1);
  const length = packet.readUInt32BE(0);
  if (length > PACKET_MAX_BYTES || packet[5] !== KEXINIT) return undefined;
  if (packet.length < 4 + length) return 'incomplete';
  const lists = packet.subarray(6 + COOKIE_BYTES, 4 + length);
  const hostKeysAt = 4 + (lists.length < 4 ? 0 : lists.readUInt32BE(0));
  if (lists.length < hostKeysAt + 4) return undefined;
  const end = hostKeysAt + 4 + lists.readUInt32BE(hostKeysAt);
  return lists
    .subarray(hostKeysAt + 4, end)
    .toString('latin1')
    .split(',');
}
