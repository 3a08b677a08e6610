/** Command lines for the login shell, with nothing of ours around them. */
import { expect, test } from 'vitest';
import { isGoneWithin, type Place, textAppears } from './place.ts';

export function registerRawTests(place: Place): void {
  test('raw runs the text as a command line', async () => {
    const result = await place.exec('echo raw; echo err >&2; exit 3', { raw: true });
    expect(result).toMatchObject({ exitCode: 3, stdout: 'raw\n', stderr: 'err\n', ended: 'exited' });
  });

  test('raw reads the given stdin, or none', async () => {
    expect((await place.exec('cat', { raw: true, stdin: Buffer.from('in') })).stdout).toBe('in');
    expect((await place.exec('cat; echo end', { raw: true })).stdout).toBe('end\n');
  });

  test('raw keeps quotes, pipes and newlines', async () => {
    const script = `printf '%s\\n' 'it'\\''s' "$((1+1))" | sort\necho "last"`;
    expect((await place.exec(script, { raw: true })).stdout).toBe("2\nit's\nlast\n");
  });

  test('raw names the signal that ended it', async () => {
    const result = await place.exec('exec sh -c "kill -s KILL \\$\\$"', { raw: true });
    const told = place.traits.tellsSignals ? { exitCode: null, signal: 'KILL' } : { exitCode: 128 + 9 };
    expect(result).toMatchObject({ ...told, ended: 'exited' });
  });

  test('raw output is capped as any other', async () => {
    const script = 'head -c 100000 /dev/zero | tr "\\0" x';
    const result = await place.exec(script, { raw: true, maxOutputBytes: 500 });
    expect(result).toMatchObject({ exitCode: 0, stdoutTruncated: true });
    expect(result.stdout.length).toBeLessThan(600);
  });

  test('raw is let go at its deadline, with what it printed', async () => {
    const pidFile = place.path('pid');
    const script = `umask 0; echo $$ >${pidFile}; echo begun; exec sleep 60`;
    const result = await place.exec(script, { raw: true, timeoutMs: 1000 });
    expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', stdout: 'begun\n' });
    const pid = Number(await textAppears(pidFile));
    // Nobody looked, unless the transport could: what it says must be true.
    if (result.remote === 'gone') expect(await isGoneWithin(pid, 0)).toBe(true);
    await isGoneWithin(pid, 3000).then((gone) => gone || process.kill(pid, 'SIGKILL'));
    expect((await place.exec('echo next')).stdout).toBe('next\n');
  });
}
