/** Become by sudo: the command line, the password prompt, and what its refusals mean. */
import { randomBytes } from 'node:crypto';
import { TransportError } from '../../errors.ts';
import type { Become } from '../types.ts';

/** How long sudo may take until its shell announces itself. */
export const BECOME_TIMEOUT_MS = 10_000;

/** One use of sudo: the words that start a program through it, and the prompt that asks for the password. */
export interface SudoCommand {
  readonly words: readonly string[];
  /** Set when a password is at hand: the text that sudo prints on stderr when it wants it. */
  readonly prompt?: string;
}

/**
 * Puts sudo in front of a program. Without a password sudo must not ask (`-n`); with one it reads it from stdin, after
 * it printed a prompt that cannot be mistaken.
 */
export function sudoCommand(become: Become, program: readonly string[]): SudoCommand {
  const exe = become.exe ?? 'sudo';
  const flags = become.flags ?? [];
  if (become.password === undefined) {
    return { words: [exe, '-H', '-n', ...flags, '-u', become.user, '--', ...program] };
  }
  const prompt = `[fleetmend-${randomBytes(8).toString('hex')}]`;
  return { words: [exe, '-H', '-S', '-p', prompt, ...flags, '-u', become.user, '--', ...program], prompt };
}

/** Identifies shells that may stand in for each other. Holds no secret: a connection has one password a user. */
export function becomeKey(become: Become | undefined): string {
  if (become === undefined) return '';
  return JSON.stringify([become.method, become.exe ?? '', become.user, become.flags ?? []]);
}

/** sudo asked again after it got the password. */
export function passwordRefused(host: string, loginUser: string): TransportError {
  return new TransportError('BECOME_FAILED', `sudo on ${host} refused the password of ${loginUser}`, {
    hint: 'check the become password (-K, ansible_become_password)',
  });
}

/** sudo ended before its shell began; `output` is what it printed. */
export function sudoFailed(host: string, become: Become, exitCode: number | null, output: string): TransportError {
  const exe = become.exe ?? 'sudo';
  const words = output.trim().replace(/\s*\n\s*/g, '; ');
  if (become.password === undefined && /password is required|terminal is required|askpass/i.test(words)) {
    return new TransportError(
      'BECOME_FAILED',
      `sudo on ${host} asks for a password; use -K, ansible_become_password, or NOPASSWD in sudoers`,
    );
  }
  if (exitCode === 127 || (exitCode === 126 && words === '')) {
    return new TransportError('BECOME_FAILED', `'${exe}' was not found on ${host}`, {
      hint: 'install sudo there, or set ansible_become_exe to its path',
    });
  }
  const detail = words === '' ? `ended with exit status ${exitCode ?? 'unknown'} and no words` : `says: ${words}`;
  return new TransportError('BECOME_FAILED', `sudo on ${host} did not become '${become.user}'; it ${detail}`);
}

/** The deadline passed while sudo was still at it. */
export function sudoTimedOut(host: string, become: Become, timeoutMs: number, output: string): TransportError {
  const words = output.trim().replace(/\s*\n\s*/g, '; ');
  const seen = words === '' ? 'it printed nothing' : `it printed: ${words}`;
  return new TransportError(
    'BECOME_TIMEOUT',
    `sudo on ${host} did not become '${become.user}' within ${Math.round(timeoutMs / 100) / 10} s; ${seen}`,
  );
}
