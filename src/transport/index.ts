/** The transports that most runs use; openssh/ and docker/ are loaded when a host needs them. */
export { type ConnectLimits, DEFAULT_CONNECT_LIMITS } from './connect-gate.ts';
export { createLocalTransport } from './local-transport.ts';
export type { OpenedProcesses, ProcessTransport } from './process-transport.ts';
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
