import { expect, test } from 'vitest';
import { lastFlag, parseDaemonFlags } from '../../../src/modules/docker/daemon-flags.ts';

test.each([
  ['dockerd -H fd:// --containerd=/run/c.sock', { hosts: ['fd://'], containerd: ['/run/c.sock'] }],
  [
    '/usr/bin/dockerd --live-restore -D -g /data --graph=/other',
    { 'live-restore': ['true'], debug: ['true'], 'data-root': ['/data', '/other'] },
  ],
  ['dockerd -Hunix:///x -H tcp://y --iptables=false', { hosts: ['unix:///x', 'tcp://y'], iptables: ['false'] }],
  ['docker daemon --label a=b --label c=d -s overlay', { labels: ['a=b', 'c=d'], 'storage-driver': ['overlay'] }],
  [
    'dockerd --storage-opt dm.basesize=20G --log-opt max-size=10m -Dl debug',
    { 'storage-opts': ['dm.basesize=20G'], 'log-opts': ['max-size=10m'], debug: ['true'], 'log-level': ['debug'] },
  ],
  ['dockerd', {}],
])('%s', (text, expected) => {
  expect(Object.fromEntries(parseDaemonFlags(text.split(' ')))).toEqual(expected);
});

test('the last of several values holds', () => {
  expect(lastFlag(parseDaemonFlags(['dockerd', '-p', '/a', '--pidfile=/b']), 'pidfile')).toBe('/b');
});
