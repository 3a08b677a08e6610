/** The transports: ssh and local. */
export { createLocalTransport } from './local-transport.ts';
export { createSshTransport, type SshTransportOptions } from './ssh/ssh-transport.ts';
export type * from './types.ts';
