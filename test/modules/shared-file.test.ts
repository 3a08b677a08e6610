import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readShared, sha1, sha1OfShared } from '../../src/modules/shared-file.ts';

describe('a file that many hosts get', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleetmend-test-'));
    path = join(folder, 'file');
    await writeFile(path, 'one');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is in memory once, whether they ask together or one after the other', async () => {
    const [first, second] = await Promise.all([readShared(path), readShared(path)]);
    expect(second).toBe(first);
    expect(await readShared(path)).toBe(first);
    expect(await sha1OfShared(path)).toBe(sha1(first));
  });

  test('is read anew when it was written, even with the same size and modification time', async () => {
    const time = new Date(1_000_000_000_000);
    await utimes(path, time, time);
    expect((await readShared(path)).toString()).toBe('one');
    await writeFile(path, 'two');
    await utimes(path, time, time);
    expect((await readShared(path)).toString()).toBe('two');
    expect(await sha1OfShared(path)).toBe(sha1(Buffer.from('two')));
  });

  test('that is missing is an error each time', async () => {
    await expect(readShared(join(folder, 'none'))).rejects.toThrow('ENOENT');
    await expect(sha1OfShared(join(folder, 'none'))).rejects.toThrow('ENOENT');
  });
});
