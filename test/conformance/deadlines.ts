/** Deadlines, interrupts, and that nothing is left running after them. */
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KILL_GRACE_MS } from '../../src/transport/types.ts';
import { isRunning, type Place, textAppears } from './place.ts';

export function registerDeadlineTests(place: Place): void {
  test('a deadline kills the script with its grandchildren, and the kill is seen', async () => {
    const pids = place.path('pids');
    const script = `umask 0; (sleep 61 & echo $! >>${pids}; wait) &\necho $! $$ >>${pids}\necho begun\nsleep 62`;
    const result = await place.exec(script, { timeoutMs: 1000 });
    expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', remote: 'gone', stdout: 'begun\n' });
    const seen = (await readFile(pids, 'utf8')).trim().split(/\s+/).map(Number);
    expect(seen).toHaveLength(3);
    // `$$` may be the shell that outlives its scripts; what the script started may not.
    for (const pid of seen.slice(0, 2)) expect(await isRunning(pid)).toBe(false);
    expect((await place.exec('echo still usable')).stdout).toBe('still usable\n');
  });

  test('a deadline is kept', async () => {
    const result = await place.exec('sleep 60', { timeoutMs: 500 });
    expect(result.durationMs).toBeGreaterThanOrEqual(490);
    expect(result.durationMs).toBeLessThan(500 + 2 * KILL_GRACE_MS);
  });

  test('a script that prints nothing for too long is ended, one that prints now and then is not', async () => {
    for (let i = 0; i < 2; i++) {
      place.connection.prepare(undefined);
      const silent = await place.exec('echo begun; sleep 60', { idleTimeoutMs: 700 });
      expect(silent).toMatchObject({ exitCode: null, ended: 'idle', remote: 'gone', stdout: 'begun\n' });
      const busy = await place.exec('for i in 1 2 3 4; do sleep 0.4; echo $i >&2; done', { idleTimeoutMs: 1200 });
      expect(busy).toMatchObject({ exitCode: 0, ended: 'exited', stderr: '1\n2\n3\n4\n' });
    }
  });

  test('a script that ignores TERM is killed', async () => {
    const result = await place.exec("trap '' TERM\nwhile :; do sleep 1; done", { timeoutMs: 500 });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    expect(result.durationMs).toBeLessThan(500 + 3 * KILL_GRACE_MS);
  });

  test('a child that ignores all it can is killed', async () => {
    const script = `umask 0; sh -c "trap '' TERM INT HUP QUIT; echo \\$\\$ >${place.path('pid')}; while :; do sleep 1; done"`;
    const result = await place.exec(script, { timeoutMs: 1000 });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    expect(await isRunning(Number(await readFile(place.path('pid'), 'utf8')))).toBe(false);
  });

  test('a child that left the process group is killed too', async () => {
    const script = `umask 0; setsid sh -c 'echo $$ >${place.path('pid')}; sleep 60; echo no' & wait`;
    const result = await place.exec(script, { timeoutMs: 1000 });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    expect(await isRunning(Number(await readFile(place.path('pid'), 'utf8')))).toBe(false);
  });

  test('a script that cleans up on TERM may', async () => {
    const script = `umask 0; trap 'echo cleaned >${place.path('trap')}; echo bye; exit 3' TERM\nwhile :; do sleep 0.1 || sleep 1; done`;
    const result = await place.exec(script, { timeoutMs: 700 });
    expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', remote: 'gone' });
    expect(await readFile(place.path('trap'), 'utf8')).toBe('cleaned\n');
  });

  test('what was printed until the deadline is kept, of both streams', async () => {
    const result = await place.exec('echo out; printf err >&2; sleep 60', { timeoutMs: 800 });
    expect(result).toMatchObject({ ended: 'timed_out', stdout: 'out\n', stderr: 'err' });
  });

  test('a script that never stops printing is killed at its deadline', async () => {
    const result = await place.exec('while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done', {
      timeoutMs: 800,
      maxOutputBytes: 1000,
    });
    expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', remote: 'gone', stdoutTruncated: true });
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a script that reads its stdin for ever is killed at its deadline', async () => {
    const result = await place.exec('cat >/dev/null; sleep 60', { timeoutMs: 800, stdin: randomBytes(200_000) });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
  });

  test('a signal interrupts a running script', async () => {
    const controller = new AbortController();
    const pidFile = place.path('pid');
    const running = place.exec(`umask 0; sleep 63 & echo $! >${pidFile}; echo begun; wait`, {
      signal: controller.signal,
    });
    const pid = Number(await textAppears(pidFile));
    controller.abort();
    expect(await running).toMatchObject({ exitCode: null, ended: 'interrupted', remote: 'gone', stdout: 'begun\n' });
    expect(await isRunning(pid)).toBe(false);
  });

  test('a signal interrupts all scripts that have it', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const running = [1, 2, 3].map((i) => place.exec(`echo >${place.path(`at${i}`)}; sleep 60`, { signal }));
    const other = place.exec('sleep 2; echo other');
    for (const i of [1, 2, 3]) await textAppears(place.path(`at${i}`));
    controller.abort();
    for (const result of await Promise.all(running)) {
      expect(result).toMatchObject({ ended: 'interrupted', remote: 'gone' });
    }
    expect((await other).stdout).toBe('other\n');
  });

  test('a signal that fired before starts nothing', async () => {
    const result = await place.exec(`touch ${place.path('no')}`, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ exitCode: null, ended: 'interrupted', remote: 'gone', stdout: '', stderr: '' });
    await expect(stat(place.path('no'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a signal that fires after the end changes nothing', async () => {
    const controller = new AbortController();
    const result = await place.exec('echo fine', { signal: controller.signal });
    controller.abort();
    expect(result).toMatchObject({ ended: 'exited', stdout: 'fine\n' });
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a deadline of many days is none of no time', async () => {
    const result = await place.exec('echo fine', { timeoutMs: 90 * 24 * 3600 * 1000 });
    expect(result).toMatchObject({ ended: 'exited', stdout: 'fine\n' });
  });

  test('an upload and a download past their deadline are errors that say what and how long', async () => {
    await place.exec(`mkfifo '${place.path('pipe')}'`);
    const { connection, signal } = place;
    const reading = connection.download({ remotePath: place.path('pipe'), maxBytes: 10, timeoutMs: 700, signal });
    await expect(reading).rejects.toMatchObject({
      code: 'COMMAND_TIMEOUT',
      message: expect.stringMatching(/reading '.*pipe' on testhost took longer than/),
    });
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });
}
