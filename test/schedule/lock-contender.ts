/**
 * A process that wants a lock, for lock.test.ts. argv: state directory, mode, name.
 * `hold`: takes it, says so and keeps it until it is killed. `die`: takes it and ends without giving it back.
 * `crashy`: takes it many times, writes `in` and `out` to the log around each turn, and every other time leaves it behind
 * as the lock of a process that has died.
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock, type Lock } from '../../src/schedule/lock.ts';

const ROUNDS = 25;

const [stateDir = '', mode = '', name = 'test'] = process.argv.slice(2);

if (mode === 'crashy') {
  for (let round = 0; round < ROUNDS; round++) {
    const lock = await take();
    appendFileSync(join(stateDir, 'log'), `in ${process.pid}\n`);
    // Time for the others to come in, if they could.
    await new Promise((resolve) => setImmediate(resolve));
    appendFileSync(join(stateDir, 'log'), `out ${process.pid}\n`);
    if (round % 2 === 0) leaveBehind(lock.path ?? '');
    else await lock.release();
  }
} else {
  await take();
  process.stdout.write('held\n');
  if (mode === 'hold') setInterval(() => undefined, 1000);
}

function take(): Promise<Lock> {
  const wait = { waitMs: 60_000 };
  return acquireLock(name, { stateDir, wait, pid: process.pid, command: `contender ${mode}`, pollMs: 1 });
}

function leaveBehind(path: string): void {
  const owner = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(`${path}.left`, JSON.stringify({ ...owner, processStartTicks: '1' }));
  renameSync(`${path}.left`, path);
}
