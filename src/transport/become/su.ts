/** Become by su. */
import { shellJoin } from '../../util/shell-quote.ts';
import type { BecomeProgram } from './contract.ts';

/**
 * su reads the password from stdin when that is no terminal. It cannot be told not to ask, nor what to ask with. `-s`: also a
 * user without a login shell can be become, as far as su allows it.
 */
export const su: BecomeProgram = {
  name: 'su',
  passwordOf: 'become user',
  asksAtTerminal: false,
  needsPassword: /must be run from a terminal|authentication (failure|token manipulation)|permission denied/i,
  words: ({ exe = 'su', user, flags = [] }, program) => [
    exe,
    '-s',
    '/bin/sh',
    '-c',
    `exec ${shellJoin(program)}`,
    ...flags,
    '--',
    user,
  ],
};
