import { expect, test } from 'vitest';
import { DEFAULTS, normalizeOptions } from '../../../src/modules/docker-prune/options.ts';
import { spec } from '../../../src/modules/docker-prune/spec.ts';

test('without arguments only dead containers are meant', () => {
  expect(normalizeOptions({})).toMatchObject({
    statuses: new Set(['dead']),
    batchSize: 100,
    pauseMs: 0,
    removeTimeoutMs: 60_000,
    listTimeoutMs: 20_000,
    retries: 3,
    retryDelayMs: 5000,
    engine: 'auto',
    maxItems: undefined,
    olderThanMs: undefined,
  });
});

test('the defaults that the spec shows are those that are used', () => {
  const shown = Object.entries(spec.args.properties).filter(([, schema]) => schema.default !== undefined);
  expect(Object.fromEntries(shown.map(([name, schema]) => [name, schema.default]))).toEqual(DEFAULTS);
});

test('numbers may be text, as extra variables are', () => {
  expect(normalizeOptions({ max_items: '5', batch: '2', pause: '1.5', retries: '0' })).toMatchObject({
    maxItems: 5,
    batchSize: 2,
    pauseMs: 1500,
    retries: 0,
  });
});

test('a regular expression may hold commas', () => {
  expect(normalizeOptions({ names: '~^a{1,2}$' }).names).toHaveLength(1);
  expect(normalizeOptions({ names: 'a,b' }).names).toHaveLength(2);
});

test.each([
  [
    { status: ['running'] },
    "expected `status` to be any of dead, exited, created, found 'running': docker_prune never stops or removes a container that is running",
  ],
  [{ status: 'removing' }, "found 'removing': a removal in progress is left alone"],
  [
    { status: ['exitd'] },
    "expected `status` to be any of dead, exited, created, found 'exitd'; did you mean 'exited'?",
  ],
  [{ status: [] }, 'expected `status` to name at least one of dead, exited, created, found none'],
  [
    { older_than: 'a week' },
    "expected `older_than` to be a duration such as 30s, 2h or 7d, or a number of seconds, found 'a week'",
  ],
  [{ timeout: 0 }, 'expected `timeout` to be at least 1 second, found 0 (number)'],
  [{ max_items: -1 }, 'expected `max_items` to be a whole number from 0 up, found -1 (number)'],
  [{ batch: 0 }, 'expected `batch` to be a whole number from 1 up, found 0 (number)'],
  [{ names: ['~('] }, "argument 'names': '(' is no regular expression here"],
  [
    { protect: { images: ['~(?x) a'] } },
    "argument 'protect.images': The flag 'x' in a regular expression is not supported",
  ],
  [{ protect: ['x'] }, 'expected `protect` to be a map with names, images and labels, found ["x"] (list)'],
  [{ labels: [{}] }, 'expected `labels` to be a list of words, found {} (object) in it'],
  [{ engine: 'rkt' }, "expected `engine` to be auto, docker or podman, found 'rkt'"],
])('%j is refused', (args, message) => {
  expect(() => normalizeOptions(args)).toThrow(message);
});
