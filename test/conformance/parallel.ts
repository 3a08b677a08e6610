/** Many scripts on one connection, and what they leave running. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isGoneWithin, isRunning, type Place } from './place.ts';

const numbers = (length: number) => Array.from({ length }, (_, i) => i);

export function registerParallelTests(place: Place): void {
  test('scripts run at the same time', async () => {
    const startedMs = performance.now();
    const results = await Promise.all(numbers(5).map((i) => place.exec(`sleep 2; echo ${i}; exit ${i}`)));
    expect(results.map((r) => [r.stdout, r.exitCode])).toEqual(numbers(5).map((i) => [`${i}\n`, i]));
    expect(performance.now() - startedMs).toBeLessThan(8000);
  });

  test('thirty at once each get their own result, whatever the place allows at a time', async () => {
    const results = await Promise.all(
      numbers(30).map((i) => place.exec(`echo ${i}; echo e${i} >&2; cat; exit ${i}`, { stdin: Buffer.from(`in${i}`) })),
    );
    expect(results.map((r) => [r.stdout, r.stderr, r.exitCode])).toEqual(
      numbers(30).map((i) => [`${i}\nin${i}`, `e${i}\n`, i]),
    );
  });

  test('fifty in a row each get their own result', async () => {
    for (const i of numbers(50)) {
      if (i % 2 === 0) place.connection.prepare(undefined);
      const result = await place.exec(`echo ${i}; echo e${i} >&2; exit ${i}`);
      expect(result).toMatchObject({ exitCode: i, stdout: `${i}\n`, stderr: `e${i}\n` });
    }
  });

  test('large outputs at once do not mix', async () => {
    const letters = ['a', 'b', 'c', 'd'];
    const results = await Promise.all(
      letters.map((letter) => place.exec(`head -c 300000 /dev/zero | tr '\\0' ${letter}`)),
    );
    for (const [i, { stdout }] of results.entries()) {
      expect(stdout === (letters[i] ?? '').repeat(300_000)).toBe(true);
    }
  });

  test('scripts, uploads and downloads at once are all right', async () => {
    const content = randomBytes(150_000);
    await Promise.all(
      numbers(4).map(async (i) => {
        await place.upload(place.path(`file${i}`), content);
        expect((await place.exec(`echo ${i}`)).stdout).toBe(`${i}\n`);
        expect((await place.download(place.path(`file${i}`))).equals(content)).toBe(true);
      }),
    );
  });

  test('a script that is killed takes no other one with it', async () => {
    const [killed, fine] = await Promise.all([
      place.exec('sleep 60', { timeoutMs: 500 }),
      place.exec('sleep 3; echo fine'),
    ]);
    expect(killed).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    expect(fine).toMatchObject({ exitCode: 0, stdout: 'fine\n', ended: 'exited' });
  });

  test('a script that leaves a background process with its streams ends nevertheless', async () => {
    const result = await place.exec('sleep 60 & echo $!');
    expect(result).toMatchObject({ exitCode: 0, ended: 'exited' });
    expect(result.durationMs).toBeLessThan(8000);
    process.kill(Number(result.stdout));
  });

  test('a background process without the streams outlives its script, and the next one', async () => {
    const result = await place.exec("(trap '' HUP; exec sleep 60) >/dev/null 2>&1 </dev/null & echo $!");
    expect(result).toMatchObject({ exitCode: 0, ended: 'exited' });
    const pid = Number(result.stdout);
    expect((await place.exec('echo next')).stdout).toBe('next\n');
    expect(await isRunning(pid)).toBe(true);
    process.kill(pid);
    expect(await isGoneWithin(pid, 2000)).toBe(true);
  });

  test('what a background process prints before the script ends is there', async () => {
    const result = await place.exec('(echo child; echo echild >&2) & wait; echo parent');
    expect(result).toMatchObject({ stdout: 'child\nparent\n', stderr: 'echild\n' });
  });
}
