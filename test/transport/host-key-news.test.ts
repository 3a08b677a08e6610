import type { Client } from 'ssh2';
import { expect, test, vi } from 'vitest';
import { ignoreHostKeyNews } from '../../src/transport/ssh/host-key-news.ts';

test('only the news of host keys is kept from ssh2, and only where no reply is waited for', () => {
  const original = vi.fn();
  const handlers = { GLOBAL_REQUEST: original };
  ignoreHostKeyNews({ _protocol: { _handlers: handlers } } as unknown as Client);
  handlers.GLOBAL_REQUEST(undefined, 'hostkeys-00@openssh.com', false, []);
  handlers.GLOBAL_REQUEST(undefined, 'hostkeys-00@openssh.com', true, []);
  handlers.GLOBAL_REQUEST(undefined, 'keepalive@openssh.com', true, undefined);
  expect(original.mock.calls.map(([, name]) => name)).toEqual(['hostkeys-00@openssh.com', 'keepalive@openssh.com']);
});

test('other insides are left alone', () => {
  ignoreHostKeyNews({ _protocol: { _handlers: {} } } as unknown as Client);
  ignoreHostKeyNews({} as Client);
});
