import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/util/atomic-file.ts';

describe('writeFileAtomic', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fleetmend-atomic-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('writes all chunks and leaves no other file', async () => {
    const path = join(directory, 'report.json');
    const chunk = 'x'.repeat(100_000);
    await writeFileAtomic(path, [chunk, chunk, chunk, 'end']);
    expect(await readFile(path, 'utf8')).toBe(`${chunk}${chunk}${chunk}end`);
    expect(await readdir(directory)).toEqual(['report.json']);
  });

  it('keeps the permission bits of a file that it replaces', async () => {
    const path = join(directory, 'report.json');
    await writeFile(path, 'old');
    await chmod(path, 0o640);
    await writeFileAtomic(path, ['new']);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it('leaves the old content and no new file when the text cannot be made', async () => {
    const path = join(directory, 'report.json');
    await writeFile(path, 'old');
    function* broken(): Generator<string> {
      yield 'half';
      throw new Error('no more');
    }
    await expect(writeFileAtomic(path, broken())).rejects.toThrow('no more');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(directory)).toEqual(['report.json']);
  });

  it('rejects with the file system error when the directory is missing', async () => {
    await expect(writeFileAtomic(join(directory, 'no', 'x'), ['a'])).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
