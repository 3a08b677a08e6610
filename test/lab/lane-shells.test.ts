/** Lanes on hosts whose `sh` is another shell, and on hosts that lack what a lane needs. */
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalTransport } from '../../src/transport/index.ts';
import type { Connection } from '../../src/transport/types.ts';
import { registerLaneTests } from '../conformance/lane.ts';
import { isRunning, type TransportFixture, usePlace } from '../conformance/place.ts';
import { testTarget } from '../transport/targets.ts';

const signal = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-shells-'));
  await chmod(folder, 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

// A host whose programs are the given ones, before or in place of those of this machine.
async function connect(programs: Readonly<Record<string, string>>, rest = ''): Promise<TransportFixture> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await chmod(bin, 0o755);
  for (const [name, file] of Object.entries(programs)) await symlink(file, join(bin, name));
  const transport = createLocalTransport({ environment: { ...process.env, PATH: `${bin}${rest}` } });
  return {
    connect: () => transport.connect(testTarget({ kind: 'local', address: null }), signal),
    stop: () => transport.close(),
  };
}

describe.each(['/usr/bin/dash', '/usr/bin/bash', '/usr/bin/busybox'])('a lane of %s', (shell) => {
  registerLaneTests(
    usePlace(() => connect({ sh: shell }, `:${process.env.PATH}`), {
      floodBytes: 0,
      largestFileBytes: 0,
      canBeCut: false,
      becomes: [],
      tellsSignals: true,
    }),
  );
});

test('a host without setsid is worked with, and a deadline kills there too', async () => {
  const programs = ['cat', 'sleep', 'awk', 'echo', 'ls', 'env', 'grep'].map((name) => [name, `/usr/bin/${name}`]);
  const fixture = await connect({ sh: '/usr/bin/dash', ...Object.fromEntries(programs) });
  const connection: Connection = await fixture.connect();
  const exec = (script: string, timeoutMs = 15_000) => {
    connection.prepare(undefined);
    return connection.exec({ script, timeoutMs, signal });
  };
  expect((await exec('command -v setsid')).exitCode).not.toBe(0);
  for (let i = 0; i < 5; i++) {
    expect(await exec(`cd /; x=1; cat; echo ${i} >&2; exit ${i}`)).toMatchObject({ exitCode: i, stderr: `${i}\n` });
    expect(await exec('echo "[$x]"; kill -s TERM $$')).toMatchObject({ stdout: '[]\n', signal: 'TERM', stderr: '' });
  }
  const late = await exec('sleep 61 & echo $! $$; sleep 62', 500);
  expect(late).toMatchObject({ ended: 'timed_out', remote: 'gone' });
  for (const pid of late.stdout.trim().split(' ')) expect(await isRunning(Number(pid))).toBe(false);
  expect((await exec('echo next')).stdout).toBe('next\n');
  await connection.close();
  await fixture.stop();
});
