import { describe, expect, it } from 'vitest';
import { evaluate, render, templateErrorOf } from './helpers.ts';

describe('names that are not here', () => {
  it.each([
    ['x | win_basename', "The filter 'win_basename' cannot be used: it is for paths of Windows"],
    ["x | map('win_basename')", "The filter 'win_basename' cannot be used: it is for paths of Windows"],
    ["x | json_query('a')", "The filter 'json_query' is of the collection community.general"],
    ['x | ansible.utils.ipaddr', "The filter 'ansible.utils.ipaddr' is of the collection ansible.utils"],
    ['x | my.own.filter', "The filter 'my.own.filter' is of the collection my.own"],
    ['x is ansible.utils.in_network', "The test 'ansible.utils.in_network' is of the collection ansible.utils"],
    ["lookup('url', 'http://x')", "The lookup 'url' cannot be used: all hosts would wait for it"],
    ["lookup('config', 'x')", "The lookup 'config' cannot be used"],
    ["lookup('dig', 'x')", "The lookup 'dig' is of the collection community.general"],
  ])('%s says why', (text, message) => {
    expect(templateErrorOf(() => evaluate(text, { x: ['a'] })).message).toContain(message);
  });

  it.each([
    ['{{ x | uper }}', "Unknown filter 'uper'", "'upper'"],
    ['{{ x is strng }}', "Unknown test 'strng'", "'string'"],
    ["{{ lookup('dictt', x) }}", "Unknown lookup 'dictt'", "'dict'"],
  ])('%s offers the near name before anything runs', (text, message, near) => {
    const error = templateErrorOf(() => render(text));
    expect(error).toMatchObject({ code: 'TEMPLATE_SYNTAX', source: { file: 'site.yml', line: 3 } });
    expect(error.message).toContain(message);
    expect(error.hint).toContain(near);
  });

  it('ansible.legacy and ansible.builtin are the same names', () => {
    expect(evaluate("'a' | ansible.builtin.upper ~ ('b' | ansible.legacy.upper)")).toBe('AB');
  });
});
