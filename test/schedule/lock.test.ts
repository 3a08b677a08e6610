import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, type LockOptions, lockFileName } from '../../src/schedule/lock.ts';
import { describeSelf, type LockOwner, ownerState } from '../../src/schedule/lock-owner.ts';

const CONTENDER = new URL('./lock-contender.ts', import.meta.url).pathname;

describe('acquireLock', () => {
  let stateDir: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'fleetmend-lock-'));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(stateDir, { recursive: true, force: true });
  });

  const options = (extra: Partial<LockOptions> = {}): LockOptions => ({
    stateDir,
    wait: 'skip',
    pid: process.pid,
    command: 'fleetmend run clean.yml',
    pollMs: 5,
    ...extra,
  });

  const start = (mode: string, name = 'test'): ChildProcess => {
    const child = spawn(process.execPath, [CONTENDER, stateDir, mode, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };

  const plant = async (owner: Partial<LockOwner>): Promise<string> => {
    const first = await acquireLock('test', options());
    const path = first.path ?? '';
    await first.release();
    await writeFile(path, JSON.stringify({ ...describeSelf(process.pid, 'test', 'old run', Date.now()), ...owner }));
    return path;
  };

  it('says who holds it, since when, and what to do, with exit code 75', async () => {
    const startedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);
    const lock = await acquireLock('nightly', options({ nowMs: () => startedAtMs }));
    const second = acquireLock('nightly', options({ nowMs: () => startedAtMs + 842_000 }));
    await expect(second).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 75,
      message: `The lock 'nightly' is held by process ${process.pid} on ${hostname()} since 2026-01-02T03:04:05.000Z (14m 02s): fleetmend run clean.yml`,
      hint: `wait for it with --lock-wait 5m, or end it with: kill ${process.pid}`,
    });
    await lock.release();
  });

  it('says once for whom it waits', async () => {
    const lock = await acquireLock('test', options());
    const told: string[] = [];
    const wait = { waitMs: 60 };
    await expect(acquireLock('test', options({ wait, onWait: (holder) => told.push(holder) }))).rejects.toMatchObject({
      code: 'LOCKED',
    });
    expect(told).toEqual([`process ${process.pid} on ${hostname()}: fleetmend run clean.yml`]);
    await lock.release();
  });

  it('can be taken again once it is released, and leaves no file behind', async () => {
    for (let round = 0; round < 3; round++) await (await acquireLock('test', options())).release();
    expect(await readdir(join(stateDir, 'locks'))).toEqual([]);
  });

  it('leaves locks of other names alone', async () => {
    const a = await acquireLock('a', options());
    const b = await acquireLock('b', options());
    expect(a.path).not.toBe(b.path);
    await a.release();
    await b.release();
  });

  it('takes nothing with wait none', async () => {
    const held = await acquireLock('test', options());
    const free = await acquireLock('test', options({ wait: 'none' }));
    await free.release();
    await expect(acquireLock('test', options())).rejects.toMatchObject({ code: 'LOCKED' });
    await held.release();
  });

  it('waits for its turn', async () => {
    const first = await acquireLock('test', options());
    const second = acquireLock('test', options({ wait: { waitMs: 20_000 } }));
    await first.release();
    await (await second).release();
  });

  it('gives up when the wait is over, and says how long it waited', async () => {
    const first = await acquireLock('test', options());
    const second = acquireLock('test', options({ wait: { waitMs: 30 } }));
    await expect(second).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('after waiting 30 ms'),
    });
    await first.release();
  });

  it('stops waiting when the signal fires', async () => {
    const first = await acquireLock('test', options());
    const abort = new AbortController();
    const second = acquireLock('test', options({ wait: { waitMs: 20_000 }, signal: abort.signal }));
    abort.abort();
    await expect(second).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    await first.release();
  });

  it('is held against another process that lives', async () => {
    const holder = start('hold');
    await once(holder.stdout ?? holder, 'data');
    const attempt = acquireLock('test', options());
    await expect(attempt).rejects.toThrow(`is held by process ${holder.pid} on ${hostname()}`);
  });

  it('is taken over from a process that was killed', async () => {
    const holder = start('hold');
    await once(holder.stdout ?? holder, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await acquireLock('test', options())).release();
  });

  it('is never held by two of eight processes that leave it behind every other time', async () => {
    const contenders = Array.from({ length: 8 }, () => start('crashy'));
    const codes = await Promise.all(contenders.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual(contenders.map(() => 0));
    const lines = (await readFile(join(stateDir, 'log'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(8 * 25 * 2);
    for (let i = 0; i < lines.length; i += 2) {
      expect(lines[i]).toMatch(/^in \d+$/);
      expect(lines[i + 1]).toBe(lines[i]?.replace('in', 'out'));
    }
    expect((await readdir(join(stateDir, 'locks'))).filter((file) => !file.endsWith('.lock'))).toEqual([]);
  }, 60_000);

  it('is taken over when its pid belongs to a younger process by now', async () => {
    await plant({ processStartTicks: '1' });
    await (await acquireLock('test', options())).release();
  });

  it('is taken over when the machine was restarted since', async () => {
    await plant({ bootId: '00000000-0000-0000-0000-000000000000' });
    await (await acquireLock('test', options())).release();
  });

  it('is not taken from another machine before it is old', async () => {
    const path = await plant({ host: 'elsewhere', pid: 4_000_000 });
    await expect(acquireLock('test', options())).rejects.toMatchObject({
      message: expect.stringContaining('by process 4000000 on elsewhere since'),
      hint: expect.stringContaining(`cannot be seen from here, so if it does not: rm '${path}'`),
    });
    const later = Date.now() + 25 * 3_600_000;
    await (await acquireLock('test', options({ nowMs: () => later }))).release();
  });

  it('is taken over also when a process died while it was taking it over', async () => {
    const path = await plant({ processStartTicks: '1' });
    await writeFile(`${path}.takeover`, await readFile(path, 'utf8'));
    await (await acquireLock('test', options())).release();
    expect(await readdir(join(stateDir, 'locks'))).toEqual([]);
  });

  it('counts as held when its file cannot be read as a lock', async () => {
    const path = await plant({});
    await writeFile(path, 'garbage');
    await expect(acquireLock('test', options())).rejects.toMatchObject({
      code: 'LOCKED',
      hint: `if no run is under way, remove the file: rm '${path}'`,
    });
  });

  it('does not remove a lock that is not its own any more', async () => {
    const lock = await acquireLock('test', options());
    const path = await plantOver(lock.path ?? '');
    await lock.release();
    expect(await readFile(path, 'utf8')).toContain('another owner');
  });

  it('names the file and the way out when the state directory cannot be used', async () => {
    const file = join(stateDir, 'file');
    await writeFile(file, '');
    await expect(acquireLock('test', options({ stateDir: file }))).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      message: expect.stringContaining(`Cannot use the lock file '${file}/locks/`),
    });
  });

  async function plantOver(path: string): Promise<string> {
    await writeFile(path, JSON.stringify(describeSelf(process.pid, 'test', 'another owner', Date.now())));
    return path;
  }
});

describe('lockFileName', () => {
  it.each(['/srv/plays/clean.yml', '../../etc/passwd', '', 'ü', 'a'.repeat(500), 'a\0b', '.'])(
    'makes of %j a plain file name',
    (name) => {
      expect(lockFileName(name)).toMatch(/^[a-z0-9][a-z0-9-]{0,52}\.lock$/);
    },
  );

  it('keeps names apart that read alike', () => {
    expect(lockFileName('a/b')).not.toBe(lockFileName('a-b'));
  });
});

describe('ownerState', () => {
  const self = describeSelf(process.pid, 'test', 'x', 0);

  it('sees that this process lives', () => {
    expect(ownerState(self)).toBe('alive');
  });

  it('calls a process in another pid namespace unknown', () => {
    expect(ownerState({ ...self, pidNamespace: 'pid:[1]' })).toBe('unknown');
  });

  it('calls a pid that does not exist dead', () => {
    expect(ownerState({ ...self, pid: 2 ** 22 + 1 })).toBe('dead');
  });
});
