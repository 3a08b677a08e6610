/** Leaves alone what a server says of its further host keys, which nothing here keeps. */
import type { Client } from 'ssh2';
import { wrapMessageHandler } from './message-handlers.ts';

type GlobalRequest = [protocol: unknown, name: string, wantsReply: boolean, data: unknown];

const NEWS = 'hostkeys-00@openssh.com';

/**
 * Keeps ssh2 from having the server prove each of its host keys after every login: a signature a key there, a verification a
 * key here, for an event that nobody listens to. To be called once the client is connecting. Nothing happens where this ssh2
 * has other insides.
 *
 * @see OpenSSH's PROTOCOL, section 2.5, and `UpdateHostKeys no`
 */
export function ignoreHostKeyNews(client: Client): void {
  wrapMessageHandler<GlobalRequest>(client, 'GLOBAL_REQUEST', (original) => (protocol, name, wantsReply, data) => {
    if (name !== NEWS || wantsReply) original(protocol, name, wantsReply, data);
  });
}
