/** New SSH key pairs for hosts and users of the demo and the tests. */

import ssh2 from 'ssh2';

export interface KeyPair {
  /** OpenSSH format. */
  readonly private: string;
  /** A line of authorized_keys. */
  readonly public: string;
}

export interface KeyPairOptions {
  readonly bits?: number;
  readonly cipher?: string;
  readonly passphrase?: string;
  readonly rounds?: number;
}

/** A new key pair that ssh2 can read back: about one in 256 of its own ed25519 keys it writes so that it cannot. */
export function newKeyPair(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', options: KeyPairOptions = {}): KeyPair {
  const { utils } = ssh2;
  for (;;) {
    const pair = utils.generateKeyPairSync(type as 'rsa', options as { bits: number });
    const parts = [utils.parseKey(pair.private, options.passphrase), utils.parseKey(pair.public)];
    if (!parts.some((part) => part instanceof Error)) return pair;
  }
}
