/** What other folders use of ssh_config. */
export { type CommandLineOptions, parseSshOptions } from './command-line.ts';
export { formatJump, type JumpSpec } from './jump-spec.ts';
export { readSetting, type Setting } from './parse.ts';
export type { HostSettings } from './settings.ts';
export { createSshConfigSource, type SshConfigSource } from './source.ts';
export type { LocalUser } from './tokens.ts';
