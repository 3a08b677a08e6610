/** Many hosts for a benchmark: addresses of 127.0.0.0/8 that all reach one real sshd. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLabUser, type LabUser, startSshd } from '../lab/sshd.ts';

/** How many hosts, and how many commands on each, one after the other. */
export interface Work {
  readonly id: string;
  readonly hostCount: number;
  readonly taskCount: number;
}

export interface Fleet {
  /** For files of the contenders. */
  readonly folder: string;
  readonly port: number;
  readonly user: LabUser;
  /** A file with one address a line. */
  hostsFile(hostCount: number): Promise<string>;
  /** A playbook that is good for us and for Ansible; each of its tasks is `echo hi`, with `suffix` behind it. */
  playbook(taskCount: number, strategy: string, suffix?: string): Promise<string>;
  stop(): Promise<void>;
}

export function loopbackAddress(index: number): string {
  return `127.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`;
}

/** Starts the sshd; needs root. */
export async function startFleet(): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-bench-'));
  await chmod(folder, 0o755);
  const user = await createLabUser(folder, []);
  const sshd = await startSshd(folder, user, {}, '0.0.0.0').catch(async (error: unknown) => {
    await user.remove();
    throw error;
  });
  return {
    folder,
    port: sshd.port,
    user,
    async hostsFile(hostCount) {
      const file = join(folder, `hosts-${hostCount}`);
      await writeFile(file, Array.from({ length: hostCount }, (_, i) => `${loopbackAddress(i)}\n`).join(''));
      return file;
    },
    async playbook(taskCount, strategy, suffix = '') {
      const file = join(folder, `tasks-${taskCount}-${strategy}${suffix === '' ? '' : '-suffix'}.yml`);
      const tasks = Array.from(
        { length: taskCount },
        (_, i) => `    - {name: task ${i}, shell: 'echo hi ${i}${suffix}'}\n`,
      );
      const head = `- hosts: all\n  gather_facts: false\n  strategy: ${strategy}\n  tasks:\n`;
      await writeFile(file, head + tasks.join(''));
      return file;
    },
    async stop() {
      await sshd.stop();
      await user.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
