import { expect, it } from 'vitest';
import { unreachable } from '../../src/util/unreachable.ts';

it('calls a value that slipped through a bug of ours, and names it', () => {
  expect(() => unreachable('surprise' as never)).toThrow('Internal error: unexpected value "surprise"');
});
