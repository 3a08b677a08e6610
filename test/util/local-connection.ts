/** A connection to this machine, for modules that run real commands. */
import { createLocalTransport } from '../../src/transport/index.ts';
import type { Connection, Target } from '../../src/transport/types.ts';

const LOCAL: Target = {
  name: 'localhost',
  kind: 'local',
  address: null,
  port: 0,
  user: '',
  privateKeyFiles: [],
  hostKeyPolicy: 'off',
  knownHostsFiles: [],
  connectTimeoutMs: 1000,
  authTimeoutMs: 1000,
};

export interface LocalConnection {
  readonly connection: Connection;
  close(): Promise<void>;
}

/** @param environment - all that its processes see, beside PATH: nothing of the user's set-up */
export async function openLocal(environment: Readonly<Record<string, string>> = {}): Promise<LocalConnection> {
  const transport = createLocalTransport({ environment: { PATH: process.env.PATH, ...environment } });
  const connection = await transport.connect(LOCAL, new AbortController().signal);
  return {
    connection,
    async close() {
      await connection.close();
      await transport.close();
    },
  };
}

/** Opens a connection for some work and closes it. */
export async function withLocalConnection<T>(
  environment: Readonly<Record<string, string>>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const local = await openLocal(environment);
  try {
    return await work(local.connection);
  } finally {
    await local.close();
  }
}
