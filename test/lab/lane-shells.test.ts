/** Lanes on hosts whose `sh` is another shell, and on hosts that lack what a lane needs. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalTransport } from '../../src/transport/index.ts';
import type { Connection } from '../../src/transport/types.ts';
import { registerLaneTests } from '../conformance/lane.ts';
import { isRunning, type TransportFixture, usePlace } from '../conformance/place.ts';
import { testTarget } from '../transport/targets.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const signal = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-shells-'));
  await chmod(folder, 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

// A host whose programs are the given ones, before or in place of those of this machine.
async function connect(
  programs: Readonly<Record<string, string>>,
  rest = '',
): Promise<TransportFixture & { readonly bin: string }> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await chmod(bin, 0o755);
  for (const [name, file] of Object.entries(programs)) await symlink(file, join(bin, name));
  const transport = createLocalTransport({ environment: { ...process.env, PATH: `${bin}${rest}` } });
  return {
    bin,
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

const FEW = ['cat', 'sleep', 'awk', 'echo', 'ls', 'env', 'grep'].map((name) => [name, `/usr/bin/${name}`]);

test.each([
  ['without setsid', { sh: '/usr/bin/dash', ...Object.fromEntries(FEW) }, ''],
  ['whose sh is mksh', { sh: '/bin/mksh' }, `:${process.env.PATH}`],
])('a host %s, where no lane can be, is worked with, and a deadline kills there too', async (_what, programs, rest) => {
  const fixture = await connect(programs, rest);
  const connection: Connection = await fixture.connect();
  const exec = (script: string, timeoutMs = 15_000) => {
    connection.prepare(undefined);
    return connection.exec({ script, timeoutMs, signal });
  };
  const parents = [await exec('echo $PPID $$'), await exec('echo $PPID $$')];
  expect(parents[0]?.stdout).not.toBe(parents[1]?.stdout);
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

test('what is written to a file or a stdin is in no argument list, also where printf is a program', async () => {
  const seen = join(folder, 'printf-called');
  const spy = join(folder, 'spy');
  await writeFile(spy, `#!/bin/dash\necho "called $*" >>${seen}\nexec /usr/bin/printf "$@"\n`, { mode: 0o755 });
  const fixture = await connect({ sh: '/bin/mksh', printf: spy }, `:${process.env.PATH}`);
  const connection = await fixture.connect();
  connection.prepare(undefined);
  const content = Buffer.from([...Array(256).keys(), ...Buffer.from('-n %s \\0101 ä\n')]);
  const remotePath = join(folder, 'written');
  await connection.upload({ content, remotePath, timeoutMs: 15_000, signal });
  expect(await readFile(remotePath)).toEqual(content);
  for (let i = 0; i < 3; i++) {
    const { stdout } = await connection.exec({
      script: 'od -An -tx1 -v | tr -d " \\n"',
      stdin: content,
      timeoutMs: 15_000,
      signal,
    });
    expect(stdout).toBe(content.toString('hex'));
  }
  await expect(readFile(seen)).rejects.toThrow('ENOENT');
  expect((await connection.exec({ script: 'printf called', timeoutMs: 15_000, signal })).stdout).toBe('called');
  expect(await readFile(seen, 'utf8')).toBe('called called\n');
  const playbook = join(folder, 'job.yml');
  const shell = "x='\\\\0101'; case $x in ?????) echo $((6 * 7)) é;; esac; cat";
  const job = `{shell: "${shell}", args: {stdin: hush}, async: 20, poll: 1, register: job}`;
  const tasks = `[${job}, {debug: {msg: "<{{ job.stdout_lines | join(' ') }}>"}}]`;
  await writeFile(playbook, `- {hosts: all, gather_facts: false, connection: local, tasks: ${tasks}}\n`);
  const words = ['run', playbook, '-i', 'here,', '--state-dir', folder];
  const env = { ...process.env, HOME: folder, PATH: `${fixture.bin}:${process.env.PATH}` };
  const run = await promisify(execFile)(process.execPath, [MAIN, ...words], { env, cwd: folder });
  expect(run.stdout).toContain('<42 é hush>');
  expect(await readFile(seen, 'utf8')).not.toMatch(/6 \* 7|hush/);
  await connection.close();
  await fixture.stop();
});
