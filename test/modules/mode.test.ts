import { describe, expect, test } from 'vitest';
import { resolveMode } from '../../src/modules/mode.ts';

const UMASK = 0o022;
const file = (mode: number) => ({ mode, isDirectory: false });

describe('resolveMode', () => {
  test.each([
    ['0644', 0, '644'],
    ['644', 0, '644'],
    ['0o755', 0, '755'],
    ['01777', 0, '1777'],
    ['u=rwx,go=rx', 0, '755'],
    ['a+x', 0o644, '755'],
    ['+x', 0o600, '711'],
    ['+w', 0o444, '644'],
    ['u+x,g-w,o=', 0o666, '740'],
    ['g=u', 0o640, '660'],
    ['u=g', 0o640, '440'],
    ['a=r', 0o777, '444'],
    ['u+s,g+s', 0o755, '6755'],
    ['+t', 0o777, '1777'],
    ['u=rwx', 0o4755, '755'],
    ['u+r-w', 0o200, '400'],
    ['a+X', 0o644, '644'],
    ['a+X', 0o744, '755'],
  ])('%s on %s', (mode, current, expected) => {
    expect(resolveMode(mode, file(current), UMASK).toString(8)).toBe(expected);
  });

  test('X is x for a directory', () => {
    expect(resolveMode('a+X', { mode: 0o600, isDirectory: true }, UMASK).toString(8)).toBe('711');
  });

  test('a number is the bits themselves', () => {
    expect(resolveMode(0o640, file(0), UMASK)).toBe(0o640);
  });

  test.each(['', 'abc', 'u+q', 'x=r', '0999', '77777', 'u', 'rwxr-xr-x', -1, 0o10000, 1.5])('refuses %j', (mode) => {
    expect(() => resolveMode(mode, file(0), UMASK)).toThrow(/^mode must be in octal or symbolic form, found /);
  });
});
