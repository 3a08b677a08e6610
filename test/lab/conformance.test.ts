/** The transports' conformance suite where it needs root, a real sshd and sudo. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import {
  createLocalTransport,
  createOpensshTransport,
  createSshTransport,
  opensshWords,
} from '../../src/transport/index.ts';
import type { Become } from '../../src/transport/types.ts';
import type { TransportTraits } from '../conformance/place.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

let folder: string;
let user: LabUser;
let sshd: LabSshd;

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
const TRAITS: TransportTraits = { floodBytes: 200_000_000, canBeCut: true, becomes: SUDO_BECOMES };
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

// The processes of one sshd that serve a connection each.
async function cutSessions({ pid }: LabSshd): Promise<void> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  for (const child of stdout.trim().split(/\s+/)) await run('kill', ['-s', 'KILL', child]);
}
