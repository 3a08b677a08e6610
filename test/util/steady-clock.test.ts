import { afterEach, expect, test, vi } from 'vitest';
import { createSteadyClock } from '../../src/util/steady-clock.ts';

afterEach(() => vi.restoreAllMocks());

test('begins with the time of day, and does not follow a clock that is set', async () => {
  const beforeMs = Date.now();
  const nowMs = createSteadyClock();
  const firstMs = nowMs();
  expect(firstMs).toBeGreaterThanOrEqual(beforeMs - 1);
  expect(firstMs).toBeLessThan(beforeMs + 1000);
  vi.spyOn(Date, 'now').mockReturnValue(beforeMs - 3_600_000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const passedMs = nowMs() - firstMs;
  expect(passedMs).toBeGreaterThanOrEqual(28);
  expect(passedMs).toBeLessThan(5000);
});
