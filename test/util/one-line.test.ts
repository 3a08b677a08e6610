import { expect, test } from 'vitest';
import { oneLine } from '../../src/util/one-line.ts';

test('joins lines, whatever ends them, and drops blank ones', () => {
  expect(oneLine('\r\nfirst  \r\n\n  second\n')).toBe('first; second');
  expect(oneLine(' \n ')).toBe('');
});
