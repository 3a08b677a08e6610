import { expect, test } from 'vitest';
import { OutputBuffer } from '../../src/transport/shell/output-buffer.ts';

function fill(maxBytes: number, text: string, chunkBytes: number): OutputBuffer {
  const output = new OutputBuffer(maxBytes);
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += chunkBytes) output.push(bytes.subarray(i, i + chunkBytes));
  return output;
}

test.each([1, 3, 7, 100])('output up to the cap is kept whole, in chunks of %i bytes', (chunkBytes) => {
  const output = fill(10, '0123456789', chunkBytes);
  expect([output.text(), output.isTruncated, output.totalBytes]).toEqual(['0123456789', false, 10]);
});

test.each([1, 3, 7, 100])('over the cap the middle is left out, in chunks of %i bytes', (chunkBytes) => {
  const output = fill(10, '0123456789abcdef', chunkBytes);
  expect(output.text()).toBe('01234\n[... 6 bytes left out ...]\nbcdef');
  expect([output.isTruncated, output.totalBytes]).toEqual([true, 16]);
});

test.each([8, 9, 10, 11, 12, 13, 14, 15])('a cap of %i bytes halves no character', (maxBytes) => {
  const text = fill(maxBytes, 'aä€😀'.repeat(20), 5).text();
  expect(text).not.toContain('\uFFFD');
  expect(text).toContain('bytes left out');
});

test('a flood leaves no more than the cap', () => {
  const output = new OutputBuffer(1000);
  for (let i = 0; i < 5000; i++) output.push(Buffer.alloc(997, 'x'));
  expect(output.bytes()).toHaveLength(1000);
  expect(output.totalBytes).toBe(5000 * 997);
});

test('a character that comes in two chunks is whole', () => {
  expect(fill(100, 'ä€😀', 1).text()).toBe('ä€😀');
});
