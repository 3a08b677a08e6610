/** Runs one playbook through one of the two programs, in a home folder that lives as long as the run. */

import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../lab/process.ts';
import { type Account, ansibleAccount, filesBelow, ourAccount, withoutPaths } from './account.ts';
import { type Directions, directionsOf } from './directions.ts';
import type { LoopbackHosts } from './hosts.ts';
import { COMPILE_CACHE, MAIN, PLAYBOOKS, RECORDER } from './places.ts';

export interface Run {
  readonly account: Account;
  /** What the program printed, for people. */
  readonly output: string;
}

const TIMEOUT_MS = 90_000;

/**
 * Runs a playbook through Ansible.
 *
 * @param hosts - where it runs; default: here, without SSH, which Ansible is slow with
 * @returns also the files below the playbooks' folder that it opened
 */
export async function runAnsible(
  playbook: string,
  hosts?: LoopbackHosts,
): Promise<Run & { readonly reads: readonly string[] }> {
  return await inHome(async (home) => {
    const { directions, args, env } = await commonOf(playbook, home, hosts);
    const reads = join(home, 'reads');
    const end = await run('ansible-playbook', [...args, playbook], {
      ...env,
      ...(hosts === undefined ? hereOnly(home) : overSsh(hosts)),
      ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
      ANSIBLE_LOCALHOST_WARNING: '0',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
      ANSIBLE_HOST_KEY_CHECKING: '0',
      ANSIBLE_JINJA2_NATIVE: directions.isNative ? '1' : '0',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: RECORDER,
      DIFFERENTIAL_ROOT: PLAYBOOKS,
      DIFFERENTIAL_READS: reads,
    });
    const start = /^\{/m.exec(end.stdout)?.index;
    const said =
      start === undefined ? {} : ansibleAccount(JSON.parse(end.stdout.slice(start, end.stdout.lastIndexOf('}') + 1)));
    const opened = new Set((await readFile(reads, 'utf8')).split('\n').filter((path) => path !== ''));
    return {
      account: await accountOf(end, said, directions, home),
      output: `${end.stdout}\n${end.stderr}`,
      reads: [...opened].map((path) => path.slice(PLAYBOOKS.length + 1)).sort(),
    };
  });
}

// Without SSH it starts jobs in $HOME and looks for them in the home folder of /etc/passwd.
function hereOnly(home: string): Record<string, string> {
  return { ANSIBLE_ASYNC_DIR: join(home, 'jobs') };
}

function overSsh(hosts: LoopbackHosts): Record<string, string> {
  return {
    ANSIBLE_SSH_ARGS: `-F ${hosts.sshConfigFile} -o ControlMaster=auto -o ControlPersist=5`,
    // Files for another user who is not root would need ACLs.
    ANSIBLE_PIPELINING: '1',
  };
}

/** Runs a playbook through fleetmend, on the hosts. */
export async function runOurs(playbook: string, hosts: LoopbackHosts): Promise<Run> {
  return await inHome(async (home) => {
    const { directions, args, env } = await commonOf(playbook, home, hosts);
    const report = join(home, 'report.json');
    const end = await run(
      process.execPath,
      [MAIN, 'run', '--state-dir', home, '--report', `json=${report}`, ...args, playbook],
      // The program's text is compiled once for all playbooks.
      { ...env, FLEETMEND_SSH_CONFIG: hosts.sshConfigFile, NODE_COMPILE_CACHE: COMPILE_CACHE },
    );
    const json = await readFile(report, 'utf8').catch(() => undefined);
    const said = json === undefined ? {} : ourAccount(JSON.parse(json));
    return { account: await accountOf(end, said, directions, home), output: `${end.stdout}\n${end.stderr}` };
  });
}

async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'fleetmend-differential-'));
  try {
    return await work(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function commonOf(playbook: string, home: string, hosts: LoopbackHosts | undefined) {
  const directions = await directionsOf(playbook);
  const scratch = join(home, 'scratch');
  await mkdir(scratch);
  if (hosts !== undefined) {
    await chmod(home, 0o755);
    await mustRun('chown', [hosts.user, scratch]);
  }
  const args = ['-i', directions.inventory, '-c', hosts === undefined ? 'local' : 'ssh', ...directions.args];
  if (directions.usesScratch) args.push('-e', `scratch=${scratch}`);
  return { directions, args, env: { HOME: home, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' } };
}

async function accountOf(
  end: End,
  said: Pick<Account, 'recap' | 'shown'>,
  directions: Directions,
  home: string,
): Promise<Account> {
  const files = directions.usesScratch ? { files: await filesBelow(join(home, 'scratch')) } : {};
  return withoutPaths({ exit: end.code, ...said, ...files }, home);
}

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<End> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { cwd: PLAYBOOKS, env: { PATH, NODE_COMPILE_CACHE, ...env }, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number')
          reject(new Error(`${program}: ${error.message}\n${stderr}`));
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
