/** What the refusals of become mean. */
import { TransportError } from '../../errors.ts';
import type { Become } from '../types.ts';
import { BECOME_PROGRAMS } from './methods.ts';

/** Where a failure happened. */
export interface BecomePlace {
  /** The inventory's name of the host. */
  readonly host: string;
  readonly loginUser: string;
}

/** It asked again after it got the password. `words` is what it printed since. */
export function askedAgain({ host, loginUser }: BecomePlace, become: Become, words: string): TransportError {
  const { passwordOf } = BECOME_PROGRAMS[become.method];
  const owner = passwordOf === 'login user' ? loginUser : become.user;
  const says = words === '' ? '' : `; it says: ${words}`;
  return new TransportError('BECOME_FAILED', `${become.method} on ${host} refused the password of ${owner}${says}`, {
    hint: 'check the become password (-K, ansible_become_password)',
  });
}

/** It ended before its shell began; `output` is what it printed. */
export function becomeFailed(
  { host }: BecomePlace,
  become: Become,
  exitCode: number | null,
  output: string,
): TransportError {
  const { method } = become;
  const words = oneLine(output);
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
  return new TransportError('BECOME_FAILED', `${method} on ${host} did not become '${become.user}'; it ${detail}`);
}

/** The deadline passed while it was still at it. */
export function becomeTimedOut(
  { host }: BecomePlace,
  become: Become,
  timeoutMs: number,
  output: string,
): TransportError {
  const words = oneLine(output);
  const seen = words === '' ? 'it printed nothing' : `it printed: ${words}`;
  return new TransportError(
    'BECOME_TIMEOUT',
    `${become.method} on ${host} did not become '${become.user}' within ${Math.round(timeoutMs / 100) / 10} s; ${seen}`,
  );
}

/** What was printed as one line without our own prompts. */
export function oneLine(output: string): string {
  return output
    .replace(/\[fleetmend-[0-9a-f]{16}\]/g, '')
    .trim()
    .replace(/\s*\n\s*/g, '; ');
}
