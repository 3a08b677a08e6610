/** Hears what a server says when it refuses, also after keys of an agent, where ssh2 keeps it to itself. */
import type { Client } from 'ssh2';
import { wrapMessageHandler } from './message-handlers.ts';

type Refusal = [protocol: unknown, methodsLeft: string[], partialSuccess: boolean];

/**
 * Calls back at each refusal, before ssh2 acts on it; to be called once the client is connecting. Nothing happens where this
 * ssh2 has other insides: then the answers to an agent's keys are not known.
 */
export function listenForRefusals(
  client: Client,
  listener: (methodsLeft: readonly string[], partialSuccess: boolean) => void,
): void {
  wrapMessageHandler<Refusal>(client, 'USERAUTH_FAILURE', (original) => (protocol, methodsLeft, partialSuccess) => {
    listener(methodsLeft, partialSuccess);
    original(protocol, methodsLeft, partialSuccess);
  });
}
