/** Hears what a server says when it refuses, also after keys of an agent, where ssh2 keeps it to itself. */
import type { Client } from 'ssh2';

type Refusal = (protocol: unknown, methodsLeft: string[], partialSuccess: boolean) => void;

/** Where ssh2 keeps what it does with a message. */
interface Insides {
  readonly _protocol?: { readonly _handlers?: { USERAUTH_FAILURE?: Refusal } };
}

/**
 * Calls back at each refusal, before ssh2 acts on it; to be called once the client is connecting. Nothing happens where this
 * ssh2 has other insides: then the answers to an agent's keys are not known.
 */
export function listenForRefusals(
  client: Client,
  listener: (methodsLeft: readonly string[], partialSuccess: boolean) => void,
): void {
  const handlers = (client as Insides)._protocol?._handlers;
  const original = handlers?.USERAUTH_FAILURE;
  if (handlers === undefined || original === undefined) return;
  handlers.USERAUTH_FAILURE = (protocol, methodsLeft, partialSuccess) => {
    listener(methodsLeft, partialSuccess);
    original(protocol, methodsLeft, partialSuccess);
  };
}
