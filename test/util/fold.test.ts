import { describe, expect, it } from 'vitest';
import { expandHosts, foldHosts } from '../../src/util/fold.ts';

describe('foldHosts', () => {
  it.each([
    [[], ''],
    [['db1'], 'db1'],
    [['web01', 'web02', 'web03', 'db1'], 'web[01-03],db1'],
    [['web9', 'web10'], 'web[9-10]'],
    [['web09', 'web10'], 'web[09-10]'],
    [['web10', 'web09'], 'web[09-10]'],
    [['web1', 'web01', 'web10'], 'web1,web[01,10]'],
    [['web999', 'web1000', 'web001'], 'web[001,999-1000]'],
    [['a3', 'a1', 'a2', 'a2'], 'a[1-3]'],
    [['a1', 'a2', 'a5', 'a7', 'a8'], 'a[1-2,5,7-8]'],
    [['10.0.0.1', '10.0.0.2', '10.0.1.1'], '10.0.0.[1-2],10.0.1.1'],
    [['node1.dc1.example.com', 'node2.dc1.example.com'], 'node[1-2].dc1.example.com'],
    [['node1.dc1.example.com', 'node1.dc2.example.com'], 'node1.dc[1-2].example.com'],
    [['n1.dc1', 'n2.dc1', 'n1.dc2', 'n2.dc2'], 'n[1-2].dc1,n[1-2].dc2'],
    [['rack1-web01', 'rack1-web02', 'rack2-web01'], 'rack1-web[01-02],rack2-web01'],
    [['alpha', 'beta'], 'alpha,beta'],
    [['a,b', 'web1'], '"a,b",web1'],
    [['web[1]', 'web1'], '"web[1]",web1'],
  ])('folds %j to %s', (names, folded) => {
    expect(foldHosts(names)).toBe(folded);
    expect(expandHosts(folded).toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it('gives the same parts whatever the order of the names', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 200; round++) {
      const names = randomNames(random);
      const shuffled = names.toSorted(() => random() - 0.5);
      expect(new Set(expandHosts(foldHosts(shuffled)))).toEqual(new Set(expandHosts(foldHosts(names))));
      expect(foldHosts(shuffled).length).toBe(foldHosts(names).length);
    }
  });

  it('is undone by expandHosts for any set of names', () => {
    const random = seededRandom(42);
    for (let round = 0; round < 1000; round++) {
      const names = randomNames(random);
      expect(expandHosts(foldHosts(names)).toSorted()).toEqual([...new Set(names)].toSorted());
    }
  });

  it('folds ten thousand names into one range', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `web${String(i).padStart(5, '0')}.dc1.example.com`);
    expect(foldHosts(names)).toBe('web[00000-09999].dc1.example.com');
  });

  it('keeps numbers of any length exact', () => {
    const names = ['id900719925474099312345', 'id900719925474099312346'];
    expect(expandHosts(foldHosts(names))).toEqual(names);
  });
});

describe('expandHosts', () => {
  it.each(['web[1-3', 'web1-3]', '"web1', 'web[a-c]', 'web[]', 'web1,,web2', 'web1,', 'web[1-99999999]'])(
    'refuses %s and says what is wrong',
    (text) => {
      expect(() => expandHosts(text)).toThrow(/Expected folded host names such as web\[01-40\],db1, got/);
    },
  );
});

function randomNames(random: () => number): string[] {
  const pieces = ['web', 'db', '-', '.', '1', '01', '9', '10', '099', '100', 'dc', 'x[', ']', ',', '"', ' ', '\\', '0'];
  const pick = () => pieces[Math.floor(random() * pieces.length)] ?? 'web';
  const name = () => Array.from({ length: 1 + Math.floor(random() * 5) }, pick).join('');
  return Array.from({ length: 1 + Math.floor(random() * 30) }, name);
}

// mulberry32
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
