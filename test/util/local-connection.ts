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

/**
 * Opens a connection for some work and closes it.
 *
 * @param environment - added to that of the test's process
 */
export async function withLocalConnection<T>(
  environment: Readonly<Record<string, string>>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const transport = createLocalTransport({ environment });
  const connection = await transport.connect(LOCAL, new AbortController().signal);
  try {
    return await work(connection);
  } finally {
    await connection.close();
    await transport.close();
  }
}
