/** Scripts that share one long-lived shell (a lane): each ends as if it had a shell of its own. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { expectFloodTaken } from './outcome.ts';
import { isRunning, type Place } from './place.ts';

export function registerLaneTests(place: Place): void {
  // From here on scripts share one long-lived shell: the parent of a script's process is a shell itself.
  const warm = async () => {
    place.connection.prepare(undefined);
    const parents = [
      await place.exec('echo $PPID; cat /proc/$PPID/comm'),
      await place.exec('echo $PPID; cat /proc/$PPID/comm'),
    ];
    expect(parents[0]?.stdout).toMatch(/^\d+\nsh\n$/);
    expect(parents[1]?.stdout).toBe(parents[0]?.stdout);
  };

  test.each([
    ['exit', 'exit 3', { exitCode: 3 }],
    ['a failed exec', 'exec /no/such', { exitCode: 127 }],
    ['exec', 'exec sh -c "exit 9"', { exitCode: 9 }],
    ['a syntax error', 'if then', { exitCode: 2 }],
    ['an open quote', "echo 'open", { exitCode: 2 }],
    ['set -eu', 'set -eu; false', { exitCode: 1 }],
    ['its own EXIT trap', 'trap "echo bye" EXIT; exit 4', { exitCode: 4, stdout: 'bye\n' }],
    ['a status over 128', '(exit 200); exit $?', { exitCode: 200, stderr: '' }],
    ['the status of a killed child', 'sh -c "kill -s KILL \\$\\$"', { exitCode: 137 }],
    ['a pipe that nobody reads', 'echo $$ >/dev/null; yes | head -n 1', { exitCode: 0, stdout: 'y\n', stderr: '' }],
    ['SIGPIPE', 'sh -c "kill -s PIPE \\$\\$; echo lives"; exit $?', { exitCode: 141, stdout: '' }],
    ['set -x', 'set -x; exit 130', { exitCode: 130, stderr: expect.stringMatching(/^\++ exit 130\n$/) }],
    ['a signal to itself', 'kill -s TERM $$', { exitCode: null, signal: 'TERM', stderr: '' }],
    ['a signal to its group', 'kill -s KILL 0', { exitCode: null, signal: 'KILL' }],
    ['closed streams', 'exec <&- >&- 2>&-', { exitCode: 0 }],
    ['reading stdin', 'cat; read x; cat', { exitCode: 0, stdout: '' }],
    ['output without a newline', 'printf out; printf err >&2', { exitCode: 0, stdout: 'out', stderr: 'err' }],
  ])('%s of one script is told, and the next one runs', async (_title, script, expected) => {
    await warm();
    const result = await place.exec(script);
    // Shells differ in the status of a syntax error.
    if (expected.exitCode === 2) expect(result).toMatchObject({ ended: 'exited', exitCode: expect.any(Number) });
    else expect(result).toMatchObject({ ...expected, ended: 'exited' });
    expect(await place.exec('echo next')).toMatchObject({ stdout: 'next\n', stderr: '', exitCode: 0 });
  });

  test('a script with stdin dies of a pipe that nobody reads', async () => {
    await warm();
    const script = 'cat; sh -c "kill -s PIPE \\$\\$; echo lives"; exit $?';
    const result = await place.exec(script, { stdin: Buffer.from('in\n') });
    expect(result).toMatchObject({ exitCode: 141, stdout: 'in\n' });
  });

  test('what a script prints is never taken for its end', async () => {
    await warm();
    const script = `cat /proc/$$/environ 2>/dev/null | tr '\\0' '\\n'; echo "fleetmend-$(printf %024d 0) 0 1 1"; printf fleetmend-`;
    const result = await place.exec(script);
    expect(result.exitCode).toBe(0);
    expect(result.stdout.endsWith(`fleetmend-${'0'.repeat(24)} 0 1 1\nfleetmend-`)).toBe(true);
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a script, its environment and its stdin are in no argument list', async () => {
    await warm();
    const script = `cat >/dev/null; : canary-script; ps -A -o args= | grep '[c]anary-'; echo end`;
    const result = await place.exec(script, { environment: { X: 'canary-value' }, stdin: Buffer.from('canary-stdin') });
    expect(result.stdout).toBe('end\n');
  });

  test('stdin of all bytes arrives, small and large, read or not', async () => {
    await warm();
    const all = Buffer.from(Array.from({ length: 4096 }, (_, i) => i & 255));
    for (const stdin of [Buffer.alloc(0), all, Buffer.concat(Array.from({ length: 30 }, () => all))]) {
      expect((await place.exec('cat | cksum', { stdin })).stdout).toBe((await place.exec('cksum', { stdin })).stdout);
      const back = await place.exec(`od -An -v -tu1 | tr -s ' ' '\\n' | grep -v '^$' | head -n 256 | tr '\\n' ' '`, {
        stdin,
      });
      expect(back.stdout).toBe(
        stdin.length === 0 ? '' : [...stdin.subarray(0, 256)].map((byte) => `${byte} `).join(''),
      );
      expect(await place.exec('exit 5', { stdin })).toMatchObject({ exitCode: 5, stdout: '' });
    }
  });

  test('what a background process says late is in its own result or nowhere', async () => {
    await warm();
    for (const script of ['(sleep 0.3; echo late) & echo now', 'sh -c "(sleep 0.3; echo late) &"; echo now']) {
      expect(await place.exec(script)).toMatchObject({ stdout: 'now\nlate\n', exitCode: 0 });
      expect((await place.exec('echo next')).stdout).toBe('next\n');
    }
  });

  test.each([
    ['in its process group', '(sleep 0.3; echo late) &'],
    ['in a session of its own', 'setsid sh -c "sleep 0.3; echo late" &'],
  ])('a program that leaves a process %s behind keeps its late words to itself', async (_title, text) => {
    await warm();
    await writeFile(place.path('program'), `${text}\necho now\n`, { mode: 0o644 });
    expect(await place.exec(`sh ${place.path('program')}`)).toMatchObject({ stdout: 'now\nlate\n', exitCode: 0 });
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a deadline kills what a script runs that is a part of the shared shell', async () => {
    await warm();
    await writeFile(place.path('program'), `(trap '' TERM; echo $$; sleep 61; :) & echo $!; sleep 62; :\n`, {
      mode: 0o644,
    });
    const result = await place.exec(`sh ${place.path('program')}; :`, { timeoutMs: 700 });
    expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', remote: 'gone' });
    const pids = result.stdout.trim().split(/\s+/).map(Number);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
    expect((await place.exec('echo still usable')).stdout).toBe('still usable\n');
  });

  test('a daemon that holds no stream is not waited for', async () => {
    await warm();
    const result = await place.exec('sleep 61 >/dev/null 2>&1 & echo $!');
    expect(result.exitCode).toBe(0);
    expect(result.durationMs).toBeLessThan(900);
    process.kill(Number(result.stdout));
  });

  test('a deadline in a script that shares its shell kills the script with what it started', async () => {
    await warm();
    const script = 'trap "" TERM; (sleep 61 & echo $!); sleep 62 & echo $! $$; while :; do sleep 1; done';
    const result = await place.exec(script, { timeoutMs: 700 });
    expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', remote: 'gone' });
    const pids = result.stdout.trim().split(/\s+/).map(Number);
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
    expect((await place.exec('echo still usable')).stdout).toBe('still usable\n');
  });

  test('a script that kills all shells around it ends, and the next one runs', async () => {
    await warm();
    const result = await place.exec('kill -s KILL $PPID $$');
    expect(result).toMatchObject({ ended: 'exited' });
    expect(result.exitCode).not.toBe(0);
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  test('a flood of a script that shares its shell is capped, and the next one runs', async () => {
    await warm();
    const result = await place.exec('head -c 20000000 /dev/zero | tr "\\0" x; echo; echo LAST', {
      maxOutputBytes: 1000,
    });
    expect(result).toMatchObject({ exitCode: 0, stdoutTruncated: true, stdout: expect.stringMatching(/x\nLAST\n$/) });
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });

  // Not for the shells of the lab, which differ in nothing here.
  if (place.traits.floodBytes > 0) {
    test('floods of it on both streams at once are taken in bounded memory', { timeout: 120_000 }, async () => {
      await warm();
      await expectFloodTaken(place);
      expect((await place.exec('echo next')).stdout).toBe('next\n');
    });
  }
}
