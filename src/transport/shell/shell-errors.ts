/** Words for shells that did not begin or were cut. */

import { TransportError } from '../../errors.ts';
import { oneLine } from '../../util/one-line.ts';
import type { ProcessExit } from './channel.ts';

/** The login shell ended without starting ours; `output` is what it printed. */
export function loginShellEnded(host: string, loginUser: string, exit: ProcessExit, output: string): TransportError {
  const words = oneLine(output);
  const how = exit.code === null ? `signal ${exit.signal}` : `exit status ${exit.code}`;
  const says = words === '' ? '' : `; it says: ${words}`;
  return new TransportError(
    'CHANNEL_FAILED',
    `The login shell of ${loginUser} on ${host} ended with ${how} before it started sh${says}`,
    { hint: loginShellHint(loginUser, exit, words) },
  );
}

function loginShellHint(loginUser: string, exit: ProcessExit, words: string): string {
  if (/password (change required|has expired)/i.test(words)) {
    return `the password of ${loginUser} has expired: log in as ${loginUser} by hand and change it`;
  }
  if (exit.code === 0) {
    return 'a forced command runs in place of the shell (command= in authorized_keys, ForceCommand): use another key or user';
  }
  return `give ${loginUser} a login shell that runs commands, or log in as another user (-u)`;
}

/** The channel was closed before anything was heard of a shell, while the connection stands. */
export function channelClosed(host: string): TransportError {
  return new TransportError('CHANNEL_FAILED', `${host} closed the channel before a shell began`);
}

/** Nothing more can be heard of a command that was sent. */
export function connectionCut(host: string, because: string | undefined): TransportError {
  const why = because === undefined ? '' : `: ${because}`;
  return new TransportError(
    'CONNECTION_LOST',
    `The connection to ${host} was lost before the command's exit status${why}`,
    { hint: 'the command may have run, partly or whole' },
  );
}

/** A shell that runs scripts one after the other ended before it told the status of one. */
export function shellGone(host: string): TransportError {
  return new TransportError('CHANNEL_FAILED', `The shell on ${host} ended before it told the command's exit status`, {
    hint: 'the command may have run, partly or whole',
  });
}
