/** How the stream of bytes to a host's SSH server is obtained. */
import type { LookupAddress } from 'node:dns';
import { connect, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { TransportError } from '../../errors.ts';
import type { Target } from '../types.ts';
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
export function dialAddresses(addresses: readonly LookupAddress[], from: DialFrom = {}): Dialler {
  return (at, signal) => dialTcp(at, addresses, from, signal);
}

/** From where to dial. */
export type DialFrom = Pick<Target, 'addressFamily' | 'bindAddress'>;

function dialTcp(
  at: Address,
  addresses: readonly LookupAddress[],
  { addressFamily, bindAddress }: DialFrom,
  signal: AbortSignal,
): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const usable = addresses.filter(({ family }) => addressFamily === undefined || family === addressFamily);
  if (usable.length === 0) {
    const message = `'${at.address}' has no IPv${addressFamily} address`;
    return Promise.reject(new TransportError('CONNECT_FAILED', message, { phase: 'connect' }));
  }
  const lookup = answerWith(usable);
  const socket = connect({ host: at.address, port: at.port, noDelay: true, lookup, localAddress: bindAddress });
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
