/** A TCP proxy that can drop all that passes through it, as a firewall or a dead link does: no end, no reset. */
import { createServer, connect as dial, type Socket } from 'node:net';

export interface StallingProxy {
  readonly port: number;
  /** From now on nothing is forwarded in either direction, and nothing is closed. */
  stall(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy on loopback to a port there.
 *
 * @param cutAfterBytes - resets the connection once the client has sent so many bytes
 */
export async function startStallingProxy(
  behindPort: number,
  cutAfterBytes = Number.POSITIVE_INFINITY,
): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  let isStalled = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const forward = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => {
      if (!isStalled) to.write(chunk);
    });
    from.once('close', () => {
      if (!isStalled) to.destroy();
    });
  };
  const server = createServer((client) => {
    const behind = keep(dial(behindPort, '127.0.0.1'));
    forward(keep(client), behind);
    let sentBytes = 0;
    client.on('data', (chunk) => {
      sentBytes += chunk.length;
      if (sentBytes <= cutAfterBytes) return;
      client.resetAndDestroy();
      behind.resetAndDestroy();
    });
    forward(behind, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    port: bound.port,
    stall: () => {
      isStalled = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
