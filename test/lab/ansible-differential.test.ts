/**
 * The same playbooks through Ansible and through us: the recap of each host and the exit code must be the same. A first
 * line `# args: …` holds further options for both.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const FOLDER = fileURLToPath(new URL('./playbooks', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface End {
  readonly code: number;
  readonly stdout: string;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<End> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd: FOLDER, env: { PATH: process.env.PATH, ...env }, timeout: 90_000 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number')
          reject(new Error(`${program}: ${error.message}\n${stderr}`));
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout: `${stdout}\n${stderr}` });
      },
    );
  });
}

/** `host: ok=1 changed=0 …` of a recap, by host. */
function recapOf(stdout: string): Record<string, string> {
  const rows = stdout.matchAll(
    /^(\S+)\s*:\s*(ok=\d+\s+changed=\d+\s+unreachable=\d+\s+failed=\d+\s+skipped=\d+\s+rescued=\d+\s+ignored=\d+)/gm,
  );
  return Object.fromEntries([...rows].map(([, host = '', counts = '']) => [host, counts.replace(/\s+/g, ' ')]));
}

async function argsOf(playbook: string): Promise<string[]> {
  const line = /^# args: (.*)/.exec(await readFile(join(FOLDER, playbook), 'utf8'));
  return line?.[1]?.split(' ') ?? [];
}

it.each((await readdir(FOLDER)).filter((name) => name.endsWith('.yml')))('%s', async (playbook) => {
  const home = await mkdtemp(join(tmpdir(), 'fleetmend-differential-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const env = { HOME: home, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  const report = join(home, 'report.json');
  const args = await argsOf(playbook);
  const [theirs, ours] = await Promise.all([
    run('ansible-playbook', ['-i', 'a,b,c,', '-c', 'local', ...args, playbook], {
      ...env,
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: '0',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
      ANSIBLE_HOST_KEY_CHECKING: '0',
    }),
    run(
      process.execPath,
      [
        MAIN,
        'run',
        '-i',
        'a,b,c,',
        '-c',
        'local',
        '--state-dir',
        home,
        '--report',
        `json=${report}`,
        ...args,
        playbook,
      ],
      env,
    ),
  ]);
  const { default: json } = await import(report, { with: { type: 'json' } });
  const counts = Object.entries(json.hosts as Record<string, Record<string, number>>).map(([host, c]) => [
    host,
    `ok=${c.ok} changed=${c.changed} unreachable=${c.unreachable} failed=${c.failed} skipped=${c.skipped} rescued=${c.rescued} ignored=${c.ignored}`,
  ]);
  const context = `--- ansible\n${theirs.stdout}\n--- fleetmend\n${ours.stdout}`;
  expect(Object.fromEntries(counts), context).toEqual(recapOf(theirs.stdout));
  expect(ours.code, context).toBe(theirs.code);
});
