/** Real sudo, su and doas behind a real sshd, and stand-ins for what these do in other places. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLocalTransport, createSshTransport } from '../../src/transport/index.ts';
import type { Become, Connection, ExecRequest, Transport } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const PASSWORD = 'correct horse';
/** Logs in. */
const OPS = `fmo${process.pid}`;
/** Is become; has a password of its own. */
const APP = `fma${process.pid}`;
const APP_PASSWORD = 'battery staple';
const SUDOERS = `/etc/sudoers.d/fleetmend-lab-${OPS}`;
const DOAS_CONF = '/etc/doas.conf';
const signal = new AbortController().signal;
const secret = (text: string) => new Secret(text);

let folder: string;
let user: LabUser;
let sshd: LabSshd;
let transport: Transport;
let connection: Connection | undefined;
let earlierDoasConf: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await chmod(folder, 0o755);
  user = await createLabUser(folder, []);
  sshd = await startSshd(join(folder, 'sshd'), user, {});
  earlierDoasConf = await readFile(DOAS_CONF, 'utf8').catch(() => undefined);
  for (const [name, password] of [
    [OPS, PASSWORD],
    [APP, APP_PASSWORD],
  ] as const) {
    await mustRun('useradd', ['-m', '-d', join(folder, name), '-s', '/bin/sh', name]);
    await mustRun('sh', ['-c', 'echo "$1:$2" | chpasswd', 'sh', name, password]);
    await chmod(join(folder, name), 0o700);
  }
});

afterAll(async () => {
  await sshd?.stop();
  await user?.remove();
  await rm(SUDOERS, { force: true });
  if (earlierDoasConf === undefined) await rm(DOAS_CONF, { force: true });
  else await writeFile(DOAS_CONF, earlierDoasConf);
  for (const name of [OPS, APP]) await run('userdel', ['-f', name]);
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await connection?.close();
  connection = undefined;
  await transport?.close();
});

async function connect(name = OPS, becomeTimeoutMs = 8000): Promise<Connection> {
  transport = createSshTransport({ becomeTimeoutMs });
  connection = await transport.connect(
    testTarget({ port: sshd.port, user: name, password: undefined, privateKeyFiles: [user.keyFile] }),
    signal,
  );
  return connection;
}

async function execAs(become: Become, script = 'id -un', more: Partial<ExecRequest> = {}) {
  const open = connection ?? (await connect());
  return open.exec({ script, become, timeoutMs: 15_000, signal, ...more });
}

const sudoers = (...rules: string[]) => writeFile(SUDOERS, `${rules.join('\n')}\n`, { mode: 0o440 });
const doasConf = (...rules: string[]) => writeFile(DOAS_CONF, `${rules.join('\n')}\n`, { mode: 0o400 });

/** A program that stands in for sudo or su; `$FM_LOG` gets each line that it read as a password. */
async function standIn(name: string, text: string): Promise<{ exe: string; readLines: () => Promise<string[]> }> {
  const log = join(folder, `${name}.log`);
  await writeFile(log, '');
  await chmod(log, 0o666);
  const exe = join(folder, name);
  await writeFile(exe, `#!/bin/sh\nlog=${log}\n${text}\n`, { mode: 0o755 });
  return { exe, readLines: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '') };
}

/** Runs the words behind `--` (sudo) or the text behind `-c` (su). */
const RUN_SUDO = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"';
const RUN_SU = 'while [ "$1" != -c ]; do shift; done; exec sh -c "$2"';

