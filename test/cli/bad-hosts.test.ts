import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/event.ts';
import { type HostKind, readEvents, startFleet } from './embedded-fleet.ts';
import { runCli, testFolder } from './run-cli.ts';

const GOOD = Array.from({ length: 15 }, (_, i) => `good${String(i + 1).padStart(2, '0')}`);
const BAD: Readonly<Record<string, HostKind>> = {
  refused: 'refused',
  silentbanner: 'silent-banner',
  silentauth: 'silent-auth',
  wrongkey: 'wrong-key',
  cut: 'cut-mid-command',
};

const PLAYBOOK = `
- hosts: all
  strategy: free
  tasks:
    - {name: one, shell: 'echo one; test "$(basename "$PWD")" != cut || sleep 60'}
    - {name: two, shell: echo two}
`;

it('20 hosts of which 5 are bad in 5 ways: each cause is named, and the 15 others are done before any deadline passes', async () => {
  const dir = await testFolder();
  const fleet = await startFleet(dir, { ...BAD, ...Object.fromEntries(GOOD.map((name) => [name, 'normal'] as const)) });
  await writeFile(join(dir, 'play.yml'), PLAYBOOK);
  const events = join(dir, 'events.ndjson');
  const json = join(dir, 'report.json');
  const run = await runCli(
    [
      'run',
      join(dir, 'play.yml'),
      ...fleet.args,
      '--timeout',
      '3',
      '--auth-timeout',
      '3',
      '--report',
      `ndjson=${events}`,
      '--report',
      `json=${json}`,
    ],
    { cwd: dir },
  );
  expect(run.code, run.stderr).toBe(4);
  const journal = await readEvents<RunEvent>(events);
  const results = journal.filter((event) => event.type === 'host:result');
  const failures = Object.fromEntries(
    results.filter((each) => each.failure !== undefined).map((each) => [each.host, each.failure?.code]),
  );
  expect(failures).toEqual({
    refused: 'CONNECT_REFUSED',
    silentbanner: 'CONNECT_TIMEOUT',
    silentauth: 'AUTH_TIMEOUT',
    wrongkey: 'HOST_KEY_CHANGED',
    cut: 'CONNECTION_LOST',
  });
  for (const host of GOOD)
    expect(results.filter((each) => each.host === host).map((each) => each.status)).toEqual(['changed', 'changed']);
  // The silent hosts hold nobody up: the good ones have all ended when the first deadline passes.
  const firstDeadline = results.findIndex((each) => each.failure?.kind === 'timed_out');
  const lastGood = results.findLastIndex((each) => GOOD.includes(each.host));
  expect(lastGood).toBeLessThan(firstDeadline);
  const report = JSON.parse(await readFile(json, 'utf8'));
  expect(report.run.exitCode).toBe(4);
  // Both reports say how far each host had come; the results of the good ones hold no such word.
  const hosts: Record<string, { failure?: { phase: string }; result: { phase?: string } }> =
    report.plays[0].tasks[0].hosts;
  const phases = Object.entries(hosts).flatMap(([host, { failure, result }]) =>
    failure === undefined && result.phase === undefined ? [] : [[host, failure?.phase, result.phase].join(' ')],
  );
  expect(phases.toSorted()).toEqual([
    'cut command command',
    'refused connect connect',
    'silentauth auth auth',
    'silentbanner banner banner',
    'wrongkey key_exchange key_exchange',
  ]);
  expect(Object.values<{ unreachable: number }>(report.hosts).filter((each) => each.unreachable === 1)).toHaveLength(5);
});

it('with strategy linear a hung host holds the others up no longer than its deadline', async () => {
  const dir = await testFolder();
  const fleet = await startFleet(dir, { good1: 'normal', hung: 'hang-command', good2: 'normal' });
  await writeFile(
    join(dir, 'play.yml'),
    '- hosts: all\n  tasks:\n    - {name: one, shell: echo one}\n    - {name: two, shell: echo two}\n',
  );
  const events = join(dir, 'events.ndjson');
  const run = await runCli(
    ['run', join(dir, 'play.yml'), ...fleet.args, '--command-timeout', '1', '--report', `ndjson=${events}`],
    { cwd: dir },
  );
  expect(run.code, run.stderr).toBe(2);
  const results = (await readEvents<RunEvent>(events)).filter((event) => event.type === 'host:result');
  expect(results.filter((each) => each.host === 'hung')).toMatchObject([
    { status: 'failed', failure: { kind: 'timed_out', code: 'COMMAND_TIMEOUT' } },
  ]);
  expect(results.filter((each) => each.host === 'good2').map((each) => each.status)).toEqual(['changed', 'changed']);
});
