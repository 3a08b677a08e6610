/** The conformance suite in containers of a real engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createDockerTransport } from '../../src/transport/docker/docker-transport.ts';
import { createLocalTransport } from '../../src/transport/index.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from '../transport/targets.ts';
import { never } from './conformance-lab.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';

let folder: string;
let engine: DockerEngine;

// One for all tests: each connects anew, and to start a container each time would take longer than all that is tested.
const CONTAINER = 'place';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  engine = await startDockerEngine(join(folder, 'engine'));
  // The machine's processes and temporary files, so that the suite sees them from outside.
  const options = ['--pid=host', '--network=none', '-v', `${tmpdir()}:${tmpdir()}`];
  await engine.runWithPrograms(CONTAINER, ...options);
});

afterAll(async () => {
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
});

registerTransportTests(
  'docker on this machine',
  async () => {
    const local = createLocalTransport();
    const transport = createDockerTransport({ openProcesses: local.openProcesses });
    const docker = { container: CONTAINER, exe: 'docker', args: ['-H', `unix://${engine.socket}`] };
    const target = testTarget({ kind: 'docker', address: CONTAINER, password: undefined, docker });
    return {
      connect: (signal = never()) => transport.connect(target, signal),
      async stop() {
        await transport.close();
        await local.close();
      },
    };
  },
  // The image has no sudo; `docker exec` knows exit statuses only; and a container with the machine's processes leaves
  // its own alive when it stops: docker-connection.test.ts stops another one.
  { floodBytes: 50_000_000, largestFileBytes: 8_000_000, canBeCut: false, becomes: [], tellsSignals: false },
);
