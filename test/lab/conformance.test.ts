/** The transports' conformance suite where it needs root, a real sshd and sudo. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createDockerTransport } from '../../src/transport/docker/docker-transport.ts';
import { createLocalTransport, createSshTransport } from '../../src/transport/index.ts';
import { createOpensshTransport } from '../../src/transport/openssh/openssh-transport.ts';
import { opensshWords } from '../../src/transport/openssh/words.ts';
import type { Become } from '../../src/transport/types.ts';
import type { TransportTraits } from '../conformance/place.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from '../transport/targets.ts';
import { type DockerEngine, LAB_IMAGE, startDockerEngine } from './docker-engine.ts';
import { mustRun, run, waitUntil } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

let folder: string;
let user: LabUser;
let sshd: LabSshd;
let containerCount = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await mustRun('chmod', ['711', folder]);
  user = await createLabUser(folder, []);
  sshd = await startSshd(join(folder, 'sshd'), user, {});
});

afterAll(async () => {
  await sshd?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

// root logs in: the suite looks at the files that it makes from outside.
const SUDO_BECOMES: readonly Become[] = [
  { method: 'sudo', user: 'nobody' },
  { method: 'sudo', user: 'root' },
];
const TRAITS: TransportTraits = {
  floodBytes: 200_000_000,
  canBeCut: true,
  becomes: SUDO_BECOMES,
  tellsSignals: true,
};
const never = () => new AbortController().signal;

registerTransportTests(
  'ssh to sshd',
  async () => {
    const transport = createSshTransport();
    const target = testTarget({
      port: sshd.port,
      user: 'root',
      password: undefined,
      privateKeyFiles: [user.keyFile],
    });
    return {
      connect: (signal = never()) => transport.connect(target, signal),
      cut: () => cutSessions(sshd),
      stop: () => transport.close(),
    };
  },
  TRAITS,
);

registerTransportTests(
  'openssh to sshd',
  async () => {
    const transport = createOpensshTransport();
    const target = testTarget({
      kind: 'openssh',
      port: sshd.port,
      user: 'root',
      password: undefined,
      opensshArgs: [
        ...['-F', 'none'],
        ...opensshWords({
          port: sshd.port,
          user: 'root',
          keyFile: user.keyFile,
          hostKeyPolicy: 'off',
          knownHostsFiles: ['/dev/null'],
        }),
      ],
    });
    return {
      connect: (signal = never()) => transport.connect(target, signal),
      cut: () => cutSessions(sshd),
      stop: () => transport.close(),
    };
  },
  TRAITS,
);

registerTransportTests(
  'local with sudo',
  async () => {
    const transport = createLocalTransport();
    const target = testTarget({ kind: 'local', address: null });
    return { connect: (signal = never()) => transport.connect(target, signal), stop: () => transport.close() };
  },
  { ...TRAITS, canBeCut: false },
);

describe('with an engine', () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await startDockerEngine(join(folder, 'engine'));
  });
  afterAll(() => engine?.stop());

  registerTransportTests(
    'docker on this machine',
    async () => {
      const container = `c${++containerCount}`;
      // The machine's processes and temporary files, so that the suite sees them from outside.
      const options = ['--pid=host', '--network=none', '-v', `${tmpdir()}:${tmpdir()}`];
      const start = '/bin/busybox mkdir -p /usr /root; /bin/busybox --install -s /bin; exec sleep 3600';
      const command = ['/bin/busybox', 'sh', '-c', start];
      await engine.mustDocker('run', '-d', '--name', container, ...options, LAB_IMAGE, ...command);
      await waitUntil(
        async () => (await engine.docker('exec', container, 'sh', '-c', 'command -v setsid')).exitCode === 0,
        () => `the container ${container} has no programs`,
      );
      const local = createLocalTransport();
      const transport = createDockerTransport({ openProcesses: local.openProcesses });
      const docker = { container, exe: 'docker', args: ['-H', `unix://${engine.socket}`] };
      const target = testTarget({ kind: 'docker', address: container, password: undefined, docker });
      return {
        connect: (signal = never()) => transport.connect(target, signal),
        async stop() {
          await transport.close();
          await local.close();
          await engine.mustDocker('rm', '-f', container);
        },
      };
    },
    // The image has no sudo; `docker exec` knows exit statuses only; and a container with the machine's processes leaves
    // its own alive when it stops: docker-connection.test.ts stops another one.
    { floodBytes: 50_000_000, canBeCut: false, becomes: [], tellsSignals: false },
  );
});

// The processes of one sshd that serve a connection each.
async function cutSessions({ pid }: LabSshd): Promise<void> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  for (const child of stdout.trim().split(/\s+/)) await run('kill', ['-s', 'KILL', child]);
}
