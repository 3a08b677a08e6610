import { describe, expect, it } from 'vitest';
import { holds } from '../../src/engine/conditions.ts';
import { dataLayer, LayeredScope } from '../../src/vars/scope.ts';

const magic = { has: () => false, get: () => undefined, names: () => [] };
const source = { file: 'site.yml', line: 1, column: 1 };

function check(text: string, vars: Readonly<Record<string, unknown>>): boolean {
  return holds({ text, source }, new LayeredScope({ magic, layers: [dataLayer('play', vars)] }));
}

describe('conditions that are no booleans', () => {
  it.each([
    ['', false],
    ['false', true],
    [0, false],
    [3, true],
    [[], false],
    [[0], true],
    [null, false],
    [{}, false],
    [{ a: 1 }, true],
  ])('%j counts by the truth of Python: %s', (x, expected) => {
    expect(check('x', { x })).toBe(expected);
  });

  it('a text that braces gave must say true or false', () => {
    expect(check('{{ x }}', { x: 'False' })).toBe(false);
    expect(check('{{ x }}', { x: 'true' })).toBe(true);
    expect(() => check('{{ x }}', { x: 'yes' })).toThrow(/to give true or false, got a text/);
  });

  it('text that looks like a list is text', () => {
    expect(check('x == "[]"', { x: '[]' })).toBe(true);
    expect(check("('[' ~ ']') is string", {})).toBe(true);
  });
});
