/** Leaves alone what a server says of its further host keys, which nothing here keeps. */
import type { Client } from 'ssh2';

type GlobalRequest = (protocol: unknown, name: string, wantsReply: boolean, data: unknown) => void;

/** Where ssh2 keeps what it does with a message. */
interface Insides {
  readonly _protocol?: { readonly _handlers?: { GLOBAL_REQUEST?: GlobalRequest } };
}

const NEWS = 'hostkeys-00@openssh.com';

/**
 * Keeps ssh2 from having the server prove each of its host keys after every login: a signature a key there, a verification a
 * key here, for an event that nobody listens to. To be called once the client is connecting. Nothing happens where this ssh2
 * has other insides.
 *
 * @see OpenSSH's PROTOCOL, section 2.5, and `UpdateHostKeys no`
 */
export function ignoreHostKeyNews(client: Client): void {
  const handlers = (client as Insides)._protocol?._handlers;
  const original = handlers?.GLOBAL_REQUEST;
  if (handlers === undefined || original === undefined) return;
  handlers.GLOBAL_REQUEST = (protocol, name, wantsReply, data) => {
    if (name !== NEWS || wantsReply) original(protocol, name, wantsReply, data);
  };
}
