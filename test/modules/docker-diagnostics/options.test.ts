import { expect, test } from 'vitest';
import { DEFAULTS, normalizeOptions } from '../../../src/modules/docker-diagnostics/options.ts';
import { spec } from '../../../src/modules/docker-diagnostics/spec.ts';

test('the defaults that the spec shows are those that are used', () => {
  const shown = Object.entries(spec.args.properties).filter(([, schema]) => schema.default !== undefined);
  expect(Object.fromEntries(shown.map(([name, schema]) => [name, schema.default]))).toEqual({
    ...DEFAULTS,
    engine: 'auto',
  });
  expect(normalizeOptions({})).toMatchObject({
    sinceMs: 1_800_000,
    debugMs: 10_000,
    maxBytes: 20_000_000,
    timeoutMs: 120_000,
  });
});

test('sizes may be text or numbers', () => {
  expect(normalizeOptions({ max_size: '512K' }).maxBytes).toBe(512_000);
  expect(normalizeOptions({ max_size: 200_000 }).maxBytes).toBe(200_000);
});

test.each([
  [{ max_size: 'big' }, "expected `max_size` to be a size from 100KB up, such as 20MB, found 'big'"],
  [{ max_size: '5' }, "expected `max_size` to be a size from 100KB up, such as 20MB, found '5'"],
  [{ log_files: 'docker.log' }, "expected `log_files` to be absolute paths, found 'docker.log'"],
  [{ debug_for: '2m' }, 'expected `timeout` to be at least a minute longer than `debug_for`, found 120 s and 120 s'],
])('bad input: %j', (args, message) => {
  expect(() => normalizeOptions(args)).toThrow(message);
});
