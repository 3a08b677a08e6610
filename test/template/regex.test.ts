import { describe, expect, it } from 'vitest';
import { evaluate, templateErrorOf } from './helpers.ts';

describe('patterns that JavaScript would match otherwise are refused', () => {
  it.each([
    [String.raw`'b' | regex_search('(a)?b\\1')`, 'may take no part'],
    [String.raw`'b' | regex_search('(?:(a)|b)\\1')`, 'may take no part'],
    ["'b' | regex_search('(?P<x>a)*b(?P=x)')", 'may take no part'],
    ["'ab' | regex_findall('(?:(a)|b)+')", 'optional inside of a repetition'],
    [String.raw`'ab' | regex_search('(?:(a)|b)+', '\\1')`, 'optional inside of a repetition'],
    [String.raw`'ab' | regex_replace('(?:(a)|b)+', '\\1')`, 'optional inside of a repetition'],
    ["'a' | regex_search('(?x)a')", "The flag 'x'"],
    ["'a' | regex_search('(?a)a')", "The flag 'a'"],
    ["'a' | regex_search('(?<x>a)')", "write '(?P<name>"],
    ["'a' | regex_search('(a)(?(1)b|c)')", 'is not supported'],
    ["'a' | regex_search('(?>a)')", 'is not supported'],
    ["'a' | regex_search('a++')", 'no regular expression here'],
    [String.raw`'a' | regex_search('\\y')`, 'no regular expression here'],
  ])('%s', (text, message) => {
    const error = templateErrorOf(() => evaluate(text));
    expect([error.message, error.hint].join(' ')).toContain(message);
  });

  it('but not where the groups are not read', () => {
    expect(evaluate("'ab' | regex_search('(?:(a)|b)+')")).toBe('ab');
    expect(evaluate("'ab' is match('((a)|b)+')")).toBe(true);
    expect(evaluate("'abab' | regex_findall('(?:(a)b)+')")).toEqual(['a']);
  });
});
