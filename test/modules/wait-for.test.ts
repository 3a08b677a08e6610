import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../src/modules/wait-for.ts';
import { runModule } from '../util/module-runner.ts';

let directory: string;
let servers: Server[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetmend-wait-'));
  servers = [];
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

const at = (name: string) => join(directory, name);

function listen(host: string, greeting = ''): Promise<number> {
  const server = createServer((socket) => socket.end(greeting));
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
}

/** Time passes only while the module sleeps; `between` happens at the first sleep. */
function wait(args: Record<string, unknown>, between: () => unknown = () => {}) {
  let nowMs = 0;
  const slept: number[] = [];
  const run = runModule(waitFor, args, {
    nowMs: () => nowMs,
    sleep: async (durationMs) => {
      if (slept.length === 0) await between();
      slept.push(durationMs);
      nowMs += durationMs;
    },
  });
  return run.then((done) => ({ ...done, slept }));
}

describe('wait_for a port', () => {
  test.each(['127.0.0.1', '127.0.0.53', '0.0.0.0'])('sees one that listens on %s', async (host) => {
    const port = await listen(host);
    const run = await wait({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port });
    expect(run).toMatchObject({ status: 'ok', result: { elapsed: 0, port, state: 'started' }, slept: [] });
  });

  test('waits until it opens', async () => {
    const port = await listen('127.0.0.1');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const run = await wait({ port, sleep: 3, timeout: 10 }, () => {
      const server = createServer();
      servers.push(server);
      return new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
    });
    expect(run).toMatchObject({ status: 'ok', result: { elapsed: 3 }, slept: [3000] });
  });

  test('does not take another address of the same port for it', async () => {
    const port = await listen('127.0.0.2');
    const run = await wait({ host: '127.0.0.3', port, timeout: 0 });
    expect(run).toMatchObject({ status: 'failed', result: { msg: `Timeout when waiting for 127.0.0.3:${port}` } });
  });

  test('waits until it closes', async () => {
    const port = await listen('127.0.0.1');
    const run = await wait({ port, state: 'stopped' }, () => new Promise((resolve) => servers.pop()?.close(resolve)));
    expect(run).toMatchObject({ status: 'ok', result: { elapsed: 1, state: 'stopped' } });
  });

  test('reads what it sends until the expression matches', async () => {
    const port = await listen('127.0.0.1', 'SSH-2.0-x\r\n');
    const run = await wait({ port, search_regex: '^SSH-(?P<version>[\\d.]+)' });
    expect(run.result).toMatchObject({ match_groups: ['2.0'], match_groupdict: { version: '2.0' } });
  });

  test('is over after the timeout, with the message that was asked for', async () => {
    const port = await listen('127.0.0.1');
    const run = await wait({ port, state: 'absent', timeout: 5, sleep: 2, msg: 'still up' });
    expect(run).toMatchObject({ status: 'failed', result: { msg: 'still up', elapsed: 5 }, slept: [2000, 2000, 1000] });
  });

  test('is drained when no connection is left', async () => {
    // The reset below reaches the server's end as an error.
    const server = createServer((socket) => socket.on('error', () => {}));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    await once(server, 'connection');
    expect((await wait({ port, state: 'drained', timeout: 0 })).status).toBe('failed');
    // Reset instead of closed: no end of it lingers in the kernel.
    client.resetAndDestroy();
    await once(client, 'close');
    expect((await wait({ port, state: 'drained', timeout: 60 })).status).toBe('ok');
  });
});

describe('wait_for a path', () => {
  test('waits until it is there, whatever its name is', async () => {
    const path = at("it's *\n$(x)");
    const run = await wait({ path }, () => writeFileSync(path, ''));
    expect(run).toMatchObject({ status: 'ok', result: { elapsed: 1, path } });
  });

  test('waits until it is gone', async () => {
    writeFileSync(at('lock'), '');
    const run = await wait({ path: at('lock'), state: 'absent' }, () => rmSync(at('lock')));
    expect(run).toMatchObject({ status: 'ok', result: { elapsed: 1 } });
  });

  test('waits until a line matches', async () => {
    writeFileSync(at('log'), 'starting\n');
    const run = await wait({ path: at('log'), search_regex: '^ready in (\\d+) ms$' }, () =>
      appendFileSync(at('log'), 'ready in 15 ms\nmore\n'),
    );
    expect(run).toMatchObject({ status: 'ok', result: { elapsed: 1, match_groups: ['15'] } });
  });

  test.each([
    ['(a+)+$', 'took more than 1000 ms on a text of 41 characters'],
    ['(', "argument 'search_regex'"],
  ])('fails with a pattern that has no end or is none: %s', async (search_regex, message) => {
    writeFileSync(at('log'), `${'a'.repeat(40)}b`);
    const run = await wait({ path: at('log'), search_regex });
    expect(run).toMatchObject({ status: 'failed' });
    expect(run.result.msg).toContain(message);
  });

  test('names the text that did not come', async () => {
    writeFileSync(at('log'), '');
    const run = await wait({ path: at('log'), search_regex: 'ready', timeout: 2 });
    expect(run.result).toMatchObject({
      msg: `Timeout when waiting for search string ready in ${at('log')}`,
      elapsed: 2,
    });
  });
});

describe('wait_for', () => {
  test('only waits when there is nothing to look at', async () => {
    expect(await wait({ timeout: 7, delay: 2 })).toMatchObject({ status: 'ok', slept: [2000, 5000], scripts: [] });
  });

  test('check mode skips it', async () => {
    expect((await runModule(waitFor, { port: 1 }, { checkMode: true })).status).toBe('skipped');
  });

  test('refuses a port and a path together', async () => {
    expect((await wait({ port: 1, path: '/x' })).result.msg).toBe(
      'port and path parameter can not both be passed to wait_for',
    );
  });
});
