import { describe, expect, it, vi } from 'vitest';
import { compileTemplateFile, scopeOf } from '../../src/template/index.ts';
import { evaluate, render, templateErrorOf } from './helpers.ts';

// The limit on an evaluation is 10 s; what is refused for its size must be refused before, on a busy machine too.
const QUICK_MS = 9_000;

function refusalOf(run: () => unknown): { message: string; durationMs: number } {
  const startedMs = performance.now();
  const { message } = templateErrorOf(run);
  return { message, durationMs: performance.now() - startedMs };
}

describe('a template cannot take up the machine', () => {
  it.each([
    ['range(10 ** 9) | length', 'at most 1000000 items'],
    ["'x' * 10 ** 9", 'at most 10485760 characters'],
    ['[0] * 10 ** 9', 'at most 1000000 items'],
    ['2 ** (10 ** 9)', 'at most 65536 bits'],
    ['([[0] * 1000000] * 1000000) | string', 'at most 10485760 characters'],
    ['([[0] * 1000000] * 1000000) | to_json', 'at most 10485760 characters'],
    ['([[0] * 100000] * 100000) | to_nice_json', 'at most 10485760 characters'],
    ['([[0] * 10000] * 10000) | to_yaml', 'at most 10485760 characters'],
    ['([[0] * 100000] * 100000) | flatten', 'at most 1000000 items'],
    ['([[0] * 100000] * 100000) | sum(start=[])', 'at most 1000000 items'],
    ["(['x' * 1000000] * 1000) | join", 'at most 10485760 characters'],
    ["'x' | center(10 ** 9)", 'at most'],
    ["'x'.zfill(10 ** 9)", 'at most'],
    ["'%1000000000d' % 1", 'at most'],
    ["'{:>1000000000}'.format(1)", 'at most'],
    ["'x' | indent(10 ** 9, true)", 'at most'],
    ['[1] | to_nice_json(10 ** 9)', 'at most'],
    ["('a' * 1000000) | replace('a', 'b' * 1000)", 'at most'],
    ["('a' * 10000) | regex_replace('a', 'b' * 10000)", 'at most'],
    ['range(100) | combinations(50)', 'at most 1000000 items'],
    ['range(100) | permutations', 'at most 1000000 items'],
    ['range(1000) | product(range(1000), range(1000))', 'at most 1000000 items'],
    ["query('nested', range(1000), range(1000), range(1000))", 'at most 1000000 items'],
    ["'x' | password_hash(rounds=999999999)", 'rounds'],
    ['[] | slice(10 ** 9)', 'at most'],
  ])('%s', (text, message) => {
    const refusal = refusalOf(() => evaluate(text));
    expect(refusal.message).toContain(message);
    expect(refusal.durationMs).toBeLessThan(QUICK_MS);
  });

  it.each([
    '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
    '{% for x in [[]] recursive %}{{ loop([x]) }}{% endfor %}',
    '{% block b %}{{ self.b() }}{% endblock %}',
    '{% macro m() %}{% call m() %}{% endcall %}{{ caller }}{% endmacro %}{{ m() }}',
  ])('%s', (text) => {
    const refusal = refusalOf(() => compileTemplateFile(text, 'f').evaluate(scopeOf({})));
    expect(refusal.message).toContain('calls itself more than 100 deep');
    expect(refusal.durationMs).toBeLessThan(QUICK_MS);
  });

  it('a text may not put out more than 10 MiB in all', () => {
    const text = "{% for x in range(100) %}{{ 'x' * 1000000 }}{% endfor %}";
    expect(refusalOf(() => render(text)).message).toContain('at most 10485760 characters');
  });

  it.each([
    '{% for a in range(10000) %}{% for b in range(10000) %}{% set c = a * b %}{% endfor %}{% endfor %}',
    '{% set ns = namespace(n=0) %}{% for a in range(1000000) %}{% set ns.n = range(1000000) | sum %}{% endfor %}',
    "{{ range(1000000) | map('string') | map('length') | select('in', range(1000000)) | list | length }}",
  ])(
    '%s ends with an error when its time is over',
    (text) => {
      // A clock that runs fast, so that the ten seconds are over soon.
      const now = performance.now.bind(performance);
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() * 50);
      try {
        expect(templateErrorOf(() => render(text)).message).toContain('to end within 10 s');
      } finally {
        clock.mockRestore();
      }
    },
    30_000,
  );

  it.each([
    "x | regex_search('^(a+)+$')",
    "x | regex_replace('(a|aa)+$', 'b')",
    "x | regex_findall('(a*)*c')",
    "x is match('(a|a?)+$')",
    String.raw`x | regex_search('(a+)+\\1c')`,
    'y | regex_search(p)',
  ])('%s is stopped', (text) => {
    const data = { x: `${'a'.repeat(50)}b`, y: 'a'.repeat(20_000), p: '.*.*.*x' };
    const refusal = refusalOf(() => evaluate(text, data));
    expect(refusal.message).toContain('took more than 1000 ms');
    expect(refusal.durationMs).toBeLessThan(QUICK_MS);
  });

  it('a pattern that was stopped three times is not tried again', () => {
    const text = "x | regex_search('^(a+?)+$')";
    const messages = Array.from({ length: 4 }, (_, i) => `${'a'.repeat(50 + i)}b`).map(
      (x) => templateErrorOf(() => evaluate(text, { x })).message,
    );
    expect(messages.slice(0, 3).map((message) => message.includes('took more than 1000 ms'))).toEqual([
      true,
      true,
      true,
    ]);
    expect(messages[3]).toContain("The regular expression '^(a+?)+$' took too long 3 times and is not tried again");
  });

  it('a pattern that is stopped leaves the next one alone', () => {
    templateErrorOf(() => evaluate("x | regex_search('^(a+)+$')", { x: `${'a'.repeat(50)}b` }));
    expect(evaluate("'aab' | regex_search('(a+)+')")).toBe('aa');
    expect(evaluate("'a1b22' | regex_findall('[0-9]+')")).toEqual(['1', '22']);
  });
});

