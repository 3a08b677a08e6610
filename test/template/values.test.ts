import { describe, expect, it } from 'vitest';
import {
  chainScope,
  evaluateDeep,
  LazyDict,
  PyFloat,
  scopeOf,
  Tuple,
  toPlain,
  toText,
  truthy,
  Undefined,
} from '../../src/template/index.ts';
import { Secret } from '../../src/util/secret.ts';
import { evaluate, render } from './helpers.ts';

describe('toText', () => {
  it("gives Python's str()", () => {
    expect(toText(true)).toBe('True');
    expect(toText(null)).toBe('None');
    expect(toText(new PyFloat(1))).toBe('1.0');
    expect(toText(0.1)).toBe('0.1');
    expect(toText(1e-7)).toBe('1e-07');
    expect(toText([1, 'a', { k: [null] }])).toBe("[1, 'a', {'k': [None]}]");
    expect(toText(["it's", 'a\n\u0000é'])).toBe(`["it's", 'a\\n\\x00é']`);
    expect(toText(2n ** 64n)).toBe('18446744073709551616');
    expect(toText(new Map([[1, 2]]))).toBe('{1: 2}');
    expect(toText(evaluate('(1,)'))).toBe('(1,)');
  });

  it('never shows a secret', () => {
    expect(render('-{{ p }}-{{ [p] }}', { p: new Secret('hunter2') })).toBe('-[REDACTED]-[[REDACTED]]');
    expect(evaluate('{"p": p} | to_json', { p: new Secret('hunter2') })).toBe('{"p": "[REDACTED]"}');
  });
});

describe('truthy', () => {
  it("is Python's truth", () => {
    expect([0, '', null, false, [], {}, new Map(), new PyFloat(0)].some(truthy)).toBe(false);
    expect([1, 'a', true, [0], { a: 0 }, Number.NaN, new PyFloat(1)].every(truthy)).toBe(true);
    expect(() => truthy(new Undefined('x'))).toThrow('x');
  });
});

describe('toPlain', () => {
  it('keeps an int beyond 2^53 exact, as text', () => {
    expect(toPlain([2n ** 70n, 2 ** 53 - 1])).toEqual(['1180591620717411303424', 9_007_199_254_740_991]);
  });

  it('makes JSON data of every value', () => {
    const value = evaluate("{'f': 1.0, 't': (1, 2), 1: none, true: 'x', '__proto__': 3}");
    const plain = toPlain(value);
    expect(JSON.stringify(plain)).toBe('{"1":"x","f":1,"t":[1,2],"__proto__":3}');
    expect(toPlain(Tuple.from([1]))).toEqual([1]);
  });

  it('refuses undefined values inside', () => {
    expect(() => toPlain([new Undefined('gone')])).toThrow('gone');
  });
});

describe('order of keys', () => {
  it('is the order of writing, also for keys that look like numbers', () => {
    expect(toText(evaluate("{'b': 1, '1': 2, 'a': 3}"))).toBe("{'b': 1, '1': 2, 'a': 3}");
    expect(evaluate("({'b': 1, '1': 2}).keys()")).toEqual(['b', '1']);
  });
});

describe('evaluateDeep', () => {
  const scope = scopeOf({ a: 1, k: 'key', t: '{{ a }}' });

  it('evaluates values and keys at any depth and shares what has no template', () => {
    const plain = { x: [1, 2] };
    const result = evaluateDeep({ '{{ k }}': ['{{ a }}', 'b{{ a }}'], plain }, scope);
    expect(result).toEqual({ key: [1, 'b1'], plain });
    expect((result as { plain: unknown }).plain).toBe(plain);
  });

  it('gives back the same structure when nothing is to be done', () => {
    const value = { a: [{ b: 'c' }] };
    expect(evaluateDeep(value, scope)).toBe(value);
  });

  it('does not evaluate what a template gave', () => {
    expect(evaluateDeep(['{{ t }}'], scope)).toEqual(['{{ a }}']);
  });
});

describe('scopes', () => {
  it('the first scope hides the second', () => {
    const scope = chainScope(scopeOf({ a: 1, n: null }), scopeOf({ a: 2, b: 3, n: 4 }));
    expect(['a', 'b', 'n', 'c'].map((name) => scope.get(name))).toEqual([1, 3, null, undefined]);
    expect([...scope.names()]).toEqual(['a', 'n', 'b']);
    expect(scope.has('c')).toBe(false);
  });
});

describe('lazy dicts', () => {
  it('compute only what is read', () => {
    const computed: string[] = [];
    class Hosts extends LazyDict {
      get(key: string): unknown {
        if (!['a', 'b'].includes(key)) return undefined;
        computed.push(key);
        return { ip: `10.0.0.${key}` };
      }
      keys(): string[] {
        return ['a', 'b'];
      }
    }
    expect(evaluate("hostvars['b'].ip ~ hostvars.keys() | length ~ ('c' in hostvars)", { hostvars: new Hosts() })).toBe(
      '10.0.0.b2False',
    );
    expect(computed).toEqual(['b']);
  });
});
