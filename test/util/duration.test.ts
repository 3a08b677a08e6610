import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationMs } from '../../src/util/duration.ts';

describe('parseDurationMs', () => {
  it.each([
    [90, 90_000],
    [0, 0],
    ['90', 90_000],
    ['1.5', 1500],
    ['250ms', 250],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    [' 7d ', 604_800_000],
    ['2w', 1_209_600_000],
    ['0.5h', 1_800_000],
  ])('reads %j as %d ms', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each(['', 'soon', '5 m', '-5', '5x', 'm5', '1.', -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'does not take %j for a duration',
    (value) => {
      expect(parseDurationMs(value)).toBeUndefined();
    },
  );
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [849.6, '850 ms'],
    [4200, '4.2 s'],
    [59_900, '59.9 s'],
    [200_000, '3m 20s'],
    [3_600_000, '1h 00m'],
    [7_500_000, '2h 05m'],
  ])('writes %d ms as %s', (durationMs, expected) => {
    expect(formatDuration(durationMs)).toBe(expected);
  });

  it('never shows sixty of a unit', () => {
    expect(formatDuration(59_999)).toBe('1m 00s');
    expect(formatDuration(999.7)).toBe('1.0 s');
    expect(formatDuration(3_599_800)).toBe('1h 00m');
  });
});
