/** Words for what goes wrong before a connection stands. */
import { type ErrorCode, errorMessage, TransportError } from '../../errors.ts';
import type { Phase } from '../../event.ts';
import { formatDuration } from '../../util/duration.ts';
import { OPEN_FILES_HINT } from '../open-files.ts';
import type { Target } from '../types.ts';
import type { AuthProgress } from './authenticate.ts';

/** A target with an address. */
export interface Address {
  readonly address: string;
  readonly port: number;
  /** What stands between: the name of a jump host, or `its ProxyCommand`. */
  readonly via?: string;
}

/** An address for messages, with the way to it. */
export function placeOf({ address, port, via }: Address): string {
  return `${address}:${port}${via === undefined ? '' : ` (through ${via})`}`;
}

/** How far the connecting had come; the deadline's words depend on it. */
export type ConnectPhase = Extract<Phase, 'connect' | 'banner' | 'key_exchange' | 'auth'>;

export function phaseTimedOut(target: Target, at: Address, phase: ConnectPhase): TransportError {
  const place = placeOf(at);
  const within = `within ${formatDuration(phase === 'auth' ? target.authTimeoutMs : target.connectTimeoutMs)}`;
  switch (phase) {
    case 'connect':
      return new TransportError('CONNECT_TIMEOUT', `No answer from ${place} ${within}`, {
        hint: 'the host is down, or a firewall drops the packets',
        phase,
        mayPass: true,
      });
    case 'banner':
      return new TransportError(
        'CONNECT_TIMEOUT',
        `${place} accepted the connection but sent no SSH banner ${within}`,
        {
          hint: 'the host is overloaded or hung, or the port is not SSH',
          phase,
          mayPass: true,
        },
      );
    case 'key_exchange':
      return new TransportError('CONNECT_TIMEOUT', `${place} did not finish the SSH key exchange ${within}`, {
        phase,
        mayPass: true,
      });
    case 'auth':
      return new TransportError('AUTH_TIMEOUT', `${place} did not finish authenticating ${target.user} ${within}`, {
        hint: "the host's account service (LDAP, PAM) or disk may hang",
        mayPass: true,
      });
  }
}

/** What ssh2 says, and we, when the host closes the connection without a word. */
const CUT_WORDS = /^Connection lost before handshake|^the connection was closed/;

/** Whether a host says that it has too many others at its door: OpenSSH's words to those that MaxStartups turns away. */
export function isBusyGreeting(greeting: string): boolean {
  return /^Exceeded MaxStartups\b|^Not allowed at this time\b/m.test(greeting);
}

/** What a host had said by the time that the handshake failed. */
export interface HostWords {
  /** Before its SSH banner, and the banner. */
  readonly greeting?: string;
  /** The host key algorithms that it offers, as far as they were heard. */
  readonly hostKeys?: readonly string[];
}

/** A failure of the socket or of the SSH handshake. */
export function connectFailed(
  at: Address,
  phase: ConnectPhase,
  error: unknown,
  { greeting = '', hostKeys = [] }: HostWords = {},
): TransportError {
  const place = placeOf(at);
  const cause = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const isCut = (cause as NodeJS.ErrnoException).code !== undefined || CUT_WORDS.test(errorMessage(cause));
  const failed = (code: ErrorCode, message: string, hint?: string) =>
    new TransportError(code, message, { hint, cause, phase, mayPass: isCut });
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ECONNREFUSED':
      return failed(
        'CONNECT_REFUSED',
        `Connection refused by ${place}`,
        'sshd does not run there, or listens on another port',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return failed('CONNECT_FAILED', `No route to ${place}`);
    case 'EADDRNOTAVAIL':
      return failed(
        'CONNECT_FAILED',
        `This machine has no address or no free port to reach ${place} from`,
        'either it has no address of that kind (IPv6), or too many connections use up its local ports ' +
          '(net.ipv4.ip_local_port_range)',
      );
    case 'EMFILE':
    case 'ENFILE':
      return failed('CONNECT_FAILED', `Could not connect to ${place}: too many open files`, OPEN_FILES_HINT);
    case 'ETIMEDOUT':
      return failed('CONNECT_TIMEOUT', `No answer from ${place}`);
  }
  if (phase === 'connect') return failed('CONNECT_FAILED', `Could not connect to ${place}: ${errorMessage(cause)}`);
  if (phase === 'banner') {
    const words = printable(greeting);
    const says = words === '' ? '' : `; it says: ${words}`;
    if (!isCut) return failed('CONNECT_FAILED', `${place} does not speak SSH${says}`, 'correct the port');
    return failed(
      'CONNECT_FAILED',
      `${place} closed the connection before its SSH banner${says}`,
      isBusyGreeting(greeting)
        ? 'too many others connect to that sshd: raise its MaxStartups, or lower --connecting'
        : 'too many connections at once (MaxStartups), a ban, or the port is not SSH',
    );
  }
  const words = sshWords(cause);
  if (/^no matching host key/.test(words) && hostKeys.length > 0) {
    const message = `The SSH key exchange with ${place} failed: the only host keys that it offers are ${printable(hostKeys.join(', '))}`;
    return failed('CONNECT_FAILED', message, hostKeyHint(hostKeys));
  }
  return failed('CONNECT_FAILED', `The SSH key exchange with ${place} failed: ${words}`);
}