describe('sudo', () => {
  const become: Become = { method: 'sudo', user: 'root', password: secret(PASSWORD) };

  test('with a lecture before the question', async () => {
    await sudoers(`${OPS} ALL=(ALL:ALL) ALL`, `Defaults:${OPS} lecture=always, timestamp_timeout=0`);
    expect(await execAs(become)).toMatchObject({ stdout: 'root\n', stderr: '' });
  });

  test('a ticket that is still good: the password is not sent', async () => {
    await sudoers(`${OPS} ALL=(ALL:ALL) ALL`, `Defaults:${OPS} timestamp_type=global`);
    expect((await execAs(become)).stdout).toBe('root\n');
    await connection?.close();
    connection = undefined;
    expect((await execAs({ ...become, password: secret('not this one') })).stdout).toBe('root\n');
    await mustRun('sh', ['-c', 'rm -f /run/sudo/ts/"$1"', 'sh', OPS]);
  });

  test.each([
    ['an old password', ['-d', '0'], /wants a new password for fmo|password is expired|must be changed/i],
    ['an account that has ended', ['-E', '0'], /expired|says: /i],
  ])('%s is named and does not hang', async (_title, change, message) => {
    await sudoers(`${OPS} ALL=(ALL:ALL) ALL`, `Defaults:${OPS} timestamp_timeout=0`);
    const open = await connect();
    await mustRun('chage', [...change, OPS]);
    try {
      const failure = await open.exec({ script: 'id', become, timeoutMs: 15_000, signal }).catch((e: unknown) => e);
      expect(failure).toMatchObject({ code: 'BECOME_FAILED', message: expect.stringMatching(message) });
    } finally {
      await mustRun('chage', ['-d', '-1', '-E', '-1', OPS]);
    }
  });

  test('requiretty is named', async () => {
    await sudoers(`${OPS} ALL=(ALL:ALL) NOPASSWD: ALL`, `Defaults:${OPS} requiretty`);
    await expect(execAs(become)).rejects.toMatchObject({
      code: 'BECOME_FAILED',
      message: expect.stringContaining('must have a tty'),
      hint: expect.stringContaining('requiretty'),
    });
  });

  test('a command that is not allowed is named', async () => {
    await sudoers(`${OPS} ALL=(ALL:ALL) NOPASSWD: /bin/true`);
    await expect(execAs({ method: 'sudo', user: 'root' })).rejects.toMatchObject({ code: 'BECOME_FAILED' });
    await sudoers(`${OPS} ALL=(ALL:ALL) /bin/true`);
    await expect(execAs(become)).rejects.toThrow(/not allowed to execute '\S*sh' as root/);
  });

  test.each(['パスワード：', 'Passwort für ops', '(current) UNIX password: '])(
    'a PAM module that asks with %j is answered',
    async (question) => {
      const { exe, readLines } = await standIn(
        'pam-sudo',
        `printf '%s' '${question}' >&2; read -r p; echo "$p" >>$log; ${RUN_SUDO}`,
      );
      expect(await execAs({ ...become, exe })).toMatchObject({ exitCode: 0, stdout: `${OPS}\n` });
      expect(await readLines()).toEqual([PASSWORD]);
    },
  );

  test('a password that nobody reads is run by no shell', async () => {
    const { exe } = await standIn('chatty-sudo', `printf 'Contacting the server...' >&2; sleep 1; ${RUN_SUDO}`);
    for (let i = 0; i < 2; i++) {
      const result = await execAs({ ...become, exe }, 'cat\nexit 4', { stdin: Buffer.from('in') });
      expect(result).toMatchObject({ exitCode: 4, stdout: 'in', stderr: '' });
    }
  });

  test('a second factor ends in a failure that says what was asked', async () => {
    const { exe } = await standIn(
      'otp-sudo',
      `printf 'Password: ' >&2; read -r p; printf 'One-time code: ' >&2; read -r p; ${RUN_SUDO}`,
    );
    await expect(execAs({ ...become, exe })).rejects.toThrow(/One-time code/);
  });

  test('a wrong password is tried once, whatever the tasks and the shells opened ahead', async () => {
    const refuse =
      'for i in 1 2 3; do printf "Password: " >&2; read -r p || exit 1; echo "$p" >>$log; echo Sorry >&2; done; exit 1';
    const { exe, readLines } = await standIn('wrong-sudo', refuse);
    const wrong: Become = { ...become, exe, password: secret('guess') };
    const open = await connect();
    open.prepare(wrong);
    const tasks = [1, 2, 3].map(() => open.exec({ script: 'id', become: wrong, timeoutMs: 15_000, signal }));
    for (const task of tasks) await expect(task).rejects.toMatchObject({ code: 'BECOME_FAILED' });
    await expect(execAs(wrong)).rejects.toThrow(/refused the password.*Sorry/);
    expect(await readLines()).toEqual(['guess']);
  });

  test('the password is in no command line, environment or trace', async () => {
    await sudoers(`${OPS} ALL=(ALL:ALL) ALL`, `Defaults:${OPS} timestamp_timeout=0`);
    await writeFile(join(folder, OPS, '.bashrc'), 'set -xv\n');
    await mustRun('usermod', ['-s', '/bin/bash', OPS]);
    const seen = join(folder, 'looked-at');
    let isWatching = true;
    let looks = 0;
    const found: string[] = [];
    const watching = (async () => {
      while (isWatching) {
        for (const pid of (await readdir('/proc')).filter(
          (name) => /^\d+$/.test(name) && name !== String(process.pid),
        )) {
          for (const file of ['cmdline', 'environ']) {
            const text = await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
            if (text.includes(PASSWORD)) found.push(text);
          }
        }
        // The command ends when it was looked at often enough, however slow the machine.
        if (++looks === 3) await writeFile(seen, '');
      }
    })();
    try {
      const result = await execAs(become, `set -xv; id -un; until test -e ${seen}; do sleep 0.05; done`);
      expect(result.stdout).toBe('root\n');
      expect(result.stderr).not.toContain(PASSWORD);
    } finally {
      isWatching = false;
      await watching;
      await mustRun('usermod', ['-s', '/bin/sh', OPS]);
      await rm(join(folder, OPS, '.bashrc'));
    }
    expect(looks).toBeGreaterThan(2);
    expect(found).toEqual([]);
  });

  test('files of a user who may read neither home nor shell of the other go straight to that user', async () => {
    await sudoers(`${OPS} ALL=(ALL:ALL) NOPASSWD: ALL`);
    const asNobody: Become = { method: 'sudo', user: 'nobody' };
    const place = join(folder, 'for-nobody');
    await mkdir(place);
    await mustRun('chown', ['nobody', place]);
    const remotePath = join(place, 'file');
    const open = await connect();
    const content = Buffer.alloc(300_000, 'x');
    await open.upload({ remotePath, content, become: asNobody, timeoutMs: 15_000, signal });
    const made = await stat(remotePath);
    expect([made.mode & 0o777, made.size]).toEqual([0o600, content.length]);
    expect(await mustRun('stat', ['-c', '%U', remotePath])).toBe('nobody');
    expect(
      (await open.download({ remotePath, become: asNobody, timeoutMs: 15_000, signal, maxBytes: 1e6 })).length,
    ).toBe(content.length);
    expect((await execAs(asNobody, 'cd; id -un')).stdout).toBe('nobody\n');
  });
});

