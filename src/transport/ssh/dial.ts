/** How the stream of bytes to a host's SSH server is obtained. */
import type { LookupAddress } from 'node:dns';
import { connect, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address } from './connect-errors.ts';

/**
 * Opens the stream to an address and resolves when it stands. When the signal fires first it leaves nothing open and
 * rejects with whatever it likes: nobody waits for it any more.
 *
 * @throws the socket's own error, or a TransportError that says all there is to say
 */
export type Dialler = (at: Address, signal: AbortSignal) => Promise<Duplex>;

/**
 * Dials over TCP.
 *
 * @param addresses - what the name resolved to, at least one; several are tried in turn
 */
export function dialAddresses(addresses: readonly LookupAddress[]): Dialler {
  return (at, signal) => dialTcp(at, addresses, signal);
}

function dialTcp(at: Address, addresses: readonly LookupAddress[], signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const socket = connect({ host: at.address, port: at.port, noDelay: true, lookup: answerWith(addresses) });
  const onAbort = () => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const stopListening = () => signal.removeEventListener('abort', onAbort);
  socket.once('connect', () => {
    stopListening();
    // Whoever takes the stream listens for its errors; until then one must not end the process.
    resolve(socket);
  });
  socket.on('error', (error) => {
    stopListening();
    reject(error);
  });
  return promise;
}

// Names are resolved before; Node asks in this way to try one address after the other.
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}
