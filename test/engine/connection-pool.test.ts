import { describe, expect, it } from 'vitest';
import { ConnectionPool } from '../../src/engine/connection-pool.ts';
import { TransportError } from '../../src/errors.ts';
import type { Connection, Target, Transport } from '../../src/transport/types.ts';
import { testTarget } from '../transport/targets.ts';
import { deferred, runText } from './scripted-fleet.ts';

const signal = new AbortController().signal;

function countingTransport(connect: (count: number) => Partial<Connection> = () => ({})) {
  let count = 0;
  let closedCount = 0;
  const close = async () => void closedCount++;
  const transport: Transport = {
    kind: 'ssh',
    connect: async () => ({ isOpen: true, close, ...connect(++count) }) as Connection,
    close: async () => {},
  };
  const pool = new ConnectionPool({ ssh: transport, local: transport });
  const get = (changes: Partial<Target> = {}) => pool.use(testTarget(changes), signal, async (it) => it);
  return { pool, get, count: () => count, closedCount: () => closedCount };
}

describe('ConnectionPool', () => {
  it('opens one connection however many ask at once', async () => {
    const { get, count } = countingTransport();
    const [a, b] = await Promise.all([get(), get()]);
    expect(a).toBe(b);
    expect(count()).toBe(1);
  });

  it('opens a lost one anew, and one a user', async () => {
    const { get, count } = countingTransport((n) => ({ isOpen: n > 1 }));
    await get();
    await get();
    await get({ user: 'other' });
    expect(count()).toBe(3);
  });

  it('a failed connect is tried again by the next task', async () => {
    const { get, count } = countingTransport((n) => {
      if (n === 1) throw new TransportError('CONNECT_REFUSED', 'refused');
      return {};
    });
    await expect(get()).rejects.toMatchObject({ code: 'CONNECT_REFUSED' });
    await expect(get()).resolves.toBeDefined();
    expect(count()).toBe(2);
  });

  it('a kind that the run has no transport for is a failure of the host', async () => {
    const using = new ConnectionPool({}).use(testTarget({}), signal, async () => {});
    await expect(using).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });

  it('closes the connections of a host that leaves, all its users', async () => {
    const { pool, get, closedCount } = countingTransport();
    await get({ name: 'a' });
    await get({ name: 'a', user: 'other' });
    await get({ name: 'b' });
    pool.leave('a');
    await pool.close();
    expect(closedCount()).toBe(3);
  });

  it('a connection in use is closed only when the last task that uses it has ended', async () => {
    const { pool, get, count, closedCount } = countingTransport();
    const [first, second] = [deferred(), deferred()];
    const both = [first, second].map(({ promise }) => pool.use(testTarget({}), signal, () => promise));
    pool.leave('testhost');
    first.resolve();
    await both[0];
    await new Promise(setImmediate);
    expect(closedCount()).toBe(0);
    second.resolve();
    await both[1];
    await new Promise(setImmediate);
    expect(closedCount()).toBe(1);
    await get();
    expect(count()).toBe(2);
  });
});

describe('the connections of a run', () => {
  it('are closed host by host as each is through, not all at the end', async () => {
    const { closes } = await runText(
      `
- hosts: all
  tasks:
    - shell: 'one'
    - shell: 'two'
`,
      { forks: 1 },
    );
    expect(closes).toEqual(['web1 after 4 commands', 'web2 after 5 commands', 'web3 after 6 commands']);
  });

  it('stay open for handlers, and for the plays that follow', async () => {
    const { closes, connects } = await runText(
      `
- hosts: all
  tasks:
    - shell: 'one'
      notify: again
  handlers:
    - name: again
      shell: 'two'
- hosts: web1
  tasks:
    - shell: 'three'
`,
      { hosts: 'web1,web2,' },
    );
    expect(connects).toEqual(['web1', 'web2']);
    expect(closes).toEqual(['web1 after 5 commands', 'web2 after 5 commands']);
  });

  it('are opened anew for a task that another host delegates to one that is through', async () => {
    const { closes, connects, result } = await runText(
      `
- hosts: all
  strategy: free
  tasks:
    - shell: 'one'
    - shell: 'two'
      delegate_to: web1
`,
      { hosts: 'web1,web2,', forks: 1 },
    );
    expect(result.exitCode).toBe(0);
    expect(connects).toEqual(['web1', 'web2', 'web1']);
    expect(closes).toHaveLength(3);
  });
});

describe('a pool that may keep few connections open', () => {
  it('works with more hosts than it may hold, and never has more open', async () => {
    let openCount = 0;
    let mostOpen = 0;
    const transport: Transport = {
      kind: 'ssh',
      connect: async () => {
        mostOpen = Math.max(mostOpen, ++openCount);
        await new Promise(setImmediate);
        const close = async () => {
          await new Promise(setImmediate);
          openCount--;
        };
        return { isOpen: true, close } as Connection;
      },
      close: async () => {},
    };
    const pool = new ConnectionPool({ ssh: transport }, 5);
    const names = Array.from({ length: 40 }, (_, index) => `host${index}`);
    const visited: string[] = [];
    for (const _task of ['first', 'second', 'third']) {
      await Promise.all(
        names.map((name) =>
          pool.use(testTarget({ name }), signal, async () => {
            visited.push(name);
            await new Promise(setImmediate);
          }),
        ),
      );
    }
    expect(visited.toSorted()).toEqual([...names, ...names, ...names].toSorted());
    expect(mostOpen).toBe(5);
    await pool.close();
    expect(openCount).toBe(0);
  });

  it('counts failed, lost and reset connections no more', async () => {
    let count = 0;
    const transport: Transport = {
      kind: 'ssh',
      connect: async ({ name }) => {
        count++;
        if (name === 'down') throw new TransportError('CONNECT_REFUSED', 'refused');
        return { isOpen: name !== 'lost', close: async () => {} } as Connection;
      },
      close: async () => {},
    };
    const pool = new ConnectionPool({ ssh: transport }, 1);
    const use = (name: string) => pool.use(testTarget({ name }), signal, async (it) => it);
    for (const name of ['down', 'lost', 'down', 'lost', 'good']) await use(name).catch(() => {});
    await pool.reset('good');
    await use('good');
    pool.leave('good');
    expect(await use('other')).toBeDefined();
    expect(count).toBe(9);
  });

  it('whoever waits for room is told of an interrupt', async () => {
    const { pool } = countingTransport();
    const tight = new ConnectionPool(
      {
        ssh: {
          kind: 'ssh',
          connect: async () => ({ isOpen: true, close: async () => {} }) as Connection,
          close: async () => {},
        },
      },
      1,
    );
    const hold = deferred();
    const using = tight.use(testTarget({ name: 'a' }), signal, () => hold.promise);
    const controller = new AbortController();
    const waiting = tight.use(testTarget({ name: 'b' }), controller.signal, async () => {});
    await new Promise(setImmediate);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED', phase: 'connect' });
    hold.resolve();
    await using;
    await Promise.all([tight.close(), pool.close()]);
  });
});
