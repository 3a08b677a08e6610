/**
 * A TCP proxy that makes a host far away: each byte arrives a fixed time after it was sent, in order, however many are
 * on the way. It counts round trips as well, by what depends on what and not by the clock, so that a busy machine does
 * not change the count.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface DelayingProxy {
  readonly port: number;
  /**
   * The longest chain of question and answer over one connection: an answer is one deeper than the deepest question that
   * had reached the server when it was sent. What is sent without waiting for an answer counts nothing.
   */
  readonly roundTrips: number;
  stop(): Promise<void>;
}

/** Bytes of one direction that may be on the way; then the sender has to wait, as with any network. */
const MAX_ON_THE_WAY_BYTES = 4 * 1024 * 1024;

/**
 * @param port - of the server, on 127.0.0.1
 * @param delayMs - one way; the round trip takes twice as long
 */
export async function startDelayingProxy(port: number, delayMs: number): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let atServer = 0;
    let atClient = 0;
    relay(client, far, delayMs, {
      depthNow: () => atClient,
      arrived: (depth) => {
        atServer = Math.max(atServer, depth);
      },
    });
    relay(far, client, delayMs, {
      depthNow: () => atServer + 1,
      arrived: (depth) => {
        atClient = Math.max(atClient, depth);
        roundTrips = Math.max(roundTrips, depth);
      },
    });
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`unexpected address ${String(address)}`);
  return {
    port: address.port,
    get roundTrips() {
      return roundTrips;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Depths {
  readonly depthNow: () => number;
  readonly arrived: (depth: number) => void;
}

interface Parcel {
  readonly dueMs: number;
  readonly depth: number;
  /** Undefined: the end of the stream. */
  readonly chunk: Buffer | undefined;
}

function relay(from: Socket, to: Socket, delayMs: number, depths: Depths): void {
  const onTheWay: Parcel[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = () => {
    timer = undefined;
    while (onTheWay[0] !== undefined && onTheWay[0].dueMs <= performance.now()) {
      const { chunk, depth } = onTheWay.shift() as Parcel;
      depths.arrived(depth);
      if (chunk === undefined) to.end();
      else {
        bytes -= chunk.length;
        if (!to.write(chunk)) {
          to.once('drain', deliver);
          return;
        }
      }
    }
    if (bytes <= MAX_ON_THE_WAY_BYTES) from.resume();
    const next = onTheWay[0];
    if (next !== undefined) timer ??= setTimeout(deliver, Math.max(0, next.dueMs - performance.now()));
  };
  const send = (chunk: Buffer | undefined) => {
    onTheWay.push({ dueMs: performance.now() + delayMs, depth: depths.depthNow(), chunk });
    bytes += chunk?.length ?? 0;
    if (bytes > MAX_ON_THE_WAY_BYTES) from.pause();
    timer ??= setTimeout(deliver, delayMs);
  };
  from.on('data', send);
  from.once('end', () => send(undefined));
  from.once('close', () => {
    // A cut goes through like all else; what follows the end of a stream is none.
    if (!from.readableEnded) setTimeout(() => to.destroy(), delayMs);
  });
  from.on('error', () => {});
  to.once('close', () => clearTimeout(timer));
}
