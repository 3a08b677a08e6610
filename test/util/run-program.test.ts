import { describe, expect, test } from 'vitest';
import { describeProgramEnd, type ProgramRequest, runProgram } from '../../src/util/run-program.ts';

function request(script: string, more: Partial<ProgramRequest> = {}): ProgramRequest {
  return {
    file: process.execPath,
    args: ['-e', script],
    env: { PATH: process.env.PATH, ONLY: 'this' },
    timeoutMs: 10_000,
    maxOutputBytes: 1024 * 1024,
    ...more,
  };
}

describe('a program that runs to its end', () => {
  test('gives its status and both outputs apart', async () => {
    const result = await runProgram(
      request('process.stdout.write("out é"); process.stderr.write("err"); process.exitCode = 3;'),
    );
    expect(result).toMatchObject({ ended: 'exited', status: 3, signal: null, stdout: 'out é', stderr: 'err' });
    expect(describeProgramEnd(result, request(''))).toBe('exited with status 3');
  });

  test('has no stdin and only the environment that it is given', async () => {
    const script =
      'process.stdin.on("end", () => console.log(JSON.stringify(process.env))).resume(); setTimeout(() => {}, 60000).unref();';
    const result = await runProgram(request(script));
    expect(JSON.parse(result.stdout)).toEqual({ PATH: process.env.PATH, ONLY: 'this' });
  });

  test('gives the words of its command line as they are', async () => {
    const words = ['a b', '$HOME', '*', "it's", ''];
    const result = await runProgram({
      ...request(''),
      args: ['-p', 'JSON.stringify(process.argv.slice(1))', ...words],
    });
    expect(JSON.parse(result.stdout)).toEqual(words);
  });

  test('says which signal killed it', async () => {
    const result = await runProgram(request('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);'));
    expect(result).toMatchObject({ ended: 'exited', status: null, signal: 'SIGKILL' });
    expect(describeProgramEnd(result, request(''))).toBe('was killed by SIGKILL');
  });

  test('keeps the end of a long stderr', async () => {
    const result = await runProgram(request('process.stderr.write("x".repeat(200000) + "the end");'));
    expect(result.stderr).toHaveLength(64 * 1024);
    expect(result.stderr.endsWith('the end')).toBe(true);
  });

  test('is not waited for longer because of what it left behind', async () => {
    const child = '["-e", "setInterval(() => {}, 1000)"]';
    const script = `const c = require("child_process").spawn(process.execPath, ${child}, { stdio: "inherit", detached: true }); console.log(c.pid); c.unref();`;
    const result = await runProgram(request(script));
    // It left the group, so that ending it is our part.
    process.kill(Number(result.stdout), 'SIGKILL');
    expect(result).toMatchObject({ ended: 'exited', status: 0 });
  });
});

describe('a program is killed with its children', () => {
  const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';

  test('when its deadline passes, also when it does not want to go', async () => {
    const child = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], { stdio: "inherit" })`;
    const asked = request(`console.log(process.pid, ${child}.pid); ${STUBBORN}`, { timeoutMs: 700 });
    const result = await runProgram(asked);
    expect(result).toMatchObject({ ended: 'timed_out', status: null });
    expect(describeProgramEnd(result, asked)).toBe('did not end within 700 ms and was killed');
    for (const pid of result.stdout.trim().split(' ').map(Number)) {
      await expect.poll(() => canSignal(pid), { timeout: 5000 }).toBe(false);
    }
  });

  test('when it prints too much', async () => {
    const asked = request('for (;;) require("fs").writeSync(1, "x".repeat(1000));', { maxOutputBytes: 10_000 });
    const result = await runProgram(asked);
    expect(result.ended).toBe('flooded');
    expect(result.stdout).toHaveLength(10_000);
    expect(describeProgramEnd(result, asked)).toBe('printed more than 10000 bytes and was killed');
  });

  test('when it asks for an answer, also in pieces', async () => {
    const script =
      'process.stdout.write("1) a\\nSel"); setTimeout(() => process.stdout.write("ect: "), 20); setInterval(() => {}, 1000);';
    const result = await runProgram(request(script, { endless: /^Select: /m }));
    expect(result.ended).toBe('endless');
  });

  test('when the run is interrupted, before or during', async () => {
    const before = await runProgram(request(STUBBORN, { signal: AbortSignal.abort() }));
    expect(before.ended).toBe('interrupted');
    const aborter = new AbortController();
    const running = runProgram(request('setInterval(() => {}, 1000);', { signal: aborter.signal }));
    aborter.abort();
    expect((await running).ended).toBe('interrupted');
  });
});

describe('a program that cannot be started', () => {
  test.each([
    ['/no/such/program', 'could not be started: there is no such program (ENOENT)'],
    ['/usr/no-such-program', 'could not be started: there is no such program (ENOENT)'],
    ['/', 'could not be started: it is not executable, or a folder on the way to it may not be read (EACCES)'],
  ])('%s', async (file, description) => {
    const asked = { ...request(''), file, args: [] };
    const result = await runProgram(asked);
    expect(result.ended).toBe('not_started');
    expect(describeProgramEnd(result, asked)).toBe(description);
  });
});

function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
