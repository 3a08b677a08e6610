import { describe, expect, it } from 'vitest';
import { safeLine, safeText } from '../../src/report/safe-text.ts';

describe('safeText', () => {
  it.each([
    ['\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['50%\r100%', '50%\\r100%'],
    ['a\u009bb\u007f\u0000', 'a\\x9bb\\x7f\\x00'],
    ['rm \u202etxt.exe', 'rm \\u202etxt.exe'],
    ['one\r\ntwo\tthree', 'one\ntwo\tthree'],
    ['grüße 日本 👍', 'grüße 日本 👍'],
  ])('shows %j as %j', (text, safe) => {
    expect(safeText(text)).toBe(safe);
  });
});

describe('safeLine', () => {
  it('puts everything on one line', () => {
    expect(safeLine(' a\nb\tc \n')).toBe('a\\nb c');
  });

  it('cuts what is too long', () => {
    expect(safeLine('abcdef', 4)).toBe('abc…');
    expect(safeLine('abcd', 4)).toBe('abcd');
  });
});
