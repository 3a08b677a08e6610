/** What every fault looks like to an operator. docs/faults.md shows this table; the fault matrices prove it. */
import type { ErrorCode } from '../../src/errors.ts';
import type { HostStatus, Phase } from '../../src/event.ts';

export interface Fault {
  /** In the words of the documentation. */
  readonly name: string;
  readonly status: Extract<HostStatus, 'unreachable' | 'failed' | 'changed'>;
  readonly code?: ErrorCode;
  readonly phase?: Phase;
  /** Where the words differ from host to host: ADDRESS, USER, FILE, and `…` for any text. */
  readonly message?: string;
  readonly advice: string;
}

/** What a message must look like. */
export function messagePattern(message: string): RegExp {
  const escaped = message.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const open = escaped
    .replaceAll('ADDRESS', '[\\d.]+:\\d+')
    .replaceAll('USER', '\\w+')
    .replaceAll('FILE', "/[^ ']+")
    .replaceAll('…', '[^]*');
  return new RegExp(`^${open}$`);
}

/** The table as the documentation has it. */
export function faultTable(faults: readonly Fault[]): string {
  const rows = faults.map(({ name, status, code, phase, message, advice }) => {
    const says = message === undefined ? '–' : `\`${message.replaceAll('|', '\\|')}\``;
    return `| ${name} | ${status} | ${code === undefined ? '–' : `\`${code}\``} | ${phase ?? '–'} | ${says} | ${advice} |`;
  });
  return ['| fault | status | code | phase | message | what to do |', '|---|---|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}

const DEAD_OR_BUSY = 'The host is overloaded or hung. Others are not held up.';
const NOTHING = 'Nothing: the task is done.';

/** Played by servers in the process of the test: test/transport/fault-matrix.test.ts. */
export const PLAYED_FAULTS = {
  refused: {
    name: 'nothing listens on the port',
    status: 'unreachable',
    code: 'CONNECT_REFUSED',
    phase: 'connect',
    message: 'Connection refused by ADDRESS',
    advice: 'Start sshd there, or correct the port.',
  },
  unknownName: {
    name: 'the name is not in the DNS',
    status: 'unreachable',
    code: 'CONNECT_FAILED',
    phase: 'resolve',
    message: "Host name 'no-such-host.invalid' not found",
    advice: 'Correct the name, or set `ansible_host` to an address.',
  },
  silentBanner: {
    name: 'the port is open and says nothing',
    status: 'unreachable',
    code: 'CONNECT_TIMEOUT',
    phase: 'banner',
    message: 'ADDRESS accepted the connection but sent no SSH banner within 4.0 s',
    advice: `${DEAD_OR_BUSY} Or the port is not SSH.`,
  },
  garbageBanner: {
    name: 'the port speaks another protocol',
    status: 'unreachable',
    code: 'CONNECT_FAILED',
    phase: 'banner',
    message: 'ADDRESS closed the connection before its SSH banner; it says: HTTP/1.1 400 Bad Request…',
    advice: 'Correct the port.',
  },
  binaryBanner: {
    name: 'the port sends bytes without end that are no banner',
    status: 'unreachable',
    code: 'CONNECT_FAILED',
    phase: 'banner',
    message: 'ADDRESS does not speak SSH',
    advice: 'Correct the port.',
  },
  silentKeyExchange: {
    name: 'silent in the key exchange',
    status: 'unreachable',
    code: 'CONNECT_TIMEOUT',
    phase: 'key_exchange',
    message: 'ADDRESS did not finish the SSH key exchange within 4.0 s',
    advice: DEAD_OR_BUSY,
  },
  noCommonAlgorithm: {
    name: 'no algorithm in common',
    status: 'unreachable',
    code: 'CONNECT_FAILED',
    phase: 'key_exchange',
    message: 'The SSH key exchange with ADDRESS failed: no matching key exchange algorithm…',
    advice: 'Update that sshd, or allow the old algorithm for this host (`KexAlgorithms +…` in ssh_config).',
  },
  changedKey: {
    name: 'another host key than known_hosts has',
    status: 'unreachable',
    code: 'HOST_KEY_CHANGED',
    phase: 'key_exchange',
    message: 'The host key of …127.0.0.1… changed: it shows ssh-ed25519 SHA256:…, and FILE has ssh-ed25519 SHA256:…',
    advice: 'Find out why before you remove the old key: the host was installed anew, or someone stands in between.',
  },
  silentAuth: {
    name: 'silent in the authentication',
    status: 'unreachable',
    code: 'AUTH_TIMEOUT',
    phase: 'auth',
    message: 'ADDRESS did not finish authenticating USER within 4.0 s',
    advice: "Look at the host's account service (LDAP, PAM) and disk.",
  },
  authRefused: {
    name: 'login refused',
    status: 'unreachable',
    code: 'AUTH_FAILED',
    phase: 'auth',
    message: 'ADDRESS refused USER: tried key FILE; the server accepts publickey',
    advice: 'Check the user, the key, and the authorized_keys of the user.',
  },
  noSession: {
    name: 'no session is opened (`MaxSessions`)',
    status: 'unreachable',
    code: 'CHANNEL_FAILED',
    phase: 'channel',
    message: 'bad opened no channel for a command…',
    advice: 'Raise `MaxSessions` in its sshd_config.',
  },
  cutInCommand: {
    name: 'cut in the middle of a command',
    status: 'unreachable',
    code: 'CONNECTION_LOST',
    phase: 'command',
    message: "The connection to bad was lost before the command's exit status…",
    advice: 'Look whether the command ran before you run again: it may have, partly or whole, and may still run.',
  },
  halfOpen: {
    name: 'half-open: nothing arrives any more',
    status: 'unreachable',
    code: 'CONNECTION_LOST',
    phase: 'command',
    message: "The connection to bad was lost before the command's exit status: the host stopped answering",
    advice: 'As above. `--keep-alive` says how soon it is noticed.',
  },
  noNewline: {
    name: 'output without a newline at its end',
    status: 'changed',
    advice: NOTHING,
  },
  stderrFlood: {
    name: '50 MB on stderr',
    status: 'changed',
    advice: `${NOTHING} The middle of what is over 1 MiB is left out.`,
  },
  invalidUtf8: {
    name: 'output that is no UTF-8',
    status: 'changed',
    advice: `${NOTHING} Each such byte is shown as �.`,
  },
  killedBySignal: {
    name: 'the command dies by a signal',
    status: 'failed',
    code: 'MODULE_FAILED',
    message: 'non-zero return code (137: a shell says so when signal KILL killed its command)',
    advice: 'Look for the reason in the log of the host; after KILL, in that of the kernel (out of memory).',
  },
  loginNoise: {
    name: 'the login shell prints text (motd, profile)',
    status: 'changed',
    advice: NOTHING,
  },
  clockSteps: {
    name: 'the clock of the controller steps by 1 s',
    status: 'failed',
    code: 'COMMAND_TIMEOUT',
    phase: 'command',
    message: 'no end within 2.0 s; the remote process was killed and is gone',
    advice: 'Nothing: durations and deadlines do not go by the time of day.',
  },
} as const satisfies Readonly<Record<string, Fault>>;

const NO_TMP = `${NOTHING} Files are written beside their place; what \`script\` runs goes elsewhere.`;

/** Played by real servers, sudo and mounts: test/lab/fault-matrix.test.ts. */
export const LAB_FAULTS = {
  noRoute: {
    name: 'no route',
    status: 'unreachable',
    code: 'CONNECT_FAILED',
    phase: 'connect',
    message: 'No route to ADDRESS',
    advice: 'Correct the address, or the routes and VPN of this machine.',
  },
  tooManyKeys: {
    name: 'too many authentication failures',
    status: 'unreachable',
    code: 'AUTH_FAILED',
    phase: 'auth',
    message: 'ADDRESS refused USER: tried key FILE, key FILE…Too many authentication failures…',
    advice: 'Name the right key, and set `IdentitiesOnly yes`.',
  },
  noLoginShell: {
    name: 'the login shell does not exist',
    status: 'unreachable',
    code: 'AUTH_FAILED',
    phase: 'auth',
    message: 'ADDRESS refused USER: tried key FILE; the server accepts …',
    advice: 'sshd refuses such a user as it does a wrong key; only its log says why.',
  },
  nologin: {
    name: 'the login shell is nologin',
    status: 'unreachable',
    code: 'CHANNEL_FAILED',
    phase: 'channel',
    message:
      'The login shell of USER on bad ended with exit status 1 before it started sh; it says: This account is currently not available.',
    advice: 'Give the user a login shell, or log in as another (`-u`).',
  },
  forcedCommand: {
    name: 'forced command',
    status: 'unreachable',
    code: 'CHANNEL_FAILED',
    phase: 'channel',
    message: 'The login shell of USER on bad ended with exit status 0 before it started sh; it says: only backups here',
    advice: 'Use a key without `command=` in authorized_keys, and a user without `ForceCommand`.',
  },
  forcedListener: {
    name: 'forced command that listens and says nothing',
    status: 'failed',
    code: 'COMMAND_TIMEOUT',
    phase: 'command',
    message: 'no end within 3.0 s; the host does not answer, so the remote process may still be running',
    advice: 'As above, when nothing else on the host hangs.',
  },
  expiredPassword: {
    name: 'the password of the user has expired',
    status: 'unreachable',
    code: 'CHANNEL_FAILED',
    phase: 'channel',
    message:
      'The login shell of USER on bad ended with exit status 1 before it started sh; it says: …Password change required but no TTY available.',
    advice: 'Log in by hand as that user and change it.',
  },
  sudoTwice: {
    name: 'sudo asks twice',
    status: 'failed',
    code: 'BECOME_FAILED',
    phase: 'become',
    message: 'sudo on bad refused the password of USER; it says: Verification code:',
    advice: 'The password is wrong, or a second factor is wanted: let this user do without (`NOPASSWD`).',
  },
  sudoLecture: {
    name: 'sudo lectures before it asks',
    status: 'changed',
    advice: NOTHING,
  },
  bigOutput: {
    name: '200 MB of output without a newline',
    status: 'changed',
    advice: `${NOTHING} The middle of what is over 1 MiB is left out.`,
  },
  bashNoise: {
    name: 'the .bashrc of the user prints text',
    status: 'changed',
    advice: NOTHING,
  },
  cutInUpload: {
    name: 'cut in the middle of an upload',
    status: 'unreachable',
    code: 'CONNECTION_LOST',
    phase: 'command',
    message: "The connection to bad was lost before the command's exit status…",
    advice: 'Run again: the file has its old content.',
  },
  diskFull: {
    name: 'disk full on upload',
    status: 'failed',
    code: 'TRANSFER_FAILED',
    message: 'could not write FILE: …No space left on device',
    advice: 'Make room. The file has its old content, and nothing is left beside it.',
  },
  diskFullInline: {
    name: 'disk full on upload of a small file',
    status: 'failed',
    code: 'TRANSFER_FAILED',
    message: 'could not write FILE: …No space left on device',
    advice: 'As above.',
  },
  readOnlyTmp: { name: '`/tmp` is read-only', status: 'changed', advice: NO_TMP },
  noTmp: { name: 'there is no `/tmp`', status: 'changed', advice: NO_TMP },
  noexecTmp: { name: '`/tmp` is mounted noexec', status: 'changed', advice: NO_TMP },
} as const satisfies Readonly<Record<string, Fault>>;
