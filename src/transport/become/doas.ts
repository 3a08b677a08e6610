/** Become by doas. */
import type { BecomeProgram } from './contract.ts';

/** doas asks for passwords at a terminal only; without a password at hand it must not (`-n`). */
export const doas: BecomeProgram = {
  name: 'doas',
  passwordOf: 'login user',
  asksAtTerminal: true,
  needsPassword: /auth\w+ required|a tty is required/i,
  words: ({ exe = 'doas', user, flags = [] }, program, prompt) => {
    const asking = prompt === undefined ? ['-n'] : [];
    return [exe, ...asking, ...flags, '-u', user, '--', ...program];
  },
};
