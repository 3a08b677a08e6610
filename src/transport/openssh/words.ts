/** The command line of the system's `ssh`. */
import type { HostKeyPolicy, KeepAlive } from '../types.ts';

/** What somebody said about a host outside of ssh_config; all that is undefined is left to ssh_config. */
export interface OpensshSettings {
  readonly port?: number;
  readonly user?: string;
  readonly keyFile?: string;
  readonly connectTimeoutMs?: number;
  readonly hostKeyPolicy?: HostKeyPolicy;
  /** Only these are looked in. */
  readonly knownHostsFiles?: readonly string[];
  readonly keepAlive?: KeepAlive;
}

/** The settings as words of ssh's command line. */
export function opensshWords(settings: OpensshSettings): string[] {
  const { port, user, keyFile, connectTimeoutMs, hostKeyPolicy, knownHostsFiles, keepAlive } = settings;
  const words: string[] = [];
  if (port !== undefined) words.push('-p', String(port));
  if (user !== undefined) words.push('-l', user);
  if (keyFile !== undefined) words.push('-i', keyFile);
  // ssh counts whole seconds, and 0 is no limit.
  if (connectTimeoutMs !== undefined) words.push('-o', `ConnectTimeout=${Math.ceil(connectTimeoutMs / 1000)}`);
  if (hostKeyPolicy !== undefined) words.push('-o', `StrictHostKeyChecking=${CHECKING[hostKeyPolicy]}`);
  if (knownHostsFiles !== undefined) {
    words.push('-o', `UserKnownHostsFile=${knownHostsFiles.map(quoted).join(' ')}`, '-o', 'GlobalKnownHostsFile=none');
  }
  if (keepAlive !== undefined) {
    words.push('-o', `ServerAliveInterval=${Math.ceil(keepAlive.intervalMs / 1000)}`);
    words.push('-o', `ServerAliveCountMax=${keepAlive.countMax}`);
  }
  return words;
}

/** How a master is started. */
export interface MasterOptions {
  readonly socketPath: string;
  /** Name or address, as ssh_config may know it. */
  readonly host: string;
  /** {@link opensshWords} and whatever else was asked for. */
  readonly words: readonly string[];
  /** What ssh may ask for: a password (and passphrases), passphrases of keys, nothing. */
  readonly mayAsk: 'password' | 'passphrase' | 'nothing';
  readonly forwardAgent: boolean | undefined;
}

/** How long a master that lost us stays: it ends by itself when this process was killed and could not end it. */
const ORPHAN_SECONDS = 10;

/**
 * Arguments that start a master, which goes to the background once it is logged in. Ours come first: the first value of
 * an option is the one that counts (people have `-o ControlPersist=60s` among their arguments).
 */
export function masterWords({ socketPath, host, words, mayAsk, forwardAgent }: MasterOptions): string[] {
  return [
    '-f',
    '-N',
    '-T',
    '-M',
    '-o',
    `ControlPersist=${ORPHAN_SECONDS}`,
    // Says how far it has come, for our deadlines and words; the level goes back to silence in the background.
    '-o',
    'LogLevel=DEBUG1',
    ...ASKING[mayAsk].flatMap((option) => ['-o', option]),
    ...(forwardAgent === undefined ? [] : ['-o', `ForwardAgent=${forwardAgent ? 'yes' : 'no'}`]),
    ...words,
    // The last one counts here. A percent sign is the only character that means something there.
    '-S',
    socketPath.replaceAll('%', '%%'),
    '--',
    host,
  ];
}

const ASKING: Readonly<Record<MasterOptions['mayAsk'], readonly string[]>> = {
  password: ['NumberOfPasswordPrompts=1'],
  // Without an answer it would send empty passwords.
  passphrase: ['NumberOfPasswordPrompts=3', 'PasswordAuthentication=no', 'KbdInteractiveAuthentication=no'],
  nothing: ['BatchMode=yes'],
};

const CHECKING: Readonly<Record<HostKeyPolicy, string>> = { strict: 'yes', 'accept-new': 'accept-new', off: 'no' };

// ssh splits the list at blanks, and knows double quotes.
function quoted(file: string): string {
  return /\s/.test(file) ? `"${file}"` : file;
}
