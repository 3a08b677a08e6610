import { describe, expect, test } from 'vitest';
import { splitArgsText } from '../../src/playbook/args-text.ts';

const OPTIONS = new Set(['chdir', 'creates', 'executable']);

function read(text: string, isOption: (name: string) => boolean) {
  const { pairs, rest } = splitArgsText(text, isOption);
  return { pairs: Object.fromEntries([...pairs].map(([name, { value }]) => [name, value])), rest };
}

// Each held against ansible-core 2.14, by what `ansible localhost -m ... -a TEXT` makes of it.
describe('key=value text', () => {
  test.each([
    ['src=a dest="b c"', { src: 'a', dest: 'b c' }],
    ["a='x'  b=2\n c=3", { a: 'x', b: '2', c: '3' }],
    ['a=b=c', { a: 'b=c' }],
    ['a="it\'s" b=', { a: "it's", b: '' }],
    ['x={{ y | d("q r") }}z w=1', { x: '{{ y | d("q r") }}z', w: '1' }],
    ['x="{{ y }} z"', { x: '{{ y }} z' }],
    ['content="a\\nb\\x41"', { content: 'a\nbA' }],
    ['path=C:\\\\temp', { path: 'C:\\temp' }],
    ['a=b"c d"', { a: 'b"c d"' }],
    ['a=1 a=2', { a: '2' }],
    ['a=#x', { a: '#x' }],
  ])('%j', (text, pairs) => {
    expect(read(text, () => true)).toEqual({ pairs, rest: '' });
  });
});

describe('free text with options', () => {
  test.each([
    ['ls -l "a b"', {}, 'ls -l "a b"'],
    ['ls -l creates=/x "a b"', { creates: '/x' }, 'ls -l "a b"'],
    ['chdir=/tmp make CC=gcc', { chdir: '/tmp' }, 'make CC=gcc'],
    ['echo   a   b', {}, 'echo   a   b'],
    ["creates='/a b' ls", { creates: '/a b' }, 'ls'],
    ['echo {{ x y }} chdir={{ a b }}', { chdir: '{{ a b }}' }, 'echo {{ x y }}'],
    ['echo "creates=/x"', {}, 'echo "creates=/x"'],
    ['echo hi\ncreates=/x ls\nfoo', { creates: '/x' }, 'echo hi\nls\nfoo'],
    ['if true; then\n  echo x\nfi\n', {}, 'if true; then\n  echo x\nfi\n'],
    ['executable=/bin/bash set -e; ls | cat', { executable: '/bin/bash' }, 'set -e; ls | cat'],
    ['echo a\\nb', {}, 'echo a\\nb'],
    ['echo =x', {}, 'echo =x'],
  ])('%j', (text, pairs, rest) => {
    expect(read(text, (name) => OPTIONS.has(name))).toEqual({ pairs, rest });
  });

  test('an apostrophe in a comment of a script leaves the script as it is', () => {
    const text = "chdir=/tmp ls # don't\necho creates=x";
    const result = splitArgsText(text, (name) => OPTIONS.has(name));
    expect(result.rest).toBe("ls # don't\necho creates=x");
    expect(result.isUnbalanced).toBe(true);
  });
});

test('each pair knows where its word begins', () => {
  const { pairs } = splitArgsText(' src=a  dest=b', () => true);
  expect([...pairs.values()].map(({ start }) => start)).toEqual([1, 8]);
});
