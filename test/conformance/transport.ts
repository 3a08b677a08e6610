/** What every transport must do; run by local, by the embedded SSH host and, in the lab, by a real sshd. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, ExecRequest, ExecResult } from '../../src/transport/types.ts';
import { KILL_GRACE_MS } from '../../src/transport/types.ts';

/** A place to connect to, on this very machine, so that files and processes can be looked at from outside. */
export interface TransportFixture {
  connect(): Promise<Connection>;
  /** Ends what the place needs. */
  stop(): Promise<void>;
}

/** Registers the suite for one transport. `make` is called for each test. */
export function registerTransportTests(name: string, make: () => Promise<TransportFixture>): void {
  describe(`transport conformance: ${name}`, () => {
    let fixture: TransportFixture;
    let connection: Connection;
    let folder: string;
    const signal = new AbortController().signal;

    beforeEach(async () => {
      // World-accessible: the login user need not be ours.
      folder = await mkdtemp(join(tmpdir(), 'fleetmend-transport-'));
      await chmod(folder, 0o777);
      fixture = await make();
      connection = await fixture.connect();
    });

    afterEach(async () => {
      await connection.close();
      await fixture.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const exec = (script: string, more: Partial<ExecRequest> = {}): Promise<ExecResult> =>
      connection.exec({ script, timeoutMs: 15_000, signal, ...more });

    test('exec keeps stdout, stderr and the exit status apart', async () => {
      const result = await exec('echo out; echo err >&2; exit 7');
      expect(result).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n', ended: 'exited' });
      expect(result).toMatchObject({ stdoutTruncated: false, stderrTruncated: false });
    });

    test('exec names the signal that ended a script', async () => {
      const result = await exec('kill -s KILL $$');
      expect(result).toMatchObject({ exitCode: null, signal: 'KILL', ended: 'exited' });
    });

    test('exec replaces bytes that are not UTF-8 and keeps the others', async () => {
      const result = await exec(String.raw`printf 'a\000b\377c\303\244'`);
      expect(result.stdout).toBe('a\0b\uFFFDcä');
    });

    test('a script has no stdin unless it is given', async () => {
      const short = await exec('cat; echo end');
      const long = await exec('cat\necho end\n');
      expect([short.stdout, long.stdout]).toEqual(['end\n', 'end\n']);
    });

    test('a script reads the given stdin to its end', async () => {
      const stdin = randomBytes(100_000);
      const result = await exec("wc -c\nprintf '%s\\n' 'a\\b'", { stdin });
      expect(result.stdout.replace(/ /g, '')).toBe('100000\na\\b\n');
      expect((await exec('cat', { stdin: Buffer.alloc(0) })).stdout).toBe('');
    });

    test('a script of 300 KB is read whole before it runs', async () => {
      const script = `x=1\n${': comment comment comment comment\n'.repeat(9000)}echo "$x $#"\n`;
      expect(script.length).toBeGreaterThan(300_000);
      expect(await exec(script)).toMatchObject({ exitCode: 0, stdout: '1 0\n' });
    });

    test('a script with a syntax error fails with the words of the shell', async () => {
      const result = await exec('echo begun\nif then\n');
      expect(result).toMatchObject({ ended: 'exited', stderr: expect.stringMatching(/syntax error|unexpected/i) });
      expect(result.exitCode).not.toBe(0);
    });

    test('quotes, dollars, backslashes and newlines arrive as they are', async () => {
      const script = `printf '%s|' 'it'\\''s' "a b" '$HOME' '\\n' '!' "\`echo x\`" 'ä\nz'`;
      expect((await exec(script)).stdout).toBe("it's|a b|$HOME|\\n|!|x|ä\nz|");
    });

    test('environment is exported, whatever the values hold', async () => {
      const environment = { FM_ONE: "it's $HOME\n`x`", FM_TWO: '' };
      const result = await exec('sh -c "env | grep -c ^FM_TWO=; printenv FM_ONE"', { environment });
      expect(result.stdout).toBe("1\nit's $HOME\n`x`\n");
    });

    test('a name that is no variable name is refused', async () => {
      const refused = exec('true', { environment: { 'a;b': '1' } });
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    test('output over the cap keeps head and tail and says so', async () => {
      const script = 'echo FIRST; head -c 5000000 /dev/zero | tr "\\0" x; echo; echo LAST';
      const result = await exec(script, { maxOutputBytes: 1000 });
      expect(result.exitCode).toBe(0);
      expect(result.stdoutTruncated).toBe(true);
      expect(result.stdout).toMatch(/^FIRST\nx+\n\[\.\.\. \d+ bytes left out \.\.\.\]\nx+\nLAST\n$/);
      expect(result.stdout.length).toBeLessThan(1100);
    });

    test('scripts run at the same time and each gets its own result', async () => {
      const numbers = Array.from({ length: 6 }, (_, i) => i);
      const results = await Promise.all(numbers.map((i) => exec(`echo ${i}; exit ${i}`)));
      expect(results.map((r) => [r.stdout, r.exitCode])).toEqual(numbers.map((i) => [`${i}\n`, i]));
    });

    test('a prepared shell runs the next script, and the one after it needs no preparing', async () => {
      connection.prepare(undefined);
      connection.prepare(undefined);
      expect((await exec('echo one')).stdout).toBe('one\n');
      expect((await exec('echo two')).stdout).toBe('two\n');
    });

    test('a script that leaves a background process with its streams ends nevertheless', async () => {
      const result = await exec('sleep 60 & echo $!');
      expect(result).toMatchObject({ exitCode: 0, ended: 'exited' });
      process.kill(Number(result.stdout));
    });

    test('raw runs the text as a command line', async () => {
      const result = await exec('echo raw; exit 3', { raw: true });
      expect(result).toMatchObject({ exitCode: 3, stdout: 'raw\n', ended: 'exited' });
      expect((await exec('cat', { raw: true, stdin: Buffer.from('in') })).stdout).toBe('in');
    });

    test('a deadline kills the script with its grandchildren, and the kill is seen', async () => {
      const pids = join(folder, 'pids');
      const script = `umask 0; (sleep 61 & echo $! >>${pids}; wait) &\necho $! $$ >>${pids}\necho begun\nsleep 62`;
      const result = await exec(script, { timeoutMs: 700 });
      expect(result).toMatchObject({ exitCode: null, ended: 'timed_out', remote: 'gone', stdout: 'begun\n' });
      const seen = (await readFile(pids, 'utf8')).trim().split(/\s+/).map(Number);
      expect(seen).toHaveLength(3);
      for (const pid of seen) expect(await isRunning(pid)).toBe(false);
      expect((await exec('echo still usable')).stdout).toBe('still usable\n');
    });

    test('a child that ignores TERM is killed', async () => {
      const result = await exec("trap '' TERM\nwhile :; do sleep 1; done", { timeoutMs: 500 });
      expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
      expect(result.durationMs).toBeLessThan(500 + 3 * KILL_GRACE_MS);
    });

    test('a signal interrupts a running script', async () => {
      const controller = new AbortController();
      const running = exec(`echo $$ >${join(folder, 'pid')}; sleep 63`, { signal: controller.signal });
      await fileAppears(join(folder, 'pid'));
      controller.abort();
      expect(await running).toMatchObject({ exitCode: null, ended: 'interrupted', remote: 'gone' });
    });

    test('a signal that fired before starts nothing', async () => {
      const result = await exec(`touch ${join(folder, 'no')}`, { signal: AbortSignal.abort() });
      expect(result).toMatchObject({ exitCode: null, ended: 'interrupted', remote: 'gone' });
      await expect(stat(join(folder, 'no'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('a file goes there and back unchanged, under any name, with its mode', async () => {
      const content = randomBytes(200_000);
      const remotePath = join(folder, `-it's "a"\n\\name $x`);
      await connection.upload({ content, remotePath, mode: 0o640, timeoutMs: 15_000, signal });
      expect((await stat(remotePath)).mode & 0o7777).toBe(0o640);
      const back = await connection.download({ remotePath, maxBytes: 200_000, timeoutMs: 15_000, signal });
      expect(back.equals(content)).toBe(true);
      expect((await exec('ls -A "$D"; umask', { environment: { D: folder } })).stdout).not.toContain('.fleetmend');
    });

    test('an empty file goes there and back', async () => {
      const remotePath = join(folder, 'empty');
      await connection.upload({ content: Buffer.alloc(0), remotePath, timeoutMs: 15_000, signal });
      expect((await stat(remotePath)).mode & 0o7777).toBe(0o600);
      expect(await connection.download({ remotePath, maxBytes: 0, timeoutMs: 15_000, signal })).toHaveLength(0);
    });

    test('an upload that cannot be written says why and leaves nothing', async () => {
      const base = { content: Buffer.from('x'), timeoutMs: 15_000, signal };
      const missing = connection.upload({ ...base, remotePath: join(folder, 'no/such') });
      await expect(missing).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
      const directory = connection.upload({ ...base, remotePath: folder });
      await expect(directory).rejects.toThrow('it is a directory');
    });

    test('a download of a missing or too large file says so', async () => {
      const remotePath = join(folder, 'large');
      await connection.upload({ content: Buffer.alloc(11), remotePath, timeoutMs: 15_000, signal });
      const large = connection.download({ remotePath, maxBytes: 10, timeoutMs: 15_000, signal });
      await expect(large).rejects.toThrow('it has 11 bytes; at most 10 are allowed');
      const none = connection.download({ remotePath: join(folder, 'none'), maxBytes: 10, timeoutMs: 15_000, signal });
      await expect(none).rejects.toThrow('there is no such file');
    });

    test('nothing runs on a closed connection', async () => {
      await connection.close();
      await connection.close();
      expect(connection.isOpen).toBe(false);
      connection.prepare(undefined);
      await expect(exec('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    });
  });
}

async function fileAppears(path: string): Promise<void> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text !== '') return;
    if (Date.now() > endMs) throw new Error(`${path} did not appear`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Whether a process of this machine lives. Zombies count as gone: only their parent can take them away. */
export async function isRunning(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}