describe('su', () => {
  const become: Become = { method: 'su', user: APP, password: secret(APP_PASSWORD) };

  test('with the password of the other user, cold and warm', async () => {
    for (let i = 0; i < 3; i++) {
      const result = await execAs(become, 'id -un; cat; echo "$HOME"; echo err >&2; exit 5', {
        stdin: Buffer.from([0, 255, 10]),
      });
      expect(result).toMatchObject({ stdout: `${APP}\n\0\uFFFD\n${join(folder, APP)}\n`, exitCode: 5 });
      // su puts its question on stderr; it is no output of the script.
      expect(result.stderr).toBe('err\n');
      connection?.prepare(become);
    }
  });

  test('with flags', async () => {
    expect((await execAs({ ...become, flags: ['-'] }, 'pwd')).stdout).toBe(`${join(folder, APP)}\n`);
  });

  test('a wrong password fails with the words of su', async () => {
    await expect(execAs({ ...become, password: secret('guess') })).rejects.toMatchObject({
      code: 'BECOME_FAILED',
      message: expect.stringContaining('Authentication failure'),
      hint: expect.stringContaining('become password'),
    });
  });

  test('without a password it says that one is needed, and does not hang', async () => {
    await expect(execAs({ method: 'su', user: APP })).rejects.toThrow(/^su on testhost asks for a password; use -K/);
  });

  test('root becomes anybody without a password, also a user without a login shell', async () => {
    await connect('root');
    expect((await execAs({ method: 'su', user: APP })).stdout).toBe(`${APP}\n`);
    expect((await execAs({ method: 'su', user: 'nobody' })).stdout).toBe('nobody\n');
    await expect(execAs({ method: 'su', user: 'no-such-user' })).rejects.toThrow(/no-such-user/);
  });

  test('an expired password is named and does not hang', async () => {
    const open = await connect();
    await mustRun('chage', ['-d', '0', APP]);
    try {
      const failure = await open.exec({ script: 'id', become, timeoutMs: 15_000, signal }).catch((e: unknown) => e);
      expect(failure).toMatchObject({
        code: 'BECOME_FAILED',
        message: expect.stringMatching(/wants a new password for fma/),
      });
    } finally {
      await mustRun('chage', ['-d', '-1', APP]);
    }
  });

  test.each([
    ['stderr', '>&2'],
    ['stdout', ''],
  ])('a question in Japanese on %s is answered', async (_stream, where) => {
    const { exe, readLines } = await standIn(
      'su-ja',
      `printf 'パスワード: ' ${where}; read -r p; echo "$p" >>$log; ${RUN_SU}`,
    );
    expect(await execAs({ ...become, exe }, 'echo ok')).toMatchObject({ exitCode: 0, stdout: 'ok\n', stderr: '' });
    expect(await readLines()).toEqual([APP_PASSWORD]);
  });
});

