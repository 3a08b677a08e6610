import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { createSshTransport } from '../../src/transport/index.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { EMBEDDED_PASSWORD, testTarget } from './targets.ts';

registerTransportTests(
  'ssh to the embedded host',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fleetmend-host-'));
    const host = await startEmbeddedSshHost({ directory, password: EMBEDDED_PASSWORD, environment: process.env });
    const transport = createSshTransport();
    return {
      connect: (signal = new AbortController().signal) => transport.connect(testTarget({ port: host.port }), signal),
      cut: () => host.close(),
      async stop() {
        await transport.close();
        await host.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
  // Both ends encrypt in this process. Nobody can be become for sure where only Node is: the lab does that.
  { floodBytes: 20_000_000, largestFileBytes: 8_000_000, canBeCut: true, becomes: [], tellsSignals: true },
);
