/** What the refusals of become mean. */

import { TransportError } from '../../errors.ts';
import { oneLine } from '../../util/one-line.ts';
import type { Become } from '../types.ts';
import { BECOME_PROGRAMS } from './methods.ts';

/** Where a failure happened. */
export interface BecomePlace {
  /** The inventory's name of the host. */
  readonly host: string;
  readonly loginUser: string;
}

const CHECK_PASSWORD = 'check the become password (-K, ansible_become_password)';

/** The usual words about a password that is right but too old. */
const NEW_PASSWORD = /expired|required to change|new password|change your password|^current password/i;

/** It asked again after it got the password. `words` is what it printed since. */
export function askedAgain({ host, loginUser }: BecomePlace, become: Become, words: string): TransportError {
  const { passwordOf } = BECOME_PROGRAMS[become.method];
  const owner = passwordOf === 'login user' ? loginUser : become.user;
  const says = words === '' ? '' : `; it says: ${words}`;
  if (NEW_PASSWORD.test(words)) {
    return new TransportError('BECOME_FAILED', `${become.method} on ${host} wants a new password for ${owner}${says}`, {
      hint: `log in as ${loginUser} and change it there`,
    });
  }
  return new TransportError('BECOME_FAILED', `${become.method} on ${host} refused the password of ${owner}${says}`, {
    hint: CHECK_PASSWORD,
  });
}

/** It ended before its shell began; `output` is what it printed, `isAnswered` whether it got the password. */
export function becomeFailed(
  { host }: BecomePlace,
  become: Become,
  exitCode: number | null,
  output: string,
  isAnswered = false,
): TransportError {
  const { method } = become;
  const words = wordsOf(output);
  if (become.password === undefined && BECOME_PROGRAMS[method].needsPassword.test(words)) {
    const without =
      method === 'sudo' ? ', or NOPASSWD in sudoers' : method === 'doas' ? ', or nopass in doas.conf' : '';
    return new TransportError(
      'BECOME_FAILED',
      `${method} on ${host} asks for a password; use -K, ansible_become_password${without}`,
    );
  }
  if (exitCode === 127 || (exitCode === 126 && words === '')) {
    return new TransportError('BECOME_FAILED', `'${become.exe ?? method}' was not found on ${host}`, {
      hint: `install ${method} there, or set ansible_become_exe to its path`,
    });
  }
  const detail = words === '' ? `ended with exit status ${exitCode ?? 'unknown'} and no words` : `says: ${words}`;
  const hint = /must have a tty/i.test(words)
    ? "take 'requiretty' out of sudoers for this user: it adds no security"
    : isAnswered
      ? CHECK_PASSWORD
      : undefined;
  return new TransportError('BECOME_FAILED', `${method} on ${host} did not become '${become.user}'; it ${detail}`, {
    hint,
  });
}

/** The deadline passed while it was still at it. */
export function becomeTimedOut(
  { host }: BecomePlace,
  become: Become,
  timeoutMs: number,
  output: string,
): TransportError {
  const words = wordsOf(output);
  const seen = words === '' ? 'it printed nothing' : `it printed: ${words}`;
  return new TransportError(
    'BECOME_TIMEOUT',
    `${become.method} on ${host} did not become '${become.user}' within ${Math.round(timeoutMs / 100) / 10} s; ${seen}`,
  );
}

/** What was printed as one line without our own prompts and the text of our own command. */
export function wordsOf(output: string): string {
  const theirs = output.replace(/\[fleetmend-[0-9a-f]{16}\]/g, '').replace(/ -c IFS= read -r _fm.*?eval "\$_fm"/g, '');
  return oneLine(theirs);
}
