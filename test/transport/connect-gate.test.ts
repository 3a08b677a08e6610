import { describe, expect, test } from 'vitest';
import { ConnectGate, type ConnectTurn } from '../../src/transport/connect-gate.ts';

const signal = new AbortController().signal;
const settled = () => new Promise(setImmediate);

/** Asks for a place and notes who got one. */
function asker(gate: ConnectGate) {
  const turns = new Map<string, ConnectTurn>();
  const ask = (name: string, jump?: string) => void gate.enter(signal, jump).then((turn) => turns.set(name, turn));
  return { ask, turns, names: () => [...turns.keys()] };
}

describe('ConnectGate', () => {
  test('lets so many in, and the next in order when one leaves', async () => {
    const { ask, turns, names } = asker(new ConnectGate({ atOnce: 2, atOncePerJump: 9 }));
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    await settled();
    expect(names()).toEqual(['a', 'b']);
    turns.get('b')?.leave();
    turns.get('b')?.leave();
    await settled();
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  test('a jump host that is full holds up nobody else', async () => {
    const { ask, turns, names } = asker(new ConnectGate({ atOnce: 3, atOncePerJump: 1 }));
    ask('one', 'bastion');
    ask('two', 'bastion');
    ask('other', 'gateway');
    ask('direct');
    await settled();
    expect(names()).toEqual(['one', 'other', 'direct']);
    turns.get('one')?.leave();
    await settled();
    expect(names()).toEqual(['one', 'other', 'direct', 'two']);
  });

  test('a silent host gives its place to another, but not the one at its jump host', async () => {
    const { ask, turns, names } = asker(new ConnectGate({ atOnce: 1, atOncePerJump: 1 }));
    ask('silent', 'bastion');
    ask('behind', 'bastion');
    ask('direct');
    await settled();
    turns.get('silent')?.fallSilent();
    await settled();
    expect(names()).toEqual(['silent', 'direct']);
    turns.get('silent')?.leave();
    await settled();
    expect(names()).toEqual(['silent', 'direct']);
    turns.get('direct')?.leave();
    await settled();
    expect(names()).toEqual(['silent', 'direct', 'behind']);
  });

  test('begins no more connections in a second than it may', async () => {
    const gate = new ConnectGate({ atOnce: 100, atOncePerJump: 100, perSecond: 20 });
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: 11 }, () => gate.enter(signal)));
    // Ten intervals of 50 ms lie between eleven connections; a late timer is made up for by one of them at most.
    expect(performance.now() - startedMs).toBeGreaterThan(440);
  });

  test('a signal ends the wait, and the place goes to another', async () => {
    const gate = new ConnectGate({ atOnce: 1, atOncePerJump: 1 });
    const first = await gate.enter(signal);
    const controller = new AbortController();
    const waiting = gate.enter(controller.signal);
    const next = gate.enter(signal);
    controller.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(gate.enter(controller.signal)).rejects.toThrow('over');
    first.leave();
    (await next).leave();
  });
});
