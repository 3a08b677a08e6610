/** Scripts and files as another user, without a password. Those with one are in the lab. */
import { randomBytes } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Become } from '../../src/transport/types.ts';
import { isRunning, type Place } from './place.ts';

export function registerBecomeTests(place: Place): void {
  const [first] = place.traits.becomes;
  for (const become of place.traits.becomes) {
    describe(`${become.method} to ${become.user}`, () => registerOneUser(place, become));
  }
  // Not for every place: see its traits.
  if (first !== undefined) {
    test('users do not mix, one after the other and at once', async () => {
      const me = (await place.exec('id -un')).stdout;
      for (let i = 0; i < 3; i++) {
        place.connection.prepare(first);
        expect((await place.exec('id -un', { become: first })).stdout).toBe(`${first.user}\n`);
        place.connection.prepare(undefined);
        expect((await place.exec('id -un')).stdout).toBe(me);
      }
      const both = await Promise.all([place.exec('id -un', { become: first }), place.exec('id -un')]);
      expect(both.map(({ stdout }) => stdout)).toEqual([`${first.user}\n`, me]);
    });

    test('a user that does not exist is BECOME_FAILED with the reason', async () => {
      const become = { ...first, user: 'fm-nobody-at-all' };
      await expect(place.exec('id', { become })).rejects.toMatchObject({
        code: 'BECOME_FAILED',
        message: expect.stringContaining('fm-nobody-at-all'),
      });
      expect((await place.exec('echo next')).stdout).toBe('next\n');
    });

    test('a file for a user who may not write there says why and leaves nothing', async () => {
      await mkdir(place.path('closed'), { mode: 0o755 });
      const uploading = place.upload(place.path('closed/file'), Buffer.from('x'), { become: first });
      await expect(uploading).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
      await expect(uploading).rejects.toThrow(/permission denied/i);
    });

    test('a file that the user may not read says why', async () => {
      await writeFile(place.path('secret'), 'x', { mode: 0o600 });
      const downloading = place.download(place.path('secret'), 100, first);
      await expect(downloading).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
      await expect(downloading).rejects.toThrow(/permission denied/i);
    });
  }
}

function registerOneUser(place: Place, become: Become): void {
  test('scripts run as the user, in the home of the user, cold and warm', async () => {
    for (let i = 0; i < 3; i++) {
      const result = await place.exec('id -un; [ "$HOME" = ~ ] && echo home; echo err >&2; exit 5', { become });
      expect(result).toMatchObject({ exitCode: 5, stdout: `${become.user}\nhome\n`, stderr: 'err\n' });
      place.connection.prepare(become);
    }
  });

  test('stdin and variables arrive, and nothing else', async () => {
    const environment = { FM_ONE: "it's $HOME\nx" };
    const stdin = randomBytes(50_000);
    const result = await place.exec('printf "%s|" "$FM_ONE"; wc -c', { become, environment, stdin });
    expect(result.stdout.replace(/ /g, '')).toBe(`it's$HOME\nx|50000\n`);
    expect((await place.exec('cat; echo end', { become })).stdout).toBe('end\n');
  });

  test.each(['KILL', 'TERM'])('a script that %s ended says so', async (name) => {
    const result = await place.exec(`kill -s ${name} $$; sleep 5`, { become });
    expect(result).toMatchObject({ exitCode: null, signal: name, ended: 'exited' });
    expect((await place.exec('id -un', { become })).stdout).toBe(`${become.user}\n`);
  });

  test('raw text runs as the user too', async () => {
    const result = await place.exec('id -un; exit 3', { become, raw: true });
    expect(result).toMatchObject({ exitCode: 3, stdout: `${become.user}\n` });
  });

  test('what a script does to its shell is not left to the next', async () => {
    await place.exec('cd /usr; umask 0; export FM_LEAK=1; exec >/dev/null', { become });
    const result = await place.exec(`[ "$PWD" != /usr ] && umask && echo "\${FM_LEAK-none}"`, { become });
    expect(result.stdout).toMatch(/^0\d+\nnone\n$/);
    expect(result.stdout).not.toMatch(/^0+\n/);
  });

  test('a deadline kills what runs as the user', async () => {
    const script = "trap '' TERM; sleep 64 & echo $!; while :; do sleep 1; done";
    const result = await place.exec(script, { become, timeoutMs: 1500 });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    const pid = Number(result.stdout);
    expect(pid).toBeGreaterThan(1);
    expect(await isRunning(pid)).toBe(false);
    expect((await place.exec('id -un', { become })).stdout).toBe(`${become.user}\n`);
  });

  test('a file is written and read as the user, and belongs to the user', async () => {
    const content = randomBytes(100_000);
    const remotePath = place.path("the user's file");
    await place.upload(remotePath, content, { become, mode: 0o600 });
    const { uid, mode } = await stat(remotePath);
    expect(mode & 0o7777).toBe(0o600);
    expect(`${uid}\n`).toBe((await place.exec(`id -u '${become.user}'`)).stdout);
    expect((await place.download(remotePath, 100_000, become)).equals(content)).toBe(true);
  });

  test('six scripts as the user at once', async () => {
    const results = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => place.exec(`echo ${i}; exit ${i}`, { become })));
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => [i, `${i}\n`]),
    );
  });
}
