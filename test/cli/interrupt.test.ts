import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startFleet } from './embedded-fleet.ts';
import { runCli, testFolder } from './run-cli.ts';

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Whether a process lives, zombies apart. */
async function lives(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) Z /.test(text);
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops the hosts, kills the remote processes, still writes the report, and exits with 130',
  async (signal) => {
    const dir = await testFolder();
    const fleet = await startFleet(dir, { web1: 'normal', web2: 'normal', web3: 'normal' });
    // A command with a child in the background: both must be gone.
    await writeFile(
      join(dir, 'play.yml'),
      '- hosts: all\n  tasks:\n    - name: long\n      shell: |\n        sleep 300 & echo $! > child; echo $$ > parent; touch started; wait\n    - {name: never, shell: touch never}\n',
    );
    const report = join(dir, 'report.json');
    // One connects at a time: which hosts are the first two is no matter of chance.
    const words = ['-f', '2', '--connecting', '1', '--report', `json=${report}`];
    const run = await runCli(['run', join(dir, 'play.yml'), ...fleet.args, ...words], {
      cwd: dir,
      onStart: (child) => {
        void expect
          .poll(
            async () => (await exists(join(dir, 'web1', 'started'))) && (await exists(join(dir, 'web2', 'started'))),
            { timeout: 15_000 },
          )
          .toBe(true)
          .then(() => child.kill(signal));
      },
    });
    expect(run.code, run.stderr).toBe(130);
    const written = JSON.parse(await readFile(report, 'utf8'));
    expect(written.run.exitCode).toBe(130);
    expect(Object.keys(written.hosts)).toEqual(['web1', 'web2']);
    const [task] = written.plays[0].tasks;
    expect(task.hosts.web1).toMatchObject({ status: 'failed', failure: { kind: 'interrupted', remote: 'gone' } });
    for (const host of ['web1', 'web2']) {
      for (const file of ['child', 'parent']) {
        const pid = Number(await readFile(join(fleet.home(host), file), 'utf8'));
        expect(await lives(pid), `${host} ${file} ${pid}`).toBe(false);
      }
      expect(await exists(join(fleet.home(host), 'never'))).toBe(false);
    }
    expect(await exists(join(fleet.home('web3'), 'started'))).toBe(false);
  },
);

it('--deadline ends the run with 124 and one result for each started host', async () => {
  const dir = await testFolder();
  const fleet = await startFleet(dir, { web1: 'normal' });
  await writeFile(join(dir, 'play.yml'), '- hosts: all\n  tasks: [{shell: sleep 300}]\n');
  const run = await runCli(['run', join(dir, 'play.yml'), ...fleet.args, '--deadline', '2s'], { cwd: dir });
  expect(run.code, run.stderr).toBe(124);
  expect(run.stdout).toContain('the run took longer than --deadline allows (2.0 s)');
});
