/** The script that asks package managers, with stand-ins that print as dnf, yum and rpm do; a real apt is in the lab. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { testFolder } from '../cli/run-cli.ts';

const SCRIPT = fileURLToPath(new URL('../../playbooks/files/docker-packages.sh', import.meta.url));

// Of Enterprise Linux 9: dnf puts what is installed first, then the oldest first.
const DNF_LIST = `Installed Packages
docker-ce.x86_64                3:27.3.1-1.el9                 @docker-ce-stable
Available Packages
docker-ce.x86_64                3:26.1.4-1.el9                 docker-ce-stable 
docker-ce.x86_64                3:27.3.1-1.el9                 docker-ce-stable 
docker-ce.x86_64                3:27.4.0-1.el9                 docker-ce-stable 
docker-ce.x86_64                3:27.4.0-2.el9                 docker-ce-stable 
docker-ce.x86_64                3:27.5.0-0.rc.1.el9            docker-ce-test   
docker-ce.x86_64                3:27.5.0~rc.1-1.el9            docker-ce-test   
`;

// Of CentOS 7: a line that is too long goes on in the next one.
const YUM_LIST = `Loading mirror speeds from cached hostfile
Installed Packages
docker-ce.x86_64      17.03.1.ce-1.el7.centos                 @docker-ce-stable
Available Packages
docker-ce.x86_64      17.03.0.ce-1.el7.centos                 docker-ce-stable 
docker-ce.x86_64      17.03.1.ce-1.el7.centos                 docker-ce-stable 
docker-ce.x86_64
                      3:18.09.9-3.el7.with.a.release.that.is.long
                                                              docker-ce-stable 
docker-ce-cli.x86_64  1:18.09.9-3.el7                         docker-ce-stable 
`;

interface Managed {
  /** Runs the script. @returns its lines */
  run(...words: string[]): Promise<string[]>;
  /** The calls that change something. */
  calls(): Promise<string[]>;
}

// A machine with nothing but this manager.
async function machineWith(manager: 'dnf' | 'yum', list: string, installed: string): Promise<Managed> {
  const folder = await testFolder();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const tool of ['sh', 'awk', 'sed', 'grep', 'cat']) await symlink(`/usr/bin/${tool}`, join(bin, tool));
  const log = join(folder, 'log');
  await writeFile(log, '');
  await writeFile(join(folder, 'list'), list);
  const stand = `#!/bin/sh
case "$*" in
  '-q list --showduplicates docker-ce'*) cat ${folder}/list ;;
  '-q makecache') echo 'a mirror is down' >&2; exit 1 ;;
  '-y '*) echo "$*" >>${log} ;;
  *) exit 1 ;;
esac
`;
  await writeFile(join(bin, manager), stand, { mode: 0o755 });
  const rpm = `#!/bin/sh
for name; do :; done
if [ "$name" = docker-ce ]; then echo '${installed}'; else echo "package $name is not installed"; exit 1; fi
`;
  await writeFile(join(bin, 'rpm'), rpm, { mode: 0o755 });
  const env = { PATH: bin, REFRESH: 'yes', DOWNGRADE: 'no' };
  return {
    async run(...words) {
      const { stdout } = await promisify(execFile)('/bin/sh', [SCRIPT, ...words], { env });
      return stdout.trimEnd().split('\n');
    },
    calls: async () => (await readFile(log, 'utf8')).trimEnd().split('\n'),
  };
}

test('dnf: the newest package of a version is taken, and never a release candidate', async () => {
  const machine = await machineWith('dnf', DNF_LIST, '3:27.3.1-1.el9');
  expect(await machine.run('look', '27.4.0')).toEqual([
    'manager dnf',
    'package docker-ce 3:27.3.1-1.el9 3:27.4.0-2.el9 free',
    'step docker-ce 3:27.3.1-1.el9 -> 3:27.4.0-2.el9',
    'change docker-ce=3:27.4.0-2.el9',
    'back docker-ce=3:27.3.1-1.el9',
  ]);
  expect(await machine.run('look', '3:27.4.0-1.el9')).toContain('change docker-ce=3:27.4.0-1.el9');
  expect(await machine.run('look', '27.5.0')).toContain('package docker-ce 3:27.3.1-1.el9 - free');
  expect(await machine.run('look', '27.5.0~rc.1')).toContain('change docker-ce=3:27.5.0~rc.1-1.el9');
});

test('dnf: what is there already is kept, whatever else is on offer', async () => {
  const machine = await machineWith('dnf', DNF_LIST, '3:27.4.0-1.el9');
  expect(await machine.run('look', '27.4.0')).toEqual([
    'manager dnf',
    'package docker-ce 3:27.4.0-1.el9 3:27.4.0-1.el9 free',
  ]);
});

test('dnf: a version that is not on offer is said to be so, with those that are, the newest first', async () => {
  const machine = await machineWith('dnf', DNF_LIST, '3:27.3.1-1.el9');
  const lines = await machine.run('look', '27.4', 'docker-ce');
  expect(lines.slice(0, 3)).toEqual([
    'manager dnf',
    'package docker-ce 3:27.3.1-1.el9 - free',
    'offer docker-ce 3:27.5.0~rc.1-1.el9',
  ]);
  expect(lines.at(-1)).toBe('offer docker-ce 3:26.1.4-1.el9');
});

test('dnf: packages are named with their version, and older ones only taken when asked for', async () => {
  const machine = await machineWith('dnf', DNF_LIST, '3:27.3.1-1.el9');
  await machine.run('try', 'docker-ce=3:27.4.0-2.el9');
  await machine.run('fetch', 'docker-ce=3:27.4.0-2.el9', 'docker-ce-cli=1:27.4.0-2.el9');
  await machine.run('install', 'docker-ce=3:27.4.0-2.el9', 'docker-ce-cli=1:27.4.0-2.el9');
  const both = 'docker-ce-3:27.4.0-2.el9 docker-ce-cli-1:27.4.0-2.el9';
  expect(await machine.calls()).toEqual([`-y --downloadonly install ${both}`, `-y install ${both}`]);
});

test('yum: folded lines, and versions that end in .ce', async () => {
  const machine = await machineWith('yum', YUM_LIST, '17.03.0.ce-1.el7.centos');
  expect(await machine.run('look', '17.03.1')).toContain('change docker-ce=17.03.1.ce-1.el7.centos');
  expect(await machine.run('look', '18.09.9')).toContain(
    'change docker-ce=3:18.09.9-3.el7.with.a.release.that.is.long',
  );
});

test('no manager at all is said', async () => {
  const folder = await testFolder();
  const { stdout } = await promisify(execFile)('/bin/sh', [SCRIPT, 'look', '27.4.0'], { env: { PATH: folder } });
  expect(stdout).toBe('manager none\n');
});
