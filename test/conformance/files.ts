/** Files that go there and back. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DEADLINE_MS, isRunning, type Place, textAppears } from './place.ts';

const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;

export function registerFileTests(place: Place): void {
  test.each([0, 1, 4096, 65_536, 65_537, 1_000_003, place.traits.largestFileBytes])(
    '%i bytes go there and back',
    async (sizeBytes) => {
      const content = randomBytes(sizeBytes);
      const remotePath = place.path('file');
      await place.upload(remotePath, content);
      expect((await readFile(remotePath)).equals(content)).toBe(true);
      expect((await place.download(remotePath, sizeBytes)).equals(content)).toBe(true);
      expect(await readdir(place.folder)).toEqual(['file']);
    },
  );

  test('bytes that mean something to shells and terminals go unchanged', async () => {
    const content = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
      Buffer.from('\r\n\\n$x`\n\n'),
    ]);
    await place.upload(place.path('bytes'), content);
    expect((await place.download(place.path('bytes'))).equals(content)).toBe(true);
  });

  test.each([
    'with space',
    "it's",
    '"quoted"',
    '-rf',
    '--help',
    'back\\slash',
    'new\nline',
    '$HOME',
    '`id`',
    '~',
    '* [a-z]?',
    ';true',
    'trailing space ',
    '.hidden',
    'ünï 漢字 😀',
    'x'.repeat(200),
  ])("a file may be called '%s'", async (name) => {
    const remotePath = place.path(name);
    await place.upload(remotePath, Buffer.from('content'));
    expect(await readdir(place.folder)).toEqual([name]);
    expect((await place.download(remotePath)).toString()).toBe('content');
  });

  test.each([0o600, 0o644, 0o640, 0o755, 0o400, 0o4755, 0o666])('mode %o is set whatever the umask', async (mode) => {
    await place.upload(place.path('file'), Buffer.from('x'), { mode });
    expect(await modeOf(place.path('file'))).toBe(mode);
  });

  test('a file without a mode is for its owner only', async () => {
    await place.upload(place.path('file'), Buffer.from('x'));
    expect(await modeOf(place.path('file'))).toBe(0o600);
  });

  test('a file that is there is replaced whole, with the new mode', async () => {
    await writeFile(place.path('file'), 'a much longer old content', { mode: 0o666 });
    await place.upload(place.path('file'), Buffer.from('new'), { mode: 0o644 });
    expect(await readFile(place.path('file'), 'utf8')).toBe('new');
    expect(await modeOf(place.path('file'))).toBe(0o644);
  });

  test('`~/` is the home of the login user', async () => {
    const name = `.fleetmend-test-${randomBytes(6).toString('hex')}`;
    try {
      await place.upload(`~/${name}`, Buffer.from('home'));
      expect((await place.exec(`cat "$HOME/${name}"`)).stdout).toBe('home');
      expect((await place.download(`~/${name}`)).toString()).toBe('home');
    } finally {
      await place.exec(`rm -f "$HOME/${name}"`);
    }
  });

  test('two uploads of one file at once leave one of them whole', async () => {
    const contents = [Buffer.alloc(300_000, 'a'), Buffer.alloc(200_000, 'b')] as const;
    await Promise.all(contents.map((content) => place.upload(place.path('file'), content)));
    const left = await readFile(place.path('file'));
    expect(contents.some((content) => content.equals(left))).toBe(true);
    expect(await readdir(place.folder)).toEqual(['file']);
  });

  test.each([0, 5, 20, 60])(
    'an upload that is interrupted after %i ms leaves a whole file and no other',
    async (delayMs) => {
      const remotePath = place.path('file');
      await writeFile(remotePath, 'old', { mode: 0o666 });
      const controller = new AbortController();
      const content = Buffer.alloc(30_000_000, 'n');
      const uploading = place.connection.upload({
        remotePath,
        content,
        timeoutMs: DEADLINE_MS,
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(), delayMs);
      const outcome = await uploading.then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      );
      const left = await readFile(remotePath);
      expect(['done', 'INTERRUPTED']).toContain(outcome);
      // The signal may come just behind the rename, or too late for a fast place.
      const isOld = outcome !== 'done' && left.toString('latin1', 0, 4) === 'old';
      expect(isOld || left.equals(content)).toBe(true);
      expect(await readdir(place.folder)).toEqual(['file']);
    },
  );

  test('transfers with a signal that fired before do nothing', async () => {
    const base = { remotePath: place.path('file'), timeoutMs: DEADLINE_MS, signal: AbortSignal.abort() };
    const uploading = place.connection.upload({ ...base, content: Buffer.from('x') });
    await expect(uploading).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const downloading = place.connection.download({ ...base, maxBytes: 1 });
    await expect(downloading).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await readdir(place.folder)).toEqual([]);
  });

  test('an upload onto a directory says so', async () => {
    const uploading = place.upload(place.folder, Buffer.from('x'));
    await expect(uploading).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
    await expect(uploading).rejects.toThrow('it is a directory');
    expect(await readdir(place.folder)).toEqual([]);
  });

  test('an upload into a directory that is not there names the path and the reason', async () => {
    const uploading = place.upload(place.path('no/such'), Buffer.from('x'));
    await expect(uploading).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
    await expect(uploading).rejects.toThrow(/no\/such' on testhost: .*(no such file|nonexistent)/i);
  });

  test('an upload below a file says why', async () => {
    await writeFile(place.path('file'), 'x', { mode: 0o666 });
    await expect(place.upload(place.path('file/below'), Buffer.from('x'))).rejects.toThrow(
      /file\/below' on testhost: .*(not a directory|nonexistent)/i,
    );
  });

  test('an upload where nobody may write fails and leaves the place usable', async () => {
    await expect(place.upload('/proc/fleetmend', Buffer.from('x'))).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a download of a directory says so', async () => {
    await mkdir(place.path('folder'));
    await expect(place.download(place.path('folder'))).rejects.toThrow('it is a directory');
  });

  test('a download of a file that is not there says so', async () => {
    const downloading = place.download(place.path('none'));
    await expect(downloading).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
    await expect(downloading).rejects.toThrow(`'${place.path('none')}' on testhost: there is no such file`);
  });

  test('a download that is too large says both sizes', async () => {
    await writeFile(place.path('file'), Buffer.alloc(11), { mode: 0o666 });
    await expect(place.download(place.path('file'), 10)).rejects.toThrow('it has 11 bytes; at most 10 are allowed');
    expect(await place.download(place.path('file'), 11)).toHaveLength(11);
  });

  test('a download through a link is the file', async () => {
    await place.exec(`cd '${place.folder}' && echo linked >file && ln -s file link`);
    expect((await place.download(place.path('link'))).toString()).toBe('linked\n');
  });

  test('an upload leaves no process behind', async () => {
    await place.upload(place.path('file'), randomBytes(100_000));
    await place.exec(`umask 0; echo $$ >'${place.path('pid')}'`);
    const pid = Number(await textAppears(place.path('pid')));
    await place.connection.close();
    const endMs = Date.now() + 2000;
    while ((await isRunning(pid)) && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await isRunning(pid)).toBe(false);
  });
}