function hostKeyHint(hostKeys: readonly string[]): string {
  const better = 'give the host an Ed25519 key (ssh-keygen -A and HostKey in its sshd_config)';
  return hostKeys.includes('ssh-rsa')
    ? `ssh-rsa signs with SHA-1, which can be forged: ${better}, or allow it for this host in ssh_config: HostKeyAlgorithms +ssh-rsa`
    : `${better}, or see HostKeyAlgorithms in ssh_config`;
}

/** The server accepted none of what we have. */
export function authFailed(
  target: Target,
  at: Address,
  progress: AuthProgress,
  notes: readonly string[],
): TransportError {
  const { tried, keyCount, accepted, passed, unanswered } = progress;
  const parts = [
    tried.length === 0 ? 'nothing to offer' : `tried ${listed(tried)}`,
    ...(passed.length === 0 ? [] : [`it accepted ${passed.join(', ')} and wants more`]),
    ...(accepted === undefined ? [] : [`the server accepts ${accepted.join(', ') || 'nothing more'}`]),
    ...unanswered.slice(0, 1).map((question) => `it asks '${printable(question)}', which nobody can answer here`),
    ...notes,
  ];
  return new TransportError('AUTH_FAILED', `${placeOf(at)} refused ${target.user}: ${parts.join('; ')}`, {
    hint: authHint(target, tried.length, keyCount, accepted, notes),
  });
}

function authHint(
  target: Target,
  triedCount: number,
  keyCount: number,
  accepted: readonly string[] | undefined,
  notes: readonly string[],
): string {
  const others = (target.otherAuthentication ?? []).filter((name) => isWanted(name, accepted));
  if (others.length > 0) {
    return `ssh_config also has ${others.join(', ')}, which only the system's ssh can do: set ansible_connection: openssh`;
  }
  if (notes.some((note) => /too many authentication failures/i.test(note))) {
    return (
      `the server gave up after ${keyCount} ${keyCount === 1 ? 'key' : 'keys'} (MaxAuthTries): name the right one ` +
      '(--private-key, IdentityFile) and set IdentitiesOnly yes in ssh_config'
    );
  }
  if (triedCount === 0) {
    return 'give a key with --private-key, start an agent (SSH_AUTH_SOCK), or ask for the password with -k';
  }
  return (
    `is the key in the authorized_keys of ${target.user}, is that the right user (-u), and may it log in (AllowUsers, not ` +
    'locked, a login shell that exists)? Only the log of its sshd says'
  );
}

// Whether the server would have taken it, as far as it said.
function isWanted(name: string, accepted: readonly string[] | undefined): boolean {
  if (name.startsWith('GSSAPI')) return accepted?.some((method) => method.startsWith('gssapi')) === true;
  if (name.startsWith('Hostbased')) return accepted?.includes('hostbased') === true;
  return accepted === undefined || accepted.includes('publickey');
}

// The first of many, and how many there were.
function listed(labels: readonly string[]): string {
  if (labels.length <= 8) return labels.join(', ');
  return `${labels.slice(0, 6).join(', ')} and ${labels.length - 6} more`;
}

// One line of a stranger's words.
function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
}

// ssh2 puts its own words in front: "Handshake failed: no matching key exchange algorithm".
function sshWords(error: unknown): string {
  return errorMessage(error).replace(/^Handshake failed: /, '');
}
