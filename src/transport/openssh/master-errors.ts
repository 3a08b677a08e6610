/** What the words of the system's `ssh` mean when it did not connect. */
import { type ErrorCode, TransportError } from '../../errors.ts';
import { OPEN_FILES_HINT } from '../open-files.ts';
import type { Target } from '../types.ts';
import type { Progress } from './progress.ts';

interface Meaning {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly mayPass?: boolean;
}

/** First match counts; what comes first is the cause of what ssh says after it. */
const MEANINGS: readonly Meaning[] = [
  {
    pattern: /IDENTIFICATION HAS CHANGED|host key for .* has changed|REVOKED HOST KEY|host key .*revoked/i,
    code: 'HOST_KEY_CHANGED',
    hint: 'someone may be in between; if the host was set up anew, take its old key out of known_hosts (ssh-keygen -R)',
  },
  {
    pattern: /No .*host key is known for|Host key verification failed|authenticity of host/i,
    code: 'HOST_KEY_UNKNOWN',
    hint: "compare the key with the host's own, then add it to known_hosts, or use the policy accept-new",
  },
  {
    pattern: /Connection refused/i,
    code: 'CONNECT_REFUSED',
    mayPass: true,
    hint: 'sshd does not run there, or listens on another port',
  },
  {
    pattern: /timed out/i,
    code: 'CONNECT_TIMEOUT',
    mayPass: true,
    hint: 'the host is down or hung, or a firewall drops the packets',
  },
  { pattern: /Could not resolve hostname|No route to host|Network is unreachable/i, code: 'CONNECT_FAILED' },
  {
    pattern: /ssh_askpass: exec/i,
    code: 'AUTH_FAILED',
    hint: 'programs must be allowed to run in the folder of temporary files (no `noexec`): set TMPDIR to another one',
  },
  {
    pattern: /Permission denied|Too many authentication failures|No more authentication methods/i,
    code: 'AUTH_FAILED',
  },
  { pattern: /Too many open files/i, code: 'CONNECT_FAILED', hint: OPEN_FILES_HINT },
  {
    pattern:
      /Bad configuration option|unsupported option|unknown option|illegal option|^usage: ssh|keyword .* extra arguments/im,
    code: 'CONNECT_FAILED',
    hint: 'correct ssh_config, or the SSH arguments of the host (ansible_ssh_common_args, ansible_ssh_extra_args)',
  },
];

/** Lines that come with every failure, or decorate one. */
const NOISE = /^@+$|^\s*$|WARNING: REMOTE HOST IDENTIFICATION|^Warning: Permanently added|^Killed by signal/;

/** @param exitCode - of ssh; null when a signal ended it */
export function masterFailed(
  target: Target,
  progress: Progress,
  exitCode: number | null,
  unanswered: readonly string[],
): TransportError {
  const { words, phase } = progress;
  const text = words.join('\n');
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(text));
  const lines = words.filter((line) => !NOISE.test(line)).map((line) => line.replace(/^@ *| *@$/g, '').trim());
  const said =
    lines.length === 0 ? `nothing (exit status ${exitCode ?? 'unknown'})` : lines.slice(-MAX_LINES).join('; ');
  const code = meaning?.code ?? 'CONNECT_FAILED';
  const notes = code === 'AUTH_FAILED' ? authNotes(progress, unanswered) : '';
  return new TransportError(code, `ssh did not connect to ${target.name}; it says: ${said}${notes}`, {
    hint: meaning?.hint ?? (code === 'AUTH_FAILED' ? AUTH_HINT : undefined),
    mayPass: meaning?.mayPass,
    phase: code === 'AUTH_FAILED' || phase !== 'auth' ? undefined : phase,
  });
}

/** Whether the host turned us away before its banner, as a busy sshd does (MaxStartups). */
export function wasTurnedAway({ phase, words }: Progress): boolean {
  return phase === 'banner' && /kex_exchange_identification|Not allowed at this time/.test(words.join('\n'));
}

const MAX_LINES = 6;
const AUTH_HINT = 'is the key in the authorized_keys of the user, or its certificate signed by who the host trusts?';

function authNotes({ tried, accepted }: Progress, unanswered: readonly string[]): string {
  const what = tried.length === 0 ? 'nothing to offer' : `tried ${tried.join(', ')}`;
  const wants = accepted === undefined ? '' : `; the server accepts ${accepted.join(', ')}`;
  const asked = unanswered.length === 0 ? '' : `; without answer: ${unanswered.map((each) => `'${each}'`).join(', ')}`;
  return `; ${what}${wants}${asked}`;
}
