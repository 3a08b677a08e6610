import { expect, test } from 'vitest';
import { planDebug } from '../../../src/modules/docker-diagnostics/debug.ts';

const PATH = '/etc/docker/daemon.json';

test('all keys stay; debug goes on and off, since a daemon keeps what a reload does not mention', () => {
  const plan = planDebug({ path: PATH, text: '{"live-restore": true, "labels": ["a=b"]}' }, []);
  if (plan.kind !== 'switch') throw new Error(plan.reason);
  expect(JSON.parse(plan.on)).toEqual({ 'live-restore': true, labels: ['a=b'], debug: true });
  expect(JSON.parse(plan.off)).toEqual({ 'live-restore': true, labels: ['a=b'], debug: false });
});

test('without a file there is one for the time', () => {
  expect(planDebug({ path: PATH }, [])).toMatchObject({ kind: 'switch', on: '{\n  "debug": true\n}\n' });
});

test.each([
  ['{"debug": true}', [], 'it is on already'],
  ['{"debug": ', [], '/etc/docker/daemon.json is no valid JSON'],
  ['[]', [], '/etc/docker/daemon.json is no JSON object'],
  ['{}', ['--debug=false'], 'it is set on the command line of the daemon'],
  ['{}', ['-D'], 'it is set on the command line of the daemon'],
])('%s with %j is left alone', (text, flags, reason) => {
  expect(planDebug({ path: PATH, text }, flags)).toEqual({ kind: 'skip', reason });
});
