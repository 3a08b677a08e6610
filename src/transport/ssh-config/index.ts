/** What other folders use of ssh_config. */
export { type CommandLineOptions, parseSshOptions } from './command-line.ts';
export { createSshConfigSource, type SshConfigSource } from './source.ts';
export { createSshTargets, type SshRequest, type SshRunSettings, type SshTargets } from './targets.ts';
export type { LocalUser } from './tokens.ts';
