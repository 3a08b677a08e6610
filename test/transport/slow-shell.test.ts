/** A target that is alive but slow: each new shell takes seconds until it says its first word. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLocalTransport } from '../../src/transport/index.ts';
import { KILL_GRACE_MS } from '../../src/transport/types.ts';
import { textAppears } from '../conformance/place.ts';
import { testTarget } from './targets.ts';

test('a kill on a target whose shells come late is seen, and other scripts there go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-slow-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const seconds = (KILL_GRACE_MS + 500) / 1000;
  await writeFile(join(folder, 'sh'), `#!/bin/sh\nsleep ${seconds}\nexec /bin/sh "$@"\n`, { mode: 0o755 });
  const transport = createLocalTransport({ environment: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
  onTestFinished(() => transport.close());
  const { signal } = new AbortController();
  const connection = await transport.connect(testTarget({ kind: 'local', address: null }), signal);
  const gate = join(folder, 'gate');
  const exec = (script: string, timeoutMs: number) => connection.exec({ script, timeoutMs, signal });
  const other = exec(`while [ ! -e ${gate} ]; do sleep 0.1; done; echo other`, 60_000);
  // One is cut before its shell said anything, one while it runs.
  const early = exec('sleep 60', 500);
  const controller = new AbortController();
  const script = `echo here >${join(folder, 'begun')}; sleep 60`;
  const late = connection.exec({ script, timeoutMs: 60_000, signal: controller.signal });
  await textAppears(join(folder, 'begun'));
  controller.abort();
  expect(await early).toMatchObject({ ended: 'timed_out', remote: 'gone' });
  expect(await late).toMatchObject({ ended: 'interrupted', remote: 'gone' });
  await writeFile(gate, '');
  expect(await other).toMatchObject({ ended: 'exited', stdout: 'other\n' });
});
