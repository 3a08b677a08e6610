/** The one place that knows where ssh2 keeps what it does with a message. */
import type { Client } from 'ssh2';

interface Insides {
  readonly _protocol?: { readonly _handlers?: Record<string, unknown> };
}

/**
 * Puts a handler of ours before ssh2's own for one kind of message; to be called once the client is connecting. Nothing
 * happens where this ssh2 has other insides.
 *
 * @param wrap - gives our handler, which calls the original or not
 */
export function wrapMessageHandler<Args extends unknown[]>(
  client: Client,
  message: string,
  wrap: (original: (...args: Args) => void) => (...args: Args) => void,
): void {
  const handlers = (client as Insides)._protocol?._handlers;
  const original = handlers?.[message];
  if (handlers === undefined || typeof original !== 'function') return;
  handlers[message] = wrap(original as (...args: Args) => void);
}
