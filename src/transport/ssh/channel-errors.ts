/** Words for channels that a connection does not give, whoever speaks SSH on it. */
import { TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { ChannelRefusedError } from '../shell/channel.ts';

/** A host that answers no request for a channel in this time is hung; milliseconds. */
export const CHANNEL_TIMEOUT_MS = 30_000;

/** The host refused a channel; `words` are its own. */
export function channelRefused(host: string, words: string, cause?: unknown): TransportError {
  const says = words === '' ? '' : `: ${words}`;
  return new ChannelRefusedError(`${host} opened no channel for a command${says}`, {
    hint: 'sshd allows MaxSessions (10, unless set) at once on a connection',
    cause,
  });
}

/** The host did not answer a request for a channel. */
export function channelSilent(host: string, limitMs: number): TransportError {
  return new TransportError(
    'CHANNEL_TIMEOUT',
    `${host} opened no channel for a command within ${formatDuration(limitMs)}`,
    {
      hint: 'the host hangs: it may be out of memory or processes, or a disk does not answer',
    },
  );
}

/** There is no connection to open a channel on; `why` when that is known. */
export function sessionClosed(host: string, why?: string): TransportError {
  const because = why === undefined ? '' : `: ${why}`;
  return new TransportError('CONNECTION_LOST', `The connection to ${host} is closed${because}`, { phase: 'channel' });
}
