import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

// Holds what it makes for a while, as connections that are being opened do.
const CHURN = `
const { getHeapSpaceStatistics } = await import('node:v8');
const held = [];
let largestBytes = 0;
for (let round = 0; round < 300; round++) {
  held.push(Array.from({ length: 4000 }, (_, i) => ({ i, text: 'x' + i })));
  if (held.length > 30) held.shift();
  await new Promise(setImmediate);
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  largestBytes = Math.max(largestBytes, young.space_size);
}
console.log(largestBytes);
`;

function largestYoungBytes(before: string): number {
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', before + CHURN], { encoding: 'utf8' });
  return Number(text);
}

test('the young generation stays small where V8 would let it grow', () => {
  const heap = JSON.stringify(new URL('../../src/cli/heap.ts', import.meta.url).href);
  const release = `const { boundHeap } = await import(${heap}); const release = boundHeap();`;
  const bounded = largestYoungBytes(release);
  expect(bounded).toBeLessThanOrEqual(16 * 1024 * 1024);
  expect(largestYoungBytes('')).toBeGreaterThan(bounded);
});