describe('nothing of JavaScript can be reached', () => {
  const data = { d: { k: 1 }, l: [1], s: 'text', n: 5, f: 1.5, rows: [{ k: 1 }] };
  it.each(
    ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'].flatMap(
      (name) => [
        `d.${name}`,
        `d['${name}']`,
        `l.${name}`,
        `s.${name}`,
        `n.${name}`,
        `f.${name}`,
        `(1, 2).${name}`,
        `namespace(a=1).${name}`,
        `cycler(1).${name}`,
        `cycler(1).next.${name}`,
        `now().${name}`,
        `lookup.${name}`,
        `s.upper.${name}`,
        `(s is string).${name}`,
        `none.${name}`,
        `d | attr('${name}')`,
        `rows | map(attribute='${name}') | first`,
        `rows[0] | extract({'a': 1}) if false else d.${name}`,
        `l.append.${name}`,
        `range(3).${name}`,
      ],
    ),
  )('%s is undefined', (text) => {
    expect(evaluate(`(${text}) is defined`, data)).toBe(false);
  });

  it('format and lookups by name see only what is there', () => {
    expect(() => evaluate("'{0.constructor}'.format(d)", data)).toThrow(/no 'constructor'/);
    expect(() => evaluate("lookup('vars', '__proto__')", data)).toThrow(/no variable '__proto__'/);
    expect(evaluate('constructor is defined')).toBe(false);
    expect(evaluate('__proto__ is defined')).toBe(false);
    expect(() => evaluate("{} | combine({'__proto__': {'x': 1}}) | dict2items | map('constructor')")).toThrow();
  });

  it('a key named __proto__ is a key like any other', () => {
    expect(evaluate("{'__proto__': {'x': 1}}['__proto__'].x")).toBe(1);
    expect(evaluate("({'a': 1} | combine({'__proto__': {'x': 1}})).x is defined")).toBe(false);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(evaluate('\'{"__proto__": {"x": 1}}\' | from_json | length')).toBe(1);
    expect(evaluate("('__proto__: {x: 1}' | from_yaml).x is defined")).toBe(false);
  });
});