describe('doas', () => {
  const root: Become = { method: 'doas', user: 'root' };
  const become: Become = { ...root, password: secret(PASSWORD) };

  test('without a password, cold and warm', async () => {
    await doasConf(`permit nopass ${OPS}`);
    for (let i = 0; i < 2; i++) {
      expect(await execAs(root, 'id -un; echo err >&2; exit 5')).toMatchObject({
        stdout: 'root\n',
        stderr: 'err\n',
        exitCode: 5,
      });
      connection?.prepare(root);
    }
  });

  test('a password is asked for at a terminal; streams stay apart and binary', async () => {
    await doasConf(`permit ${OPS}`);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const open = await connect();
    const remotePath = '/root/fleetmend lab file';
    await open.upload({ remotePath, content: bytes, become, timeoutMs: 15_000, signal });
    expect(await open.download({ remotePath, become, timeoutMs: 15_000, signal, maxBytes: 1000 })).toEqual(bytes);
    const result = await execAs(become, `rm '${remotePath}'; cat; tty; echo err >&2; exit 6`, {
      stdin: Buffer.from('in\n'),
    });
    expect(result).toMatchObject({ stdout: 'in\nnot a tty\n', stderr: 'err\n', exitCode: 6 });
  });

  test('output of any size comes whole, and what is left in the background lives on', async () => {
    await doasConf(`permit ${OPS}`);
    const mark = join(folder, 'background');
    const script = `(sleep 1; echo done >'${mark}') >/dev/null 2>&1 & head -c 700000 /dev/zero | tr '\\0' x`;
    const result = await execAs(become, script);
    expect(result.stdout.length).toBe(700_000);
    await expect.poll(() => readFile(mark, 'utf8').catch(() => ''), { timeout: 5000 }).toBe('done\n');
  });

  test('a wrong password, a missing right and a missing password are named', async () => {
    await doasConf(`permit ${OPS}`);
    await expect(execAs({ ...become, password: secret('guess') })).rejects.toThrow(/Authentication failed/);
    await expect(execAs(root)).rejects.toThrow(/^doas on testhost asks for a password; use -K/);
    await doasConf('permit nopass root');
    await expect(execAs(become)).rejects.toThrow(/Operation not permitted/);
  });

  test('a deadline kills what runs, and nothing is left behind', async () => {
    await doasConf(`permit ${OPS}`);
    const result = await execAs(become, 'sleep 67; echo never', { timeoutMs: 1500 });
    expect(result).toMatchObject({ ended: 'timed_out', remote: 'gone' });
    await connection?.close();
    connection = undefined;
    await expect.poll(async () => (await run('pgrep', ['-u', OPS, '-x', 'cat|sh'])).stdout, { timeout: 5000 }).toBe('');
    expect((await readdir('/tmp')).filter((name) => /^fleetmend\.\w{6}$/.test(name))).toEqual([]);
  });

  test('on this machine itself a password is refused at the start', async () => {
    const local = createLocalTransport();
    const here = await local.connect(testTarget({ kind: 'local' }), signal);
    const running = here.exec({ script: 'id', become, timeoutMs: 15_000, signal });
    await expect(running).rejects.toMatchObject({
      code: 'BECOME_FAILED',
      message: expect.stringContaining('at a terminal only'),
    });
    await here.close();
  });
});
