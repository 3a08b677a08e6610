import { describe, expect, test } from 'vitest';
import { type Lookups, NameResolver } from '../../src/transport/ssh/resolve.ts';

const signal = new AbortController().signal;
const ADDRESS = [{ address: '127.0.0.1', family: 4 }];
const never = () => new Promise<never>(() => {});
const unknown = async () => {
  throw new Error('no such name');
};

function resolver(lookups: Partial<Lookups>): NameResolver {
  return new NameResolver({ system: unknown, direct: unknown, ...lookups });
}

describe('NameResolver', () => {
  test('an address is its own, and nobody is asked', async () => {
    expect(await resolver({}).resolve('127.1.2.3', 100, signal)).toEqual([{ address: '127.1.2.3', family: 4 }]);
    expect(await resolver({}).resolve('::1', 100, signal)).toEqual([{ address: '::1', family: 6 }]);
  });

  test('a name of /etc/hosts is found, as the system does', async () => {
    const found = await new NameResolver().resolve('localhost', 5000, signal);
    expect(found.map((each) => each.address)).toContain('127.0.0.1');
  });

  test('a name is looked up once, however many hosts bear it', async () => {
    let count = 0;
    const names = resolver({
      system: async () => {
        count++;
        return ADDRESS;
      },
    });
    await Promise.all([names.resolve('web', 1000, signal), names.resolve('web', 1000, signal)]);
    await names.resolve('web', 1000, signal);
    expect(count).toBe(1);
  });

  test('a name that nobody knows is asked for again the next time', async () => {
    let count = 0;
    const names = resolver({
      system: async () => {
        if (count++ === 0) throw new Error('not yet');
        return ADDRESS;
      },
    });
    await expect(names.resolve('web', 1000, signal)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      phase: 'resolve',
      message: "Host name 'web' not found",
    });
    expect(await names.resolve('web', 1000, signal)).toEqual(ADDRESS);
  });

  test('ten names that hang take two threads at most and end at the deadline, and others do not wait for them', async () => {
    const atSystem: string[] = [];
    const names = resolver({
      system: (name) => {
        atSystem.push(name);
        return never();
      },
      direct: (name) => (name === 'good' ? Promise.resolve(ADDRESS) : never()),
    });
    const dead = Array.from({ length: 10 }, (_, index) => names.resolve(`dead${index}`, 2000, signal));
    const ended = Promise.allSettled(dead);
    const startedMs = performance.now();
    expect(await names.resolve('good', 2000, signal)).toEqual(ADDRESS);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    expect(atSystem).toHaveLength(2);
    for (const each of await ended) {
      expect(each).toMatchObject({ reason: { code: 'CONNECT_TIMEOUT', phase: 'resolve' } });
    }
  });

  test('a name that only the system knows is waited for while DNS denies it', async () => {
    const names = resolver({
      system: () => new Promise((resolve) => setTimeout(resolve, 700, ADDRESS)),
    });
    expect(await names.resolve('printer.local', 5000, signal)).toEqual(ADDRESS);
  });

  test('a signal ends the wait at once', async () => {
    const controller = new AbortController();
    const waiting = resolver({ system: never, direct: never }).resolve('slow', 60_000, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED', phase: 'resolve' });
  });
});
