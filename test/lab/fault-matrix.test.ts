/** The faults that need a real sshd, sudo or mounts, each through the whole program beside two good hosts. */

import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LAB_FAULTS } from '../faults/faults.ts';
import { type FaultScene, proveFault, type Vars } from '../faults/run-fault.ts';
import { startStallingProxy } from '../transport/stalling-proxy.ts';
import { mustRun, run } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const PASSWORD = 'correct horse';

let folder: string;
let user: LabUser;
let good: LabSshd;
let sshdCount = 0;
/** Users of the faulty hosts. */
const users: string[] = [];

beforeAll(async () => {
  // Not below /tmp, which some of the hosts do not have.
  folder = await mkdtemp('/var/tmp/fleetmend-faults-');
  await chmod(folder, 0o755);
  user = await createLabUser(folder, []);
  good = await startHost([]);
});

afterAll(async () => {
  await good?.stop();
  for (const name of users) {
    await run('userdel', ['-f', name]);
    await rm(`/etc/sudoers.d/fleetmend-fault-${name}`, { force: true });
  }
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

function startHost(config: readonly string[], wrapper: readonly string[] = []): Promise<LabSshd> {
  return startSshd(join(folder, `sshd${sshdCount++}`), user, {}, '127.0.0.1', config, wrapper);
}

/** An sshd for one test. */
async function badHost(config: readonly string[], wrapper: readonly string[] = []): Promise<LabSshd> {
  const sshd = await startHost(config, wrapper);
  onTestFinished(() => sshd.stop());
  return sshd;
}

/** An sshd for one test whose mounts are changed by shell text; `"$@"` starts it. */
const badMounts = (text: string) => badHost([], ['unshare', '-m', 'sh', '-ec', text, 'sh']);

const at = (port: number, name = user.name): Vars => ({
  ansible_host: '127.0.0.1',
  ansible_port: port,
  ansible_user: name,
  ansible_ssh_private_key_file: user.keyFile,
});

/** A user of this machine with a password. */
async function badUser(shell = '/bin/sh'): Promise<string> {
  const name = `fmf${process.pid}x${users.length}`;
  users.push(name);
  await mustRun('useradd', ['-m', '-d', join(folder, name), '-s', shell, name]);
  await mustRun('sh', ['-c', 'echo "$1:$2" | chpasswd', 'sh', name, PASSWORD]);
  return name;
}

/** Every kind of work that could want a place for temporary files. */
const WORK = (home: string) => `
    - {name: shell, shell: "{{ script | default('echo fine') }}"}
    - {name: small, copy: {content: small, dest: "${home}/small-{{ inventory_hostname }}"}}
    - {name: large, copy: {src: ${home}/large, dest: "${home}/large-{{ inventory_hostname }}"}}
    - {name: script, script: ${home}/script}
    - {name: sudo, become: true, shell: 'test "$(id -un)" = root'}
    - {name: sudo file, become: true, copy: {content: small, dest: "${home}/root-{{ inventory_hostname }}"}}
`;

async function tmpScene(mounts: string): Promise<FaultScene> {
  const home = await mkdtemp(join(folder, 'work-'));
  await chmod(home, 0o777);
  await writeFile(join(home, 'large'), Buffer.alloc(300_000, 'x'));
  await writeFile(join(home, 'script'), '#!/bin/sh\necho from a script\n', { mode: 0o755 });
  const sshd = await badMounts(mounts);
  return { vars: at(sshd.port), tasks: WORK(home), withinMs: 30_000 };
}

async function fullDiskScene(sizeBytes: number): Promise<FaultScene> {
  const small = await mkdtemp(join(folder, 'disk-'));
  const source = join(folder, `source${sizeBytes}`);
  await writeFile(source, Buffer.alloc(sizeBytes, 'x'));
  await chmod(small, 0o777);
  const sshd = await badMounts(
    `mount -t tmpfs -o size=16k,mode=777 none ${small}; echo old >${small}/file-bad; exec "$@"`,
  );
  const dest = `${small}/file-{{ inventory_hostname }}`;
  return {
    vars: at(sshd.port),
    tasks: `\n    - {name: copy, copy: {src: ${source}, dest: "${dest}"}}\n`,
    after: async () => {
      const there = `/proc/${sshd.pid}/root${small}`;
      expect(await readdir(there)).toEqual(['file-bad']);
      expect(await mustRun('cat', [join(there, 'file-bad')])).toBe('old');
    },
  };
}

async function sudoRights(name: string, defaults: string): Promise<void> {
  const rules = `${name} ALL=(ALL:ALL) ALL\nDefaults:${name} ${defaults}\n`;
  await writeFile(`/etc/sudoers.d/fleetmend-fault-${name}`, rules, { mode: 0o440 });
}

/** One scene for each fault. */
const SCENES: Readonly<Record<keyof typeof LAB_FAULTS, () => Promise<FaultScene>>> = {
  // In a network of its own, in which the good hosts are this machine itself.
  noRoute: async () => ({
    vars: { ansible_host: '192.0.2.1' },
    goodVars: { ansible_connection: 'local' },
    wrapper: ['unshare', '-n', 'sh', '-ec', 'ip route add unreachable 192.0.2.0/24; exec "$@"', 'sh'],
  }),
  tooManyKeys: async () => {
    const sshd = await badHost(['MaxAuthTries 2']);
    const files = [1, 2, 3].map((count) => join(folder, `stranger${count}`));
    for (const file of files) await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const { ansible_ssh_private_key_file: _, ...vars } = at(sshd.port);
    const options = files.map((file) => `-o IdentityFile=${file}`).join(' ');
    return { vars: { ...vars, ansible_ssh_common_args: options } };
  },
  noLoginShell: async () => ({ vars: at(good.port, await badUser('/no/such/shell')) }),
  nologin: async () => ({ vars: at(good.port, await badUser('/usr/sbin/nologin')) }),
  forcedCommand: async () => ({
    vars: at((await badHost(['ForceCommand echo only backups here'])).port),
    hint: 'a forced command runs in place of the shell',
  }),
  forcedListener: async () => ({
    vars: at((await badHost(['ForceCommand cat'])).port),
    args: ['--command-timeout', '3'],
    isSlow: true,
  }),
  expiredPassword: async () => {
    const name = await badUser();
    await mustRun('chage', ['-d', '0', name]);
    const { port } = await badHost(['UsePAM yes']);
    return { vars: at(port, name), hint: `the password of ${name} has expired: log in as ${name}` };
  },
  sudoTwice: async () => {
    const exe = join(folder, 'sudo-asks-twice');
    const text = 'printf "Password: " >&2; read -r one; printf "Verification code: " >&2; read -r two; exit 1';
    await writeFile(exe, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const become = { ansible_become: true, ansible_become_password: PASSWORD, ansible_become_exe: exe };
    return { vars: { ...at(good.port), ...become } };
  },
  sudoLecture: async () => {
    const name = await badUser();
    await sudoRights(name, 'lecture=always, timestamp_timeout=0');
    const become = { ansible_become: true, ansible_become_password: PASSWORD };
    return {
      vars: { ...at(good.port, name), ...become, script: 'id -un; echo err >&2' },
      result: { stdout: 'root', stderr: 'err' },
    };
  },
  bigOutput: async () => ({
    vars: { ...at(good.port), script: "head -c 200000000 /dev/zero | tr '\\0' x" },
    result: { rc: 0, truncated: true },
    isSlow: true,
    withinMs: 90_000,
  }),
  bashNoise: async () => {
    const name = await badUser('/bin/bash');
    await writeFile(join(folder, name, '.bashrc'), 'echo Welcome; echo "no newline" >&2; printf more\n');
    return {
      vars: { ...at(good.port, name), script: 'echo out; echo err >&2' },
      result: { stdout: 'out', stderr: 'err' },
    };
  },
  cutInUpload: async () => {
    const proxy = await startStallingProxy(good.port, 1_000_000);
    onTestFinished(() => proxy.close());
    const home = await mkdtemp(join(folder, 'upload-'));
    await chmod(home, 0o777);
    const source = join(folder, 'upload');
    await writeFile(source, Buffer.alloc(8_000_000, 'x'));
    return {
      vars: at(proxy.port),
      tasks: `\n    - {name: copy, copy: {src: ${source}, dest: "${home}/{{ inventory_hostname }}"}}\n`,
      // Its shell sees the end of the connection and takes away what it has written.
      after: () => expect.poll(() => readdir(home), { timeout: 10_000 }).toEqual(['good1', 'good2']),
    };
  },
  diskFull: () => fullDiskScene(300_000),
  diskFullInline: () => fullDiskScene(40_000),
  readOnlyTmp: () => tmpScene('mount -t tmpfs -o ro none /tmp; exec "$@"'),
  noTmp: async () => {
    const root = join(folder, 'root-without-tmp');
    await mkdir(root);
    const scene = await tmpScene(
      `mount -t tmpfs none ${root}
      for each in /*; do
        if [ "$each" = /tmp ]; then continue
        elif [ -L "$each" ]; then cp -P "$each" ${root}
        elif [ -d "$each" ]; then mkdir ${root}$each; mount --rbind "$each" ${root}$each
        fi
      done
      exec chroot ${root} "$@"`,
    );
    return { ...scene, vars: { ...scene.vars, script: 'test ! -e /tmp' } };
  },
  noexecTmp: () => tmpScene('mount -t tmpfs -o noexec,mode=1777 none /tmp; exec "$@"'),
};

test.each(Object.entries(LAB_FAULTS))('%s', async (id, fault) => {
  const scene = await SCENES[id as keyof typeof LAB_FAULTS]();
  const goodVars = scene.goodVars ?? at(good.port);
  await proveFault(fault, { ...scene, args: ['--host-keys', 'off', ...(scene.args ?? [])] }, [goodVars, goodVars]);
  // There: nobody's process is left.
  const left = async () => (await run('pgrep', ['-a', '-u', [user.name, ...users].join(',')])).stdout;
  await expect.poll(left, { timeout: 20_000 }).toBe('');
});
