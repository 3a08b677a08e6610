/**
 * Which algorithms are offered, and in which order. For ciphers, key exchanges and MACs that is ssh2's own order unless
 * ssh_config says otherwise: without its native addon AES-GCM, which it puts first, costs no more CPU than any other, and
 * ChaCha20, last, a third more (docs/performance.md, "Why these algorithms").
 */
import type { Algorithms } from 'ssh2';
import { TransportError } from '../../errors.ts';
import { compilePattern } from '../ssh-config/pattern.ts';
import type { AlgorithmChoice, Target } from '../types.ts';

/**
 * Key types of hosts, most wanted first; a host's known types are put in front of these. `ssh-rsa`, which signs with
 * SHA-1, only where ssh_config adds it, as with OpenSSH since 8.8.
 */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** What this ssh2 can do, and what it offers by itself; the lists of its own constants. */
export interface SupportedAlgorithms {
  readonly SUPPORTED_KEX: readonly string[];
  readonly DEFAULT_KEX: readonly string[];
  readonly SUPPORTED_CIPHER: readonly string[];
  readonly DEFAULT_CIPHER: readonly string[];
  readonly SUPPORTED_MAC: readonly string[];
  readonly DEFAULT_MAC: readonly string[];
  readonly SUPPORTED_SERVER_HOST_KEY: readonly string[];
}

/**
 * Algorithms for one connection. Where the target chooses none, ssh2's own are offered; only the host key types are ours.
 *
 * @param knownTypes - key types that known_hosts holds for the host: asked for first, or a host that has several keys
 *   would show one that nobody can check
 * @throws TransportError CONNECT_FAILED when the target chooses only what this client does not know
 */
export function offeredAlgorithms(
  target: Pick<Target, 'name' | 'algorithms'>,
  knownTypes: readonly string[],
  supported: SupportedAlgorithms,
): Algorithms {
  const chosen = (kind: keyof AlgorithmChoice, known: readonly string[], usual: readonly string[]) => {
    const text = target.algorithms?.[kind];
    return text === undefined ? undefined : choose(target.name, text, known, usual);
  };
  const { SUPPORTED_KEX, DEFAULT_KEX, SUPPORTED_CIPHER, DEFAULT_CIPHER, SUPPORTED_MAC, DEFAULT_MAC } = supported;
  const isKnown = (algorithm: string) => knownTypes.includes(keyTypeOf(algorithm));
  const hostKeys = chosen('hostKey', supported.SUPPORTED_SERVER_HOST_KEY, HOST_KEY_ALGORITHMS) ?? [
    ...HOST_KEY_ALGORITHMS.filter(isKnown),
    ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm)),
  ];
  const algorithms = {
    serverHostKey: hostKeys,
    kex: chosen('kex', SUPPORTED_KEX, DEFAULT_KEX),
    cipher: chosen('cipher', SUPPORTED_CIPHER, DEFAULT_CIPHER),
    hmac: chosen('mac', SUPPORTED_MAC, DEFAULT_MAC),
  };
  // The names were checked against ssh2's own lists; its types name fewer.
  return algorithms as Algorithms;
}

// A list of ssh_config: plain, or a change of the usual one.
function choose(host: string, text: string, known: readonly string[], usual: readonly string[]): readonly string[] {
  const mark = /^[+^-]/.exec(text)?.[0];
  const names = text.slice(mark === undefined ? 0 : 1).split(',');
  const wanted = names.filter((name) => known.includes(name));
  // `*` and `?` are allowed in names that are taken away.
  const patterns = names.map(compilePattern);
  let list: readonly string[];
  switch (mark) {
    case '+':
      list = [...usual, ...wanted];
      break;
    case '^':
      list = [...wanted, ...usual];
      break;
    case '-':
      list = usual.filter((name) => !patterns.some((pattern) => pattern.matches(name)));
      break;
    default:
      list = wanted;
  }
  if (list.length > 0) return [...new Set(list)];
  throw new TransportError(
    'CONNECT_FAILED',
    `none of the algorithms that ssh_config wants for '${host}' is known here: ${text}`,
    {
      hint: `known are ${known.join(', ')}; for others set ansible_connection: openssh`,
    },
  );
}

// RSA keys are of type ssh-rsa in known_hosts, whatever hash signs with them.
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm;
}
