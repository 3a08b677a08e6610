import { expect, test } from 'vitest';
import { TransportError } from '../../src/errors.ts';
import { type FleetOptions, runText } from './scripted-fleet.ts';

const HOSTS = 'web1,web2,web3,web4,web5,';
const down = new TransportError('CONNECT_REFUSED', 'no');
const play = (keywords: string, tasks = '    - {name: t, command: x}\n    - {name: after, command: y}\n') =>
  `- hosts: all\n  gather_facts: false\n${keywords}  tasks:\n${tasks}`;
const failing =
  (...hosts: string[]): FleetOptions['answer'] =>
  (_request, host) => ({ exitCode: hosts.includes(host) ? 1 : 0 });

test.each([
  ['failed hosts up to the number', '{failed: 2}', ['web1', 'web2'], [], 'completed'],
  ['one more than the number', '{failed: 1}', ['web1', 'web2'], [], 'aborted'],
  ['a percentage of all hosts of the play', '{failed: 40%}', ['web1', 'web2'], [], 'completed'],
  ['more than the percentage', '{failed: 39%}', ['web1', 'web2'], [], 'aborted'],
  ['unreachable hosts are counted apart', '{failed: 0}', [], ['web1', 'web2'], 'completed'],
  ['and have their own bound', '{unreachable: 1}', [], ['web1', 'web2'], 'aborted'],
  ['or one with the failed', '{total: 1}', ['web1'], ['web2'], 'aborted'],
])('max_fail: %s', async (_what, budget, failed, unreachable, endedBy) => {
  const { result } = await runText(play(`  max_fail: ${budget}\n`), {
    hosts: HOSTS,
    answer: failing(...failed),
    down: Object.fromEntries(unreachable.map((host) => [host, down])),
  });
  expect(result.endedBy).toBe(endedBy);
});

test('max_fail ends the play in the middle of a task: hosts that did not begin are left alone', async () => {
  const { result, commands } = await runText(play('  max_fail: {failed: 0}\n'), {
    hosts: HOSTS,
    forks: 1,
    connecting: 1,
    answer: failing('web2'),
  });
  expect(commands.map(({ host }) => host)).toEqual(['web1', 'web2']);
  expect(result.notStarted).toEqual(['web3', 'web4', 'web5']);
});

test('max_fail does not count what a rescue caught', async () => {
  const block =
    '    - block:\n        - {name: t, command: x}\n      rescue:\n        - {name: saved, debug: {msg: s}}\n';
  const { result } = await runText(play('  max_fail: {total: 0}\n', block), { hosts: HOSTS, answer: failing('web1') });
  expect(result).toMatchObject({ endedBy: 'completed', exitCode: 0 });
});

test('max_fail counts over all batches', async () => {
  const { result, commands } = await runText(
    play('  serial: 1\n  max_fail: {failed: 1}\n  max_fail_percentage: 100\n'),
    {
      hosts: HOSTS,
      answer: failing('web1', 'web2'),
    },
  );
  expect(result.endedBy).toBe('aborted');
  expect(commands.map(({ host }) => host)).not.toContain('web3');
});

test.each([
  ['a canary that is fine lets the others begin', '[{canary: 2}, 100%]', [], 5],
  ['one failed host of a canary ends the play', '[{canary: 2}, 100%]', ['web2'], 2],
  ['one failed host of a plain first batch does not', '[2, 100%]', ['web2'], 5],
  ['a canary may be a percentage', '[{canary: 20%}, 100%]', ['web1'], 1],
])('%s', async (_what, serial, failed, count) => {
  const { commands } = await runText(play(`  serial: ${serial}\n`), { hosts: HOSTS, answer: failing(...failed) });
  expect(new Set(commands.map(({ host }) => host)).size).toBe(count);
});

test.each([
  ['a task', '', '    - {name: t, command: x, throttle: 2}\n', 2],
  ['a block, by a template', '', '    - block:\n        - {name: t, command: x}\n      throttle: "{{ 1 + 1 }}"\n', 2],
  ['a play with strategy free', '  throttle: 1\n  strategy: free\n', '    - {name: t, command: x}\n', 1],
  ['none', '  throttle: 0\n', '    - {name: t, command: x}\n', 5],
])('throttle of %s', async (_what, keywords, tasks, most) => {
  let running = 0;
  let highest = 0;
  await runText(play(keywords, tasks), {
    hosts: HOSTS,
    answer: async () => {
      highest = Math.max(highest, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return {};
    },
  });
  expect(highest).toBe(most);
});
