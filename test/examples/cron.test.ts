import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testFolder } from '../cli/run-cli.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/cron/', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

// A host fails when its file says so; a fleet of two that is this machine.
const PLAYBOOK = `- hosts: all
  connection: local
  gather_facts: false
  tasks:
    - name: look
      command: test ! -e {{ playbook_dir }}/{{ inventory_hostname }}.bad
      changed_when: false
`;

interface Job {
  readonly folder: string;
  run(...words: readonly string[]): Promise<{ readonly code: number; readonly printed: string }>;
  break(host: string): Promise<void>;
  mend(host: string): Promise<void>;
}

async function setUp(): Promise<Job> {
  const folder = await testFolder();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'fleetmend'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(join(bin, 'fleetmend'), 0o755);
  await writeFile(join(folder, 'look.yml'), PLAYBOOK);
  await writeFile(join(folder, 'fleetmend.yml'), 'inventory: hosts\nstate_dir: state\n');
  await writeFile(join(folder, 'hosts'), 'web1\nweb2\n');
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    HOME: folder,
    FLEETMEND_JOB_STATE: folder,
    FLEETMEND_JOB_LOG: folder,
    FLEETMEND_JOB_METRICS: folder,
  };
  return {
    folder,
    run: (...words) =>
      new Promise((resolve) => {
        const args = [join(EXAMPLE, 'fleetmend-job'), 'look', 'look.yml', ...words];
        execFile('sh', args, { cwd: folder, env }, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), printed: stdout + stderr });
        });
      }),
    break: (host) => writeFile(join(folder, `${host}.bad`), ''),
    mend: (host) => rm(join(folder, `${host}.bad`)),
  };
}

describe('the job of cron', () => {
  test('prints something only when the state changes, and leaves reports, log and figures', async () => {
    const job = await setUp();
    expect(await job.run()).toEqual({ code: 0, printed: '' });
    await job.break('web2');
    const broken = await job.run();
    expect(broken.code).toBe(2);
    expect(broken.printed).toMatch(/^look: exit code 2, not fine: web2 \(before: all hosts fine\)$/m);
    expect(broken.printed).toMatch(/web2/);
    expect(await job.run()).toEqual({ code: 2, printed: '' });
    await job.break('web1');
    expect((await job.run()).printed).toMatch(/not fine: web1 web2.*before: exit code 2, not fine: web2/);
    await job.mend('web1');
    await job.mend('web2');
    expect((await job.run()).printed).toMatch(/^look: all hosts fine \(before: exit code 2, not fine: web1 web2\)\n$/);
    const log = await readFile(join(job.folder, 'look.log'), 'utf8');
    expect(log.match(/^20\S+Z look: exit code \d$/gm)).toHaveLength(5);
    expect(JSON.parse(await readFile(join(job.folder, 'look.json'), 'utf8'))).toMatchObject({ run: { exitCode: 0 } });
    const figures = await readFile(join(job.folder, 'fleetmend-look.prom'), 'utf8');
    expect(figures).toContain('fleetmend_run_exit_code{playbook="look.yml"} 0\n');
  });

  test('says that it could not start, once', async () => {
    const job = await setUp();
    await writeFile(join(job.folder, 'hosts'), '');
    const first = await job.run();
    expect(first.code).toBe(1);
    expect(first.printed).toMatch(/^look: exit code 1 \(before: all hosts fine\)$/m);
    expect(first.printed).toMatch(/the inventory has no hosts/);
    expect(await job.run()).toEqual({ code: 1, printed: '' });
  });
});

test('each line of the crontab is one that cron takes, and names a playbook that ships', async () => {
  const lines = (await readFile(join(EXAMPLE, 'fleetmend.cron'), 'utf8')).split('\n');
  const jobs = lines.filter((line) => /^[*\d]/.test(line));
  expect(jobs).toHaveLength(2);
  for (const job of jobs) {
    expect(job).toMatch(/^(\S+ +){5}fleetmend +cd \/etc\/fleetmend && fleetmend-job \w+ [\w-]+\.yml( |$)/);
    expect(job.replaceAll('\\%', '')).not.toContain('%');
    const playbook = /fleetmend-job \w+ (\S+)/.exec(job)?.[1] ?? '';
    await expect(readFile(new URL(`../../playbooks/${playbook}`, import.meta.url), 'utf8')).resolves.toContain(
      'hosts:',
    );
  }
});
