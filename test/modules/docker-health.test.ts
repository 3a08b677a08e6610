import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { dockerHealth } from '../../src/modules/docker-health.ts';
import { withLocalConnection } from '../util/local-connection.ts';
import { type ModuleRun, runModule } from '../util/module-runner.ts';

let folder: string | undefined;

afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const RUNNING = ['a', 'b', 'c'].map((digit) => digit.repeat(64));

test('a healthy engine is left as it is', async () => {
  const { status, result } = await health({});
  expect(status).toBe('ok');
  expect(result).toMatchObject({
    status: 'healthy',
    containers: { running: 3, exited: 1 },
    versions: { engine: '20.10.5' },
    probes: { ps: { ok: true }, info: { ok: true }, version: { ok: true }, inspect: { ok: true } },
    known_faults: [{ component: 'engine', fixed_in: '20.10.15' }],
    live_restore: true,
  });
});

test('a daemon whose ps hangs is hung, though version answers', async () => {
  const { result } = await health({ ps: 'exec sleep 60' });
  expect(result).toMatchObject({
    status: 'hung',
    probes: { ps: { ok: false, cause: 'hung' }, version: { ok: true } },
    known_faults: [{ component: 'engine' }],
  });
  expect(result.reasons).toContain('`ps` did not answer within 1 s');
});

test('of several containers those that hang are named', async () => {
  const { result } = await health({ inspect: `case $* in *${RUNNING[1]}*) exec sleep 60 ;; *) echo running ;; esac` });
  expect(result).toMatchObject({
    status: 'container_hung',
    hung_containers: [{ id: RUNNING[1], name: 'name-b' }],
  });
});

test('a call that no signal ends does not hold it longer than its budget', async () => {
  const { result } = await health({ ps: "trap '' TERM; while :; do sleep 1; done", info: "trap '' TERM; sleep 60; :" });
  expect(result).toMatchObject({ status: 'hung' });
});

test.each([
  [{ budget: '3s' }, 'expected `budget` to be at least 5 seconds, found 3 s'],
  [
    { budget: 'soon' },
    "expected `budget` to be a duration such as 30s, 2h or 7d, or a number of seconds, found 'soon'",
  ],
  [
    { executable: 'no-such-engine' },
    "expected `executable` to be a command on fake, found none named 'no-such-engine'",
  ],
])('bad input: %j', async (args, message) => {
  const { status, result } = await health({}, args);
  expect([status, result.msg]).toEqual(['failed', message]);
});

// With an engine that is a script; `answers` replaces what it does for a word.
async function health(
  answers: Readonly<Record<string, string>>,
  args: Readonly<Record<string, unknown>> = {},
): Promise<ModuleRun> {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-health-'));
  const executable = join(folder, 'docker');
  const list = RUNNING.map((id) => `${id}\\tname-${id[0]}\\tUp 3 hours\\n`).join('');
  const usual: Record<string, string> = {
    '--version': "echo 'Docker version 20.10.5, build 55c4c88'",
    ps: `printf '${list}${'d'.repeat(64)}\\tjob\\tExited (0) 2 days ago\\n'`,
    info: `echo '["20.10.5","overlay2",[["Backing Filesystem","extfs"]],"${folder}",true]'`,
    version: `echo '{"Version":"20.10.5"}'`,
    inspect: 'echo running',
  };
  const cases = Object.entries({ ...usual, ...answers }).map(([word, script]) => `${word}) shift; ${script} ;;`);
  await writeFile(executable, `#!/bin/sh\ncase $1 in\n${cases.join('\n')}\nesac\n`, { mode: 0o755 });
  return withLocalConnection({}, (connection) =>
    runModule(
      dockerHealth,
      { budget: '5s', executable, docker_host: `unix://${folder}/no.sock`, ...args },
      { connection },
    ),
  );
}
