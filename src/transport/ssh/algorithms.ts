/**
 * Which algorithms are offered, and in which order. For ciphers, key exchanges and MACs that is ssh2's own order: without
 * its native addon AES-GCM, which it puts first, costs no more CPU than any other, and ChaCha20, last, twice as much.
 */
import type { Algorithms } from 'ssh2';

/** Key types of hosts, most wanted first; a host's known types are put in front of these. */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number];

/**
 * Algorithms for one connection. Nothing that OpenSSH 6 and later need is left out; only the order
 * of host key types is ours.
 *
 * @param knownTypes - key types that known_hosts holds for the host: asked for first, or a host that has several keys
 *   would show one that nobody can check
 */
export function offeredAlgorithms(knownTypes: readonly string[]): Algorithms {
  const isKnown = (algorithm: HostKeyAlgorithm) => knownTypes.includes(keyTypeOf(algorithm));
  return {
    serverHostKey: [
      ...HOST_KEY_ALGORITHMS.filter(isKnown),
      ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm)),
    ],
  };
}

// RSA keys are of type ssh-rsa in known_hosts, whatever hash signs with them.
function keyTypeOf(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm;
}
