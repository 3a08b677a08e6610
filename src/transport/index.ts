/** The transports: ssh, openssh, local. */
export { DEFAULT_CONNECT_LIMITS } from './connect-gate.ts';
export { createLocalTransport } from './local-transport.ts';
export { createOpensshTransport, type OpensshTransportOptions } from './openssh/openssh-transport.ts';
export { type OpensshSettings, opensshWords } from './openssh/words.ts';
export { type NativeCrypto, nativeCrypto } from './ssh/native-crypto.ts';
export { createSshTransport, type SshTransportOptions } from './ssh/ssh-transport.ts';
export {
  createSshConfigSource,
  createSshTargets,
  type LocalUser,
  parseSshOptions,
  type SshConfigSource,
  type SshRequest,
  type SshTargets,
} from './ssh-config/index.ts';
export type * from './types.ts';
