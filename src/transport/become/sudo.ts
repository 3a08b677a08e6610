/** Become by sudo. */
import type { BecomeProgram } from './contract.ts';

/**
 * Without a password sudo must not ask (`-n`). With one it reads it from stdin, after it printed our prompt; where it needs
 * none (NOPASSWD, a ticket), the prompt does not come and the password stays here. So no `sudo -n` is tried first: it would
 * be another process, and a refusal in the host's log and perhaps in the mail of its administrator.
 */
export const sudo: BecomeProgram = {
  name: 'sudo',
  passwordOf: 'login user',
  asksAtTerminal: false,
  needsPassword: /password is required|terminal is required|askpass/i,
  words: ({ exe = 'sudo', user, flags = [] }, program, prompt) => {
    const asking = prompt === undefined ? ['-n'] : ['-S', '-p', prompt];
    return [exe, '-H', ...asking, ...flags, '-u', user, '--', ...program];
  },
};
