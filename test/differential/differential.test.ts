/**
 * The same playbooks through Ansible and through us: the recap of each host, what `debug` showed there and the exit
 * code must be the same. First lines of a playbook: `# args: …` holds further options for both, `# unordered` says that
 * the order of the tasks on a host may differ.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('./playbooks', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const COUNTS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'];

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<End> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd: FOLDER, env: { PATH: process.env.PATH, ...env }, timeout: 90_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number')
          reject(new Error(`${program}: ${error.message}\n${stderr}`));
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

/** What one program says of a run, in the same form for both. */
interface Account {
  /** `ok=1 changed=0 …` by host. */
  readonly recap: Readonly<Record<string, string>>;
  /** What `debug` showed on each host, in order. */
  readonly shown: Readonly<Record<string, readonly unknown[]>>;
}

interface Report {
  readonly plays: readonly { readonly tasks: readonly ReportedTask[] }[];
}

interface ReportedTask {
  readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function accountOf(
  stats: Readonly<Record<string, Readonly<Record<string, number>>>>,
  report: Report,
  resultOf: (
    host: Readonly<Record<string, unknown>>,
    task: ReportedTask,
  ) => Readonly<Record<string, unknown>> | undefined,
): Account {
  const recap = Object.entries(stats).map(([host, counts]) => [
    host,
    COUNTS.map((name) => `${name}=${counts[name] ?? counts[name === 'failed' ? 'failures' : name]}`).join(' '),
  ]);
  const shown: Record<string, unknown[]> = {};
  for (const task of report.plays.flatMap((play) => play.tasks)) {
    for (const [host, entry] of Object.entries(task.hosts)) {
      const result = resultOf(entry, task);
      // How a failure is worded is ours to choose.
      if (result === undefined || result.skipped === true || result.failed === true) continue;
      const passes = (Array.isArray(result.results) ? result.results : [result]).filter(
        (pass) => pass.skipped !== true,
      );
      shown[host] = [...(shown[host] ?? []), ...passes.map((pass) => plain(pass.msg))];
    }
  }
  return { recap: Object.fromEntries(recap), shown };
}

// Ansible 2.14 makes text of a single number or boolean; later versions and we keep it.
function plain(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : value;
}

function ansibleAccount(stdout: string): Account {
  const json = JSON.parse(stdout.slice(stdout.indexOf('\n{') + 1, stdout.lastIndexOf('}') + 1));
  return accountOf(json.stats, json, (entry) => (entry.action === 'debug' ? entry : undefined));
}

function ourAccount(json: Report & { readonly hosts: Record<string, Record<string, number>> }): Account {
  return accountOf(json.hosts, json, (entry, task) =>
    'module' in task && task.module === 'debug' ? (entry.result as Record<string, unknown>) : undefined,
  );
}

interface Directions {
  readonly args: readonly string[];
  readonly isUnordered: boolean;
}

async function directionsOf(playbook: string): Promise<Directions> {
  const head = /^(?:#.*\n)*/.exec(await readFile(join(FOLDER, playbook), 'utf8'))?.[0] ?? '';
  return {
    args: /^# args: (.*)/m.exec(head)?.[1]?.split(' ') ?? [],
    isUnordered: /^# unordered/m.test(head),
  };
}

const playbooks = (await readdir(FOLDER)).filter((name) => name.endsWith('.yml'));

describe.concurrent('as Ansible', () => {
  it.each(playbooks)('%s', async (playbook) => {
    const home = await mkdtemp(join(tmpdir(), 'fleetmend-differential-'));
    try {
      await compare(playbook, home);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});

async function compare(playbook: string, home: string): Promise<void> {
  const env = { HOME: home, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  const report = join(home, 'report.json');
  const { args, isUnordered } = await directionsOf(playbook);
  const common = ['-i', 'a,b,c,', '-c', 'local', ...args, playbook];
  const ansibleEnv = {
    ...env,
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_LOCALHOST_WARNING: '0',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_HOST_KEY_CHECKING: '0',
    // It starts jobs in $HOME and looks for them in the home folder of /etc/passwd.
    ANSIBLE_ASYNC_DIR: join(home, 'jobs'),
  };
  const ourArgs = ['run', '--state-dir', home, '--report', `json=${report}`, ...common];
  const [theirs, ours] = await Promise.all([
    run('ansible-playbook', common, ansibleEnv),
    run(process.execPath, [MAIN, ...ourArgs], env),
  ]);
  const context = `--- ansible\n${theirs.stdout}\n${theirs.stderr}\n--- fleetmend\n${ours.stdout}\n${ours.stderr}`;
  const { default: json } = await import(report, { with: { type: 'json' } }).catch(() => ({ default: undefined }));
  // Both may refuse a playbook before they start.
  const [expected, actual] = [
    theirs.stdout.includes('{') ? ansibleAccount(`\n${theirs.stdout}`) : undefined,
    json && ourAccount(json),
  ];
  expect(actual?.recap, context).toEqual(expected?.recap);
  const inOrder = (account: Account | undefined) =>
    isUnordered && account !== undefined
      ? Object.fromEntries(Object.entries(account.shown).map(([host, list]) => [host, list.map(String).sort()]))
      : account?.shown;
  expect(inOrder(actual), context).toEqual(inOrder(expected));
  expect(ours.code === 0, context).toBe(theirs.code === 0);
  if (expected !== undefined) expect(ours.code, context).toBe(theirs.code);
}
