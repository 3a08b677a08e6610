import { describe, expect, test } from 'vitest';
import { splitWords } from '../../src/util/split-words.ts';

const texts = (line: string) => {
  const words = splitWords(line);
  return typeof words === 'string' ? words : words.map((word) => word.text);
};

describe('splitWords', () => {
  // What Python's shlex.split gives for the same lines.
  test.each([
    ['', []],
    ['  a\tb\nc ', ['a', 'b', 'c']],
    ['a "b  c" \'d e\'', ['a', 'b  c', 'd e']],
    ['a"b"\'c\'d', ['abcd']],
    ['"" \'\'', ['', '']],
    ['a\\ b \\" \\\\', ['a b', '"', '\\']],
    ['"a\\"b\\\\c\\d\\$"', ['a"b\\c\\d\\$']],
    ["'a\\b'", ['a\\b']],
    ['echo # not a comment', ['echo', '#', 'not', 'a', 'comment']],
  ])('splits %j', (line, words) => {
    expect(texts(line)).toEqual(words);
  });

  test('says why a line cannot be split', () => {
    expect(texts('a "b')).toBe('unclosed quote');
    expect(texts("a 'b")).toBe('unclosed quote');
    expect(texts('a\\')).toBe('backslash at the end');
  });

  test('knows where the text behind a word begins', () => {
    const line = "'my file'  a 'b'";
    const words = splitWords(line);
    expect(typeof words === 'string' ? words : line.slice(words[0]?.endOffset)).toBe("  a 'b'");
  });
});
