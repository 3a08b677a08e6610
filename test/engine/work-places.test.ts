import { describe, expect, it } from 'vitest';
import { SILENT_AFTER_MS, type WorkPlace, WorkPlaces } from '../../src/engine/work-places.ts';
import { FleetmendError, TransportError } from '../../src/errors.ts';
import { deferred, runText } from './scripted-fleet.ts';

const signal = new AbortController().signal;
const settled = () => new Promise(setImmediate);

describe('WorkPlaces', () => {
  it('lets so many work, in the order in which they came', async () => {
    const places = new WorkPlaces(2, 10);
    const begun: number[] = [];
    const ends = [0, 1, 2, 3].map(() => deferred());
    const all = ends.map((end, index) =>
      places.run(async () => {
        begun.push(index);
        await end.promise;
      }),
    );
    await settled();
    expect(begun).toEqual([0, 1]);
    ends[1]?.resolve();
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    for (const end of ends) end.resolve();
    await Promise.all(all);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('a host that connects leaves its place, and comes back before those that have not begun', async () => {
    const places = new WorkPlaces(1, 2);
    const log: string[] = [];
    const dials = ['a', 'b', 'c'].map((name) => ({ name, dial: deferred(), work: deferred() }));
    const all = dials.map(({ name, dial, work }) =>
      places.run(async (place) => {
        log.push(`${name} begins`);
        await place.connect(
          () => dial.promise,
          () => {},
          signal,
        );
        log.push(`${name} works`);
        await work.promise;
      }),
    );
    await settled();
    // Two may connect ahead; the third waits until one of them is through.
    expect(log).toEqual(['a begins', 'b begins']);
    dials[1]?.dial.resolve();
    await settled();
    expect(log).toEqual(['a begins', 'b begins', 'b works']);
    dials[0]?.dial.resolve();
    await settled();
    dials[1]?.work.resolve();
    await settled();
    expect(log.slice(3)).toEqual(['a works']);
    dials[0]?.work.resolve();
    dials[2]?.dial.resolve();
    dials[2]?.work.resolve();
    await Promise.all(all);
    expect(log.slice(3)).toEqual(['a works', 'c begins', 'c works']);
  });

  it('a failure to connect, and a job that throws, give every place back', async () => {
    const places = new WorkPlaces(1, 1);
    const fails = (place: WorkPlace) =>
      place.connect(
        () => Promise.reject(new Error('refused')),
        () => {},
        signal,
      );
    for (let count = 0; count < 3; count++) await expect(places.run(fails)).rejects.toThrow('refused');
    await expect(places.run(() => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
    expect(
      await places.run(async (place) =>
        place.connect(
          async () => 'works',
          () => {},
          signal,
        ),
      ),
    ).toBe('works');
  });

  it('a signal ends the wait for a place', async () => {
    const places = new WorkPlaces(1, 1);
    const controller = new AbortController();
    const hold = deferred();
    const dialled = deferred();
    const waiting = places.run((place) =>
      place.connect(
        () => dialled.promise,
        () => {},
        controller.signal,
      ),
    );
    const working = places.run(() => hold.promise);
    await settled();
    dialled.resolve();
    await settled();
    controller.abort();
    await waiting;
    hold.resolve();
    await working;
    expect(await places.run(async () => 'free')).toBe('free');
  });
});

describe.each(['linear', 'free'])('connecting ahead, strategy %s', (strategy) => {
  const PLAY = `
- hosts: all
  strategy: ${strategy}
  tasks:
    - shell: 'one'
    - shell: 'two'
`;

  it('the first task runs on the first host while the last is still connecting', async () => {
    const last = deferred();
    const ran: string[] = [];
    const run = runText(PLAY, {
      hosts: 'a,b,c,',
      forks: 1,
      beforeConnect: (host) => (host === 'c' ? last.promise : Promise.resolve()),
      answer: (_request, host) => {
        ran.push(host);
        if (ran.filter((each) => each !== 'c').length >= 2) last.resolve();
        return {};
      },
    });
    expect((await run).result.exitCode).toBe(0);
    expect(ran.slice(0, 2)).not.toContain('c');
  });

  it('hosts that never answer hold no place and no other host', async () => {
    const silent = Array.from({ length: 60 }, (_, index) => `silent${index}`);
    const good = Array.from({ length: 100 }, (_, index) => `good${index}`);
    const firstDone = new Set<string>();
    const allGood = deferred();
    const { result, events } = await runText(PLAY, {
      hosts: [...silent, ...good].join(','),
      forks: 50,
      connecting: 20,
      // The silent ones time out when all the others are through with the first task.
      beforeConnect: (host) => (host.startsWith('silent') ? allGood.promise : Promise.resolve()),
      down: Object.fromEntries(silent.map((host) => [host, new TransportError('CONNECT_TIMEOUT', 'silent')])),
      answer: (_request, host) => {
        firstDone.add(host);
        if (firstDone.size === good.length) allGood.resolve();
        return {};
      },
    });
    expect(result.exitCode).toBe(4);
    expect(good.every((host) => result.hosts[host]?.unreachable === 0 && result.hosts[host].ok === 2)).toBe(true);
    expect(silent.every((host) => result.hosts[host]?.unreachable === 1)).toBe(true);
    expect(events.filter((event) => event.type === 'host:result')).toHaveLength(260);
  });
});

describe('an interrupt while hosts connect', () => {
  it('gives each host that does not answer its one result, and starts none of those that merely connect ahead', async () => {
    const controller = new AbortController();
    const bothConnect = deferred();
    const interrupted = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
    const { result, events, resultOf } = await runText('- hosts: all\n  tasks: [{name: one, shell: a}]\n', {
      hosts: 'a,b,c,d,e,',
      forks: 2,
      connecting: 2,
      signal: controller.signal,
      beforeConnect: async (host) => {
        if (host === 'a') return;
        if (host === 'c') bothConnect.resolve();
        await interrupted;
        throw new TransportError('INTERRUPTED', 'Interrupted while connecting', { phase: 'banner' });
      },
      answer: async () => {
        await bothConnect.promise;
        await new Promise((resolve) => setTimeout(resolve, SILENT_AFTER_MS + 100));
        controller.abort(new FleetmendError('INTERRUPTED', 'interrupted by SIGINT'));
        return {};
      },
    });
    expect(result).toMatchObject({ exitCode: 130, notStarted: ['d', 'e'] });
    expect(events.filter((event) => event.type === 'host:start')).toHaveLength(3);
    for (const host of ['b', 'c']) {
      expect(resultOf('one', host)).toMatchObject({
        failure: { kind: 'interrupted', message: 'interrupted by SIGINT', phase: 'banner' },
        result: { phase: 'banner' },
      });
    }
  });
});

describe('the deadline of a host', () => {
  it('stands still while the host is connected and others have all places', async () => {
    const { result, resultOf } = await runText(
      `
- hosts: all
  tasks:
    - name: slow
      shell: 'work'
`,
      {
        hosts: 'a,b,c,',
        forks: 1,
        hostTimeoutMs: 900,
        answer: () => new Promise((resolve) => setTimeout(resolve, 400, {})),
      },
    );
    expect(result.exitCode).toBe(0);
    expect(resultOf('slow', 'c').durationMs).toBeLessThan(1000);
  });
});
