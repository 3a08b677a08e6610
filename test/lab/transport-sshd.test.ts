/** The ssh transport against a real sshd and a real sudo. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSshTransport } from '../../src/transport/index.ts';
import type { Become, Connection, ExecRequest, Transport } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';
import { isRunning } from '../conformance/place.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run, startServer, waitUntil } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const PASSWORD = 'correct horse';
/** May use sudo with a password; with the hardening that many distributions have. */
const WITH_PASSWORD = `fmp${process.pid}`;
/** May not use sudo. */
const WITHOUT_RIGHTS = `fmn${process.pid}`;
const SUDOERS = `/etc/sudoers.d/fleetmend-lab-${WITH_PASSWORD}`;
const signal = new AbortController().signal;

let folder: string;
let user: LabUser;
let sshd: LabSshd;
let transport: Transport;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await mustRun('chmod', ['755', folder]);
  user = await createLabUser(folder, []);
  sshd = await startSshd(join(folder, 'sshd'), user, {});
  for (const name of [WITH_PASSWORD, WITHOUT_RIGHTS]) {
    await mustRun('useradd', ['-m', '-d', join(folder, name), '-s', '/bin/sh', name]);
    await mustRun('sh', ['-c', `echo "$1:$2" | chpasswd`, 'sh', name, PASSWORD]);
  }
  const rules = `${WITH_PASSWORD} ALL=(ALL:ALL) ALL\nDefaults:${WITH_PASSWORD} use_pty, timestamp_timeout=0\n`;
  await writeFile(SUDOERS, rules, { mode: 0o440 });
});

afterAll(async () => {
  await sshd?.stop();
  await user?.remove();
  await rm(SUDOERS, { force: true });
  for (const name of [WITH_PASSWORD, WITHOUT_RIGHTS]) await run('userdel', ['-f', name]);
  await rm(folder, { recursive: true, force: true });
});

const targetOf = (name: string) =>
  testTarget({ port: sshd.port, user: name, password: undefined, privateKeyFiles: [user.keyFile] });

describe('become with sudo', () => {
  let connection: Connection | undefined;
  const root: Become = { method: 'sudo', user: 'root' };
  const rootByPassword: Become = { ...root, password: new Secret(PASSWORD) };

  beforeEach(() => {
    transport = createSshTransport({ becomeTimeoutMs: 8000 });
  });

  afterEach(async () => {
    await connection?.close();
    await transport.close();
  });

  async function execAs(name: string, script: string, become: Become, more: Partial<ExecRequest> = {}) {
    if (connection?.isOpen !== true || connection.target.user !== name) {
      connection = await transport.connect(targetOf(name), signal);
    }
    return connection.exec({ script, become, timeoutMs: 15_000, signal, ...more });
  }

  test('without a password, where none is asked for, cold and warm', async () => {
    for (let i = 0; i < 3; i++) {
      const result = await execAs(user.name, 'id -un; echo "$HOME"; echo err >&2; exit 5', root);
      expect(result).toMatchObject({ stdout: 'root\n/root\n', stderr: 'err\n', exitCode: 5 });
      connection?.prepare(root);
    }
  });

  test('another user than root', async () => {
    expect((await execAs(user.name, 'id -un', { ...root, user: 'nobody' })).stdout).toBe('nobody\n');
  });

  test('flags are handed on', async () => {
    const result = await execAs(user.name, 'id -gn', { ...root, flags: ['-g', 'daemon'] });
    expect(result.stdout).toBe('daemon\n');
  });

  test('a password that is not asked for reaches no script', async () => {
    const stdin = Buffer.from('mine');
    const result = await execAs(user.name, 'cat; echo end', rootByPassword, { stdin });
    expect(result).toMatchObject({ stdout: 'mineend\n', stderr: '' });
  });

  test('the password is given once, and is in no output, stdin or process list', async () => {
    const script = 'id -un; cat; ps -A -o args= | grep -c "[c]orrect horse"; env | grep -c "[c]orrect horse"';
    for (let i = 0; i < 2; i++) {
      const result = await execAs(WITH_PASSWORD, script, rootByPassword, { stdin: Buffer.from('in\n') });
      expect(result).toMatchObject({ stdout: 'root\nin\n0\n0\n', stderr: '' });
      connection?.prepare(rootByPassword);
    }
  });

  test('a wrong password is refused, cold and warm, and is not tried again', async () => {
    const become: Become = { ...root, password: new Secret('battery staple') };
    const refused = {
      code: 'BECOME_FAILED',
      message: `sudo on testhost refused the password of ${WITH_PASSWORD}; it says: Sorry, try again.`,
    };
    await expect(execAs(WITH_PASSWORD, 'id', become)).rejects.toMatchObject(refused);
    connection?.prepare(become);
    await expect(execAs(WITH_PASSWORD, 'id', become)).rejects.toMatchObject(refused);
  });

  test('a password that is asked for and not given is named', async () => {
    const message = expect.stringMatching(/^sudo on testhost asks for a password; use -K/);
    await expect(execAs(WITH_PASSWORD, 'id', root)).rejects.toMatchObject({ code: 'BECOME_FAILED', message });
  });

  test('a user who may not use sudo gets the words of sudo', async () => {
    const running = execAs(WITHOUT_RIGHTS, 'id', rootByPassword);
    await expect(running).rejects.toMatchObject({ code: 'BECOME_FAILED' });
    await expect(running).rejects.toThrow(/not in the sudoers file|not allowed|may not run sudo/);
  });

  test('a sudo that is not there is named', async () => {
    const running = execAs(user.name, 'id', { ...root, exe: '/no/sudo' });
    await expect(running).rejects.toMatchObject({
      code: 'BECOME_FAILED',
      message: "'/no/sudo' was not found on testhost",
    });
  });

  test('a sudo that hangs ends at its own deadline', async () => {
    const exe = join(folder, 'slow-sudo');
    await writeFile(exe, '#!/bin/sh\necho thinking >&2\nexec sleep 30\n', { mode: 0o755 });
    await connection?.close();
    connection = undefined;
    await transport.close();
    transport = createSshTransport({ becomeTimeoutMs: 300 });
    const running = execAs(user.name, 'id', { ...root, exe });
    await expect(running).rejects.toMatchObject({
      code: 'BECOME_TIMEOUT',
      message: expect.stringContaining('it printed: thinking'),
    });
  });

  test.each([
    ['without a password', () => user.name, root],
    ['with a password and use_pty', () => WITH_PASSWORD, rootByPassword],
  ])('a deadline kills what runs as the other user, %s', async (_title, name, become) => {
    const script = "trap '' TERM; sleep 64 & echo $!; while :; do sleep 1; done";
    const result = await execAs(name(), script, become, { timeoutMs: 1500 });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    const pid = Number(result.stdout);
    expect(pid).toBeGreaterThan(1);
    expect(await isRunning(pid)).toBe(false);
  });

  test('what cannot be killed is said to be still running, with its pid', async () => {
    connection = await transport.connect(targetOf(user.name), signal);
    // root's processes are out of this user's reach.
    const script = 'sudo -n sh -c "trap : TERM; echo \\$\\$; sleep 20; sleep 20"';
    const result = await connection.exec({ script, timeoutMs: 1000, signal });
    const pid = Number(result.stdout);
    try {
      expect(result).toMatchObject({ ended: 'timed_out', remote: 'still_running' });
      expect(result.remotePids).toContain(pid);
      expect(await isRunning(pid)).toBe(true);
    } finally {
      await run('kill', ['-s', 'KILL', String(pid)]);
    }
  });

  test('files go there and back as the other user', async () => {
    const remotePath = '~/fleetmend lab file';
    const content = Buffer.from([0, 255, 10, 13]);
    const base = { remotePath, become: rootByPassword, timeoutMs: 15_000, signal };
    connection = await transport.connect(targetOf(WITH_PASSWORD), signal);
    await connection.upload({ ...base, content, mode: 0o600 });
    expect(await connection.download({ ...base, maxBytes: 10 })).toEqual(content);
    expect((await execAs(WITH_PASSWORD, 'rm "$HOME/fleetmend lab file"', rootByPassword)).exitCode).toBe(0);
  });
});

