/** Targets for tests. */
import ssh2 from 'ssh2';
import type { Target } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';

/** A target with short deadlines and no host key check; the password is that of {@link EMBEDDED_PASSWORD}. */
export function testTarget(changes: Partial<Target>): Target {
  return {
    name: 'testhost',
    kind: 'ssh',
    address: '127.0.0.1',
    port: 22,
    user: 'tester',
    password: new Secret(EMBEDDED_PASSWORD),
    privateKeyFiles: [],
    hostKeyPolicy: 'off',
    knownHostsFiles: [],
    connectTimeoutMs: 10_000,
    authTimeoutMs: 10_000,
    ...changes,
  };
}

export const EMBEDDED_PASSWORD = 'open sesame';

/** A new key pair that ssh2 can read back: about one in 256 of its ed25519 keys it cannot. */
export function newKeyPair(
  type: 'ed25519' | 'ecdsa' | 'rsa',
  options: { bits?: number; cipher?: string; passphrase?: string } = {},
): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(type as 'rsa', options as { bits: number });
    if (!(ssh2.utils.parseKey(pair.private, options.passphrase) instanceof Error)) return pair;
  }
}
