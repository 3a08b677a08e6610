/** A connection to this machine, as tasks that run on the controller have it. */
import { createLocalTransport } from '../../src/transport/index.ts';
import type { Connection } from '../../src/transport/types.ts';

/** Opens it with a home folder of its own, so that nothing of the user's set-up is seen. */
export function openLocal(home: string): Promise<Connection> {
  const environment = { PATH: process.env.PATH, HOME: home };
  return createLocalTransport({ environment }).connect(
    {
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
    },
    new AbortController().signal,
  );
}
