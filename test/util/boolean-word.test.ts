import { expect, test } from 'vitest';
import { toBoolean } from '../../src/util/boolean-word.ts';

test.each([true, 'true', 'TRUE', 'yes', 'Y', 't', 'on', '1', ' yes ', 1, '1.0'])('%j means yes', (word) => {
  expect(toBoolean(word)).toBe(true);
});

test.each([false, 'false', 'No', 'n', 'F', 'off', '0', 0, '0.0'])('%j means no', (word) => {
  expect(toBoolean(word)).toBe(false);
});

test.each(['', 'maybe', '2', 2, 'yess', null, undefined, '10', '1.00', []])('%j means neither', (word) => {
  expect(toBoolean(word)).toBeUndefined();
});
