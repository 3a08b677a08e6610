import { describe, expect, test } from 'vitest';
import { type Lookups, NameResolver } from '../../src/transport/ssh/resolve.ts';

const signal = new AbortController().signal;
const ADDRESS = [{ address: '127.0.0.1', family: 4 }];
const never = () => new Promise<never>(() => {});
const unknown = async () => {
  throw new Error('no such name');
};

function resolver(lookups: Partial<Lookups>): NameResolver {
  return new NameResolver({ needsNoDns: () => false, system: unknown, direct: async () => [], ...lookups });
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

  test('names that no server answers for end at the deadline; the system, which would hang, is not asked', async () => {
    const atSystem: string[] = [];
    const names = resolver({
      system: async (name) => {
        atSystem.push(name);
        return ADDRESS;
      },
      direct: (name) => (name === 'good' ? Promise.resolve(ADDRESS) : Promise.reject(new Error('ETIMEOUT'))),
      needsNoDns: (name) => name === 'localhost',
    });
    const dead = Array.from({ length: 10 }, (_, index) => names.resolve(`dead${index}`, 300, signal));
    const ended = Promise.allSettled(dead);
    expect(await names.resolve('good', 300, signal)).toEqual(ADDRESS);
    expect(await names.resolve('localhost', 300, signal)).toEqual(ADDRESS);
    for (const each of await ended) {
      expect(each).toMatchObject({ reason: { code: 'CONNECT_TIMEOUT', phase: 'resolve' } });
    }
    expect(atSystem).toEqual(['good', 'localhost']);
  });

  test('a system that hangs gets two threads at most, and what DNS said is used', async () => {
    const atSystem: string[] = [];
    const names = resolver({
      system: (name) => {
        atSystem.push(name);
        return never();
      },
      direct: async () => ADDRESS,
    });
    const all = Array.from({ length: 10 }, (_, index) => names.resolve(`web${index}`, 5000, signal));
    for (const found of await Promise.all(all)) expect(found).toEqual(ADDRESS);
    expect(atSystem).toHaveLength(2);
  });

  test('a name that only the system knows is waited for while DNS denies it', async () => {
    const names = resolver({
      system: () => new Promise((resolve) => setTimeout(resolve, 700, ADDRESS)),
    });
    expect(await names.resolve('printer', 5000, signal)).toEqual(ADDRESS);
  });

  test('a signal ends the wait at once', async () => {
    const controller = new AbortController();
    const waiting = resolver({ system: never, direct: never }).resolve('slow', 60_000, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED', phase: 'resolve' });
  });

  test('a look-up goes on as long as somebody waits for it, and is given up then', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    let isGivenUp = false;
    const names = resolver({
      direct: (_name, givenUp) => {
        givenUp.addEventListener('abort', () => {
          isGivenUp = true;
        });
        return never();
      },
    });
    const both = [first, second].map((each) => names.resolve('slow', 60_000, each.signal).catch(() => {}));
    first.abort();
    await both[0];
    await new Promise(setImmediate);
    expect(isGivenUp).toBe(false);
    second.abort();
    await both[1];
    await new Promise(setImmediate);
    expect(isGivenUp).toBe(true);
  });
});
