// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asyncStatus } from '../../src/modules/async-status.ts';
import { command } from '../../src/modules/command.ts';
import type { JobWishes } from '../../src/modules/contract.ts';
import { script } from '../../src/modules/script.ts';
import { shell } from '../../src/modules/shell.ts';
import { runModule } from '../util/module-runner.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetmend-async-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const options = (job?: JobWishes) => ({ env: { HOME: home }, job, sleep });
const start = async (cmd: string, limitSeconds = 20): Promise<string> => {
  const run = await runModule(shell, { cmd }, options({ limitSeconds, pollSeconds: 0 }));
  expect(run).toMatchObject({ status: 'changed', result: { started: true, finished: false } });
  return String(run.result.ansible_job_id);
};
const look = (jid: string, mode = 'status') => runModule(asyncStatus, { jid, mode }, options());

async function ended(jid: string) {
  const giveUpAtMs = Date.now() + 15_000;
  for (;;) {
    const run = await look(jid);
    if (run.result.finished === true) return run;
    if (Date.now() > giveUpAtMs) throw new Error(`job ${jid} has not ended: ${JSON.stringify(run.result)}`);
    await sleep(50);
  }
}

/** Whether a process is there that is no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Ends a job that a test left, with who watches it. */
async function endJob(folder: string): Promise<void> {
  await until(() => existsSync(join(folder, 'pid')));
  for (const name of ['pid', 'runner']) {
    const pid = Number(readFileSync(join(folder, name), 'utf8'));
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {} // it may have ended
  }
}

async function until(holds: () => boolean): Promise<void> {
  const giveUpAtMs = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > giveUpAtMs) throw new Error(`not within 10 s: ${holds}`);
    await sleep(20);
  }
}

describe('a job with poll: 0', () => {
  test('goes on while nobody waits; its result is there when it has ended', async () => {
    const gate = join(home, 'gate');
    const jid = await start(`while [ ! -e ${gate} ]; do sleep 0.05; done; echo out; echo err >&2; exit 3`);
    const running = await look(jid);
    expect(running).toMatchObject({ status: 'ok', result: { started: true, finished: false, stdout: '' } });
    writeFileSync(gate, '');
    const run = await ended(jid);
    expect(run.status).toBe('failed');
    expect(run.result).toMatchObject({
      ansible_job_id: jid,
      rc: 3,
      stdout: 'out',
      stderr: 'err',
      msg: 'non-zero return code',
      cmd: expect.stringContaining('exit 3'),
      start: expect.stringMatching(/^\d{4}-/),
      delta: expect.stringMatching(/^0:00:/),
    });
  });

  test('counts as changed when it ended well, as the command itself does', async () => {
    expect(await ended(await start('echo fine'))).toMatchObject({
      status: 'changed',
      result: { stdout: 'fine', rc: 0 },
    });
  });

  test('keeps the output of jobs that run at once apart', async () => {
    const words = ['one', 'two', 'three', 'four'];
    const jobs = await Promise.all(words.map((word) => start(`for i in 1 2 3 4 5; do echo ${word}; sleep 0.02; done`)));
    const runs = await Promise.all(jobs.map(ended));
    expect(runs.map((run) => run.result.stdout_lines)).toEqual(words.map((word) => Array(5).fill(word)));
  });

  test('reads its stdin and its environment', async () => {
    const run = await runModule(
      shell,
      { cmd: 'cat; echo "$COLOR"', stdin: 'given' },
      { ...options({ limitSeconds: 20, pollSeconds: 0 }), environment: { COLOR: 'blue' } },
    );
    expect(await ended(String(run.result.ansible_job_id))).toMatchObject({ result: { stdout: 'given\nblue' } });
  });

  test('runs a file of the controller and removes it', async () => {
    writeFileSync(join(home, 'job.sh'), '#!/bin/sh\necho "$1 in $(pwd)"; ls "$TMPDIR"\n');
    const wishes = { ...options({ limitSeconds: 20, pollSeconds: 0 }), searchPaths: [home] };
    const run = await runModule(script, { cmd: 'job.sh word', chdir: '/' }, wishes);
    const end = await ended(String(run.result.ansible_job_id));
    expect(end.result.stdout).toContain('word in /\n');
  });

  test('keeps what it runs from other users, and in no argument list', async () => {
    const pidFile = join(home, 'pid');
    const jid = await start(
      `secret=xyzzy; echo $$ >${pidFile}.new; mv ${pidFile}.new ${pidFile}; sleep 5; echo $secret`,
    );
    const folder = join(home, '.fleetmend-async', jid);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    const runner = Number(readFileSync(join(folder, 'runner'), 'utf8'));
    expect(readFileSync(`/proc/${runner}/cmdline`, 'utf8')).not.toContain('xyzzy');
    await endJob(folder);
  });

  test('ends at its deadline with all its processes', async () => {
    const pidFile = join(home, 'pid');
    const jid = await start(`echo before; sleep 30 & echo $! >${pidFile}; wait`, 1);
    const run = await ended(jid);
    expect(run).toMatchObject({
      status: 'failed',
      result: { stdout: 'before', msg: 'the job was ended at its deadline' },
    });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until(() => !isAlive(pid));
  });
});