describe('authentication', () => {
  test('keys of an agent let in, also beside an encrypted key file', async () => {
    const agentSocket = join(folder, 'agent');
    const agent = startServer('ssh-agent', ['-D', '-a', agentSocket]);
    const agentTransport = createSshTransport();
    try {
      const sealed = join(folder, 'sealed');
      await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'sealed', '-f', sealed]);
      await waitUntil(
        async () =>
          (await run('ssh-add', [user.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } })).exitCode ===
          0,
        () => agent.log(),
      );
      const target = { ...targetOf(user.name), agentSocket, privateKeyFiles: [sealed] };
      const connection = await agentTransport.connect(target, signal);
      expect((await connection.exec({ script: 'id -un', timeoutMs: 15_000, signal })).stdout).toBe(`${user.name}\n`);
      await connection.close();
    } finally {
      await agentTransport.close();
      await agent.stop();
    }
  });
});

describe('login shells', () => {
  test.each(['/bin/bash', '/bin/dash', '/bin/zsh', '/usr/bin/fish', '/bin/csh', '/bin/busybox'])(
    'commands run under %s',
    async (shell) => {
      // Busybox is a shell by the name `ash`.
      const wanted = shell === '/bin/busybox' ? join(folder, 'ash') : shell;
      if (wanted.endsWith('/ash')) await mustRun('ln', ['-sf', shell, wanted]);
      await mustRun('usermod', ['-s', wanted, user.name]);
      const shellTransport = createSshTransport();
      try {
        const connection = await shellTransport.connect(targetOf(user.name), signal);
        connection.prepare(undefined);
        for (let i = 0; i < 2; i++) {
          const script = `printf '%s\\n' "it's" '$HOME \\ !x'; exit 3`;
          const result = await connection.exec({ script, timeoutMs: 15_000, signal });
          expect(result).toMatchObject({ stdout: "it's\n$HOME \\ !x\n", exitCode: 3 });
        }
        await connection.close();
      } finally {
        await shellTransport.close();
        await mustRun('usermod', ['-s', '/bin/sh', user.name]);
      }
    },
  );
});
