/** What a script can read. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Place } from './place.ts';

export function registerStdinTests(place: Place): void {
  test('a script has no stdin unless it is given', async () => {
    const short = await place.exec('cat; echo end');
    const long = await place.exec('cat\necho end\n');
    expect([short.stdout, long.stdout]).toEqual(['end\n', 'end\n']);
  });

  test('a script that reads eats nothing of what follows it', async () => {
    const script = 'read a; read b; echo "[$a$b]"\nhead -n 1\necho last';
    expect((await place.exec(script)).stdout).toBe('[]\nlast\n');
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a program that asks for a terminal gets none', async () => {
    expect((await place.exec('test -t 0 || echo none')).stdout).toBe('none\n');
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0])],
    ['no newline at the end', Buffer.from('a\nb')],
    ['shell text', Buffer.from('exit 3\n$(echo x)\n\\\n\'"')],
    ['16 KiB', randomBytes(16_384)],
    ['16 KiB and a byte', randomBytes(16_385)],
    ['2 MB of random bytes', randomBytes(2_000_000)],
  ])('stdin of %s arrives byte by byte', async (_title, stdin) => {
    const result = await place.exec(`umask 0; cat >'${place.path('in')}'\nprintf '%s\\n' 'a\\b'`, { stdin });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'a\\b\n' });
    expect((await readFile(place.path('in'))).equals(stdin)).toBe(true);
  });

  test('the script reads a line, and its child the rest', async () => {
    const result = await place.exec('read first; echo "[$first]"; cat', { stdin: Buffer.from('one\ntwo\nthree') });
    expect(result.stdout).toBe('[one]\ntwo\nthree');
  });

  test('a script may leave its stdin unread', async () => {
    const result = await place.exec('echo done; exit 3', { stdin: randomBytes(1_000_000) });
    expect(result).toMatchObject({ exitCode: 3, stdout: 'done\n', ended: 'exited' });
    expect((await place.exec('echo next; cat')).stdout).toBe('next\n');
  });

  test('a script may read a part of its stdin', async () => {
    const stdin = Buffer.alloc(500_000, 'abcdefghij');
    const result = await place.exec('head -c 10; echo; exit 4', { stdin });
    expect(result).toMatchObject({ exitCode: 4, stdout: 'abcdefghij\n' });
  });

  test('stdin of one script never reaches another', async () => {
    const texts = ['first', 'second', 'third'];
    const results = await Promise.all(texts.map((text) => place.exec('cat', { stdin: Buffer.from(text) })));
    expect(results.map(({ stdout }) => stdout)).toEqual(texts);
    expect((await place.exec('cat')).stdout).toBe('');
  });
}