describe('a job that is waited for', () => {
  test('gives the result of the command and leaves nothing behind', async () => {
    const run = await runModule(command, { cmd: 'echo hello' }, options({ limitSeconds: 10, pollSeconds: 0.1 }));
    expect(run).toMatchObject({
      status: 'changed',
      result: { stdout: 'hello', rc: 0, cmd: ['echo', 'hello'], finished: true },
    });
    expect(readdirSync(join(home, '.fleetmend-async'))).toEqual([]);
  });

  test('fails at its deadline', async () => {
    const run = await runModule(shell, { cmd: 'sleep 30' }, options({ limitSeconds: 1, pollSeconds: 0.2 }));
    expect(run).toMatchObject({
      status: 'failed',
      result: { msg: 'async task did not complete within the requested time - 1s' },
    });
  });

  test('takes a connection that is lost for no end of the job', async () => {
    let lost = 0;
    const run = await runModule(
      shell,
      { cmd: 'sleep 0.5; echo survived' },
      {
        ...options({ limitSeconds: 20, pollSeconds: 0.1 }),
        loseConnection: (text) => text.includes('finished $line') && lost++ < 2,
        reconnect: async () => {},
      },
    );
    expect(run).toMatchObject({ status: 'changed', result: { stdout: 'survived' } });
    expect(lost).toBeGreaterThan(2);
  });
});

describe('async_status', () => {
  test.each(['j1.1', '../../etc', '', '-rf'])("knows no job '%s'", async (jid) => {
    expect(await look(jid)).toMatchObject({
      status: 'failed',
      result: { msg: 'could not find job', started: true, finished: true },
    });
    expect(await look(jid, 'cleanup')).toMatchObject({ status: 'failed', result: { msg: 'could not find job' } });
  });

  test('cleanup removes what is kept of a job', async () => {
    const jid = await start('echo x');
    await ended(jid);
    const path = join(home, '.fleetmend-async', jid, 'status');
    expect(await look(jid, 'cleanup')).toMatchObject({ status: 'ok', result: { erased: path } });
    expect((await look(jid)).result.msg).toBe('could not find job');
  });

  test('says that a job is gone which the host lost in a reboot', async () => {
    const jid = await start('sleep 20');
    const folder = join(home, '.fleetmend-async', jid);
    // Another boot, in which a process of the same number runs.
    writeFileSync(join(folder, 'boot'), '00000000-0000-0000-0000-000000000000\n');
    expect(await look(jid)).toMatchObject({
      status: 'failed',
      result: { finished: true, msg: expect.stringContaining('was the host rebooted') },
    });
    await endJob(folder);
  });

  test('says that a job is gone whose processes were killed', async () => {
    const jid = await start('sleep 20');
    const folder = join(home, '.fleetmend-async', jid);
    const runner = Number(readFileSync(join(folder, 'runner'), 'utf8'));
    await until(() => existsSync(join(folder, 'pid')));
    process.kill(runner, 'SIGKILL');
    await until(() => !isAlive(runner));
    expect((await look(jid)).result.msg).toMatch(/^could not find job: /);
    await endJob(folder);
  });
});
