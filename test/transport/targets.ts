/** Targets for tests. */
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
