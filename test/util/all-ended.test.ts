import { expect, it } from 'vitest';
import { allEnded } from '../../src/util/all-ended.ts';

it('an error goes on only when all jobs have ended', async () => {
  const slow = Promise.withResolvers<void>();
  const order: string[] = [];
  const all = allEnded([
    Promise.reject(new Error('first')),
    slow.promise.then(() => order.push('slow')),
    Promise.reject(new Error('second')),
  ]).catch((error: Error) => order.push(error.message));
  // Everything that does not wait for the slow job has happened after this.
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  slow.resolve();
  await all;
  expect(order).toEqual(['slow', 'first']);
});
