/** How a script ended, and what it printed. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Place } from './place.ts';

export function registerOutcomeTests(place: Place): void {
  test.each([0, 1, 2, 126, 127, 128, 137, 254, 255])('exit status %i is the one of the result', async (status) => {
    const result = await place.exec(`echo out; exit ${status}`);
    expect(result).toMatchObject({ exitCode: status, ended: 'exited', stdout: 'out\n', stderr: '' });
    expect(result.signal).toBeUndefined();
  });

  test.each([
    ['KILL', 9],
    ['TERM', 15],
    ['HUP', 1],
  ])('the signal %s that ended a script is named', async (name, number) => {
    const result = await place.exec(`echo before; kill -s ${name} $$; sleep 5; echo after`);
    const told = place.traits.tellsSignals ? { exitCode: null, signal: name } : { exitCode: 128 + number };
    expect(result).toMatchObject({ ...told, ended: 'exited', stdout: 'before\n' });
  });

  test('the status of the last command is the one of the script', async () => {
    expect((await place.exec('false')).exitCode).toBe(1);
    expect((await place.exec('false; true')).exitCode).toBe(0);
  });

  test('set -e ends a script with the status of what failed', async () => {
    const result = await place.exec('set -e\necho one\n(exit 9)\necho two');
    expect(result).toMatchObject({ exitCode: 9, stdout: 'one\n' });
  });

  test('exec replaces the shell, and its status is the one of the script', async () => {
    const result = await place.exec("exec sh -c 'echo inner; exit 11'");
    expect(result).toMatchObject({ exitCode: 11, stdout: 'inner\n' });
  });

  test('a program that does not exist is 127, with its name', async () => {
    const result = await place.exec('/no/such/program --flag');
    expect(result.exitCode).toBe(127);
    expect(result.stderr).toContain('/no/such/program');
  });

  test('a program that may not be executed is 126', async () => {
    await writeFile(place.path('plain'), 'no program', { mode: 0o644 });
    const result = await place.exec(place.path('plain'));
    expect(result.exitCode).toBe(126);
    expect(result.stderr).toContain('plain');
  });

  test('a script with a syntax error fails with the words of the shell', async () => {
    const result = await place.exec('echo begun\nif then\n');
    expect(result).toMatchObject({ ended: 'exited', stderr: expect.stringMatching(/syntax error|unexpected/i) });
    expect(result.exitCode).not.toBe(0);
  });

  test('a quote that is not closed fails that script only', async () => {
    const result = await place.exec("echo 'begun");
    expect(result).toMatchObject({ ended: 'exited', stderr: expect.stringMatching(/quot|syntax|unterminated/i) });
    expect(result.exitCode).not.toBe(0);
    expect((await place.exec('echo fine')).stdout).toBe('fine\n');
  });

  test('stdout, stderr and the exit status stay apart', async () => {
    const result = await place.exec('echo out; echo err >&2; exit 7');
    expect(result).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n', ended: 'exited' });
    expect(result).toMatchObject({ stdoutTruncated: false, stderrTruncated: false });
  });

  test('both streams come in full and in order, however they mix', async () => {
    const result = await place.exec('i=0; while [ $i -lt 3000 ]; do echo "o$i"; echo "e$i" >&2; i=$((i+1)); done');
    const lines = (letter: string) => Array.from({ length: 3000 }, (_, i) => `${letter}${i}\n`).join('');
    expect(result.stdout === lines('o')).toBe(true);
    expect(result.stderr === lines('e')).toBe(true);
  });

  test('a script that prints nothing has no output', async () => {
    expect(await place.exec(':')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('no newline at the end is none in the result', async () => {
    const result = await place.exec('printf out; printf err >&2');
    expect(result).toMatchObject({ stdout: 'out', stderr: 'err' });
  });

  test('newlines and carriage returns arrive as they were printed', async () => {
    const result = await place.exec(String.raw`printf '\n\n a \r\n\r\n\n'; printf '\n\n' >&2`);
    expect(result).toMatchObject({ stdout: '\n\n a \r\n\r\n\n', stderr: '\n\n' });
  });

  test('bytes that are not UTF-8 are replaced, and the others kept', async () => {
    const result = await place.exec(String.raw`printf 'a\000b\377c\303\244'; printf '\200x' >&2`);
    expect(result).toMatchObject({ stdout: 'a\0b\uFFFDcä', stderr: '\uFFFDx' });
  });

  test('characters of many bytes are whole wherever the chunks end', async () => {
    const script = "printf x; i=0; while [ $i -lt 400 ]; do printf '%0100d' 0 | sed 's/0/€/g'; i=$((i+1)); done";
    const result = await place.exec(script);
    expect(result.stdout.replaceAll('\n', '') === `x${'€'.repeat(40_000)}`).toBe(true);
  });

  test('output that looks like words of ours is output', async () => {
    const line = `fleetmend-${'0'.repeat(24)} 1 1`;
    const result = await place.exec(`echo '${line}'; echo '${line}' >&2; exit 3`);
    expect(result).toMatchObject({ exitCode: 3, stdout: `${line}\n`, stderr: `${line}\n` });
  });

  test('a script may close its streams', async () => {
    const result = await place.exec('echo out; echo err >&2; exec >&- 2>&- <&-; exit 4');
    expect(result).toMatchObject({ exitCode: 4, stdout: 'out\n', stderr: 'err\n' });
  });

  test('output over the cap keeps head and tail and says so', async () => {
    const script = 'echo FIRST; head -c 5000000 /dev/zero | tr "\\0" x; echo; echo LAST';
    const result = await place.exec(script, { maxOutputBytes: 1000 });
    expect(result).toMatchObject({ exitCode: 0, stdoutTruncated: true, stderrTruncated: false });
    expect(result.stdout).toMatch(/^FIRST\nx+\n\[\.\.\. \d+ bytes left out \.\.\.\]\nx+\nLAST\n$/);
    expect(result.stdout.length).toBeLessThan(1100);
  });

  test('output of exactly the cap is kept whole', async () => {
    const result = await place.exec('printf %01000d 0', { maxOutputBytes: 1000 });
    expect(result).toMatchObject({ stdout: '0'.repeat(1000), stdoutTruncated: false });
  });

  test('a flood on stderr is cut there, and stdout is whole', async () => {
    const script = '{ echo FIRST; head -c 5000000 /dev/zero | tr "\\0" y; echo LAST; } >&2; echo fine; exit 6';
    const result = await place.exec(script, { maxOutputBytes: 2000 });
    expect(result).toMatchObject({ exitCode: 6, stdout: 'fine\n', stdoutTruncated: false, stderrTruncated: true });
    expect(result.stderr).toMatch(/^FIRST\ny+\n\[\.\.\. \d+ bytes left out \.\.\.\]\ny+LAST\n$/);
  });

  test('floods on both streams at once are taken, in bounded memory', { timeout: 120_000 }, () =>
    expectFloodTaken(place),
  );

  test('the duration is the one of the script', async () => {
    const result = await place.exec('sleep 1');
    expect(result.durationMs).toBeGreaterThanOrEqual(990);
    expect(result.durationMs).toBeLessThan(10_000);
  });
}

/** Floods both streams, and expects that all of it was taken and little of it kept. */
export async function expectFloodTaken(place: Place): Promise<void> {
  const bytes = place.traits.floodBytes;
  const before = process.memoryUsage();
  let peakBytes = 0;
  const timer = setInterval(() => {
    const { external, heapUsed } = process.memoryUsage();
    peakBytes = Math.max(peakBytes, external + heapUsed - before.external - before.heapUsed);
  }, 20);
  const script = `head -c ${bytes / 2} /dev/zero | tr '\\0' e >&2 & head -c ${bytes} /dev/zero | tr '\\0' o; wait; exit 5`;
  const result = await place.exec(script, { maxOutputBytes: 4000, timeoutMs: 110_000 });
  clearInterval(timer);
  expect(result).toMatchObject({ exitCode: 5, ended: 'exited', stdoutTruncated: true, stderrTruncated: true });
  expect(result.stdout).toMatch(/^o+\n\[\.\.\. \d+ bytes left out \.\.\.\]\no+$/);
  expect(result.stderr).toMatch(/^e+\n\[\.\.\. \d+ bytes left out \.\.\.\]\ne+$/);
  const leftOut = /(\d+) bytes left out/.exec(result.stdout)?.[1];
  expect(Number(leftOut)).toBe(bytes - 4000);
  // Kept whole it would be one and a half times the flood; garbage that is not yet collected is in the figure.
  if (bytes >= 200_000_000) expect(peakBytes).toBeLessThan(0.8 * bytes);
}
