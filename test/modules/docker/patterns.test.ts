import { expect, test } from 'vitest';
import type { Container } from '../../../src/modules/docker/container.ts';
import { imageRules, nameRules } from '../../../src/modules/docker/patterns.ts';

function container(name: string, image = 'busybox:1'): Container {
  return { name, image, imageId: 'sha256:0123', labels: {} } as unknown as Container;
}

test.each([
  ['db-*', 'db-1', true],
  ['db-*', 'mydb-1', false],
  ['~b-[0-9]', 'db-1', true],
  ['~^b-', 'db-1', false],
  [String.raw`~\Adb-(?P<n>\d+)\Z`, 'db-12', true],
])('%s on %s: %s', (pattern, name, isMatch) => {
  const [rule] = nameRules([pattern], 'names');
  // A second time as the first: an expression keeps no place of its own.
  expect([rule?.matches(container(name)), rule?.matches(container(name))]).toEqual([isMatch, isMatch]);
});

test.each([`~^(a+)+$`, '*a*a*a*a*a*a*a*a*a*a*a*a*c'])(
  '%s on a text that it is slow on is an error, and ends',
  (pattern) => {
    const slow = container(`${'a'.repeat(60)}b`, `${'a'.repeat(60)}b`);
    const refusal = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^argument 'protect': The regular expression '.+' took more than 1000 ms/),
    });
    expect(() => nameRules([pattern], 'protect')[0]?.matches(slow)).toThrow(refusal);
    expect(() => imageRules([pattern], 'protect')[0]?.matches(slow)).toThrow(refusal);
  },
);
