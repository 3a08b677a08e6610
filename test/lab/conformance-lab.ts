/** What the conformance suites share where they need root, a real sshd and sudo. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Become } from '../../src/transport/types.ts';
import type { TransportTraits } from '../conformance/place.ts';
import { mustRun, run } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

// root logs in: the suite looks at the files that it makes from outside.
const SUDO_BECOMES: readonly Become[] = [
  { method: 'sudo', user: 'nobody' },
  { method: 'sudo', user: 'root' },
];

export const TRAITS: TransportTraits = {
  floodBytes: 200_000_000,
  largestFileBytes: 8_000_000,
  canBeCut: true,
  becomes: SUDO_BECOMES,
  tellsSignals: true,
};

export const never = () => new AbortController().signal;

export interface ConformanceLab {
  readonly folder: string;
  readonly user: LabUser;
  readonly sshd: LabSshd;
}

/** An sshd with a user for all tests of a file; there from the first `beforeAll` on. */
export function useConformanceLab(): () => ConformanceLab {
  let lab: ConformanceLab | undefined;
  let folder: string | undefined;
  let user: LabUser | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
    await mustRun('chmod', ['711', folder]);
    user = await createLabUser(folder, []);
    lab = { folder, user, sshd: await startSshd(join(folder, 'sshd'), user, {}) };
  });
  afterAll(async () => {
    await lab?.sshd.stop();
    await user?.remove();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (lab === undefined) throw new Error('the lab is not set up');
    return lab;
  };
}

// The processes of one sshd that serve a connection each.
export async function cutSessions({ pid }: LabSshd): Promise<void> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  for (const child of stdout.trim().split(/\s+/)) await run('kill', ['-s', 'KILL', child]);
}
