import { expect, test } from 'vitest';
import { describeHolder, parseHolders } from '../../../src/modules/docker-prune/holder.ts';

const holder = (text: string) => parseHolders([{ word: 'holder', subject: 'c1', status: 42, text }]).get('c1')?.[0];

test.each([
  ['nginx 0::/system.slice/nginx.service', 'nginx (pid 42, nginx.service)'],
  ['my agent 1:name=systemd:/system.slice/agent.service/worker', 'my agent (pid 42, agent.service)'],
  [`sleep 0::/system.slice/docker-${'a'.repeat(64)}.scope`, 'sleep (pid 42, container aaaaaaaaaaaa)'],
  [`sleep 12:cpu,cpuacct:/docker/${'b'.repeat(64)}`, 'sleep (pid 42, container bbbbbbbbbbbb)'],
  ['bash 0::/user.slice/user-0.slice/session-3.scope', 'bash (pid 42, session-3.scope)'],
  ['bash 0::/', 'bash (pid 42)'],
  ['bash ', 'bash (pid 42)'],
])("names '%s'", (text, words) => {
  const found = holder(text);
  expect(found && describeHolder(found)).toBe(words);
});
