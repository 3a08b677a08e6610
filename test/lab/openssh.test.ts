/** The connection through the system's ssh: what only it can do, and what it says when it cannot. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TransportError } from '../../src/errors.ts';
import type { ProcessTransport, Target } from '../../src/transport/index.ts';
import { createSshTransport } from '../../src/transport/index.ts';
import { createOpensshTransport } from '../../src/transport/openssh/openssh-transport.ts';
import { type OpensshSettings, opensshWords } from '../../src/transport/openssh/words.ts';
import { Secret } from '../../src/util/secret.ts';
import { isGoneWithin } from '../conformance/place.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const PASSWORD = 'correct horse battery';
const signal = new AbortController().signal;

let folder: string;
let user: LabUser;
let sshd: LabSshd;
let certificateOnly: LabSshd;
let transport: ProcessTransport;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await mustRun('chmod', ['711', folder]);
  user = await createLabUser(folder, []);
  await mustRun('sh', ['-c', 'echo "$1:$2" | chpasswd', 'sh', user.name, PASSWORD]);
  sshd = await startSshd(join(folder, 'sshd'), user, {}, '127.0.0.1', ['PasswordAuthentication yes', 'MaxAuthTries 3']);
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ca')]);
  certificateOnly = await startSshd(join(folder, 'certificates'), user, {}, '127.0.0.1', [
    `TrustedUserCAKeys ${join(folder, 'ca.pub')}`,
    'AuthorizedKeysFile none',
  ]);
});

afterAll(async () => {
  await certificateOnly?.stop();
  await sshd?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  transport = createOpensshTransport();
});

afterEach(() => transport.close());

function targetOf(port: number, settings: OpensshSettings = {}, changes: Partial<Target> = {}): Target {
  const trusting = { hostKeyPolicy: 'off', knownHostsFiles: ['/dev/null'] } as const;
  const words = ['-F', 'none', ...opensshWords({ port, user: user.name, ...trusting, ...settings })];
  return testTarget({ kind: 'openssh', port, user: user.name, password: undefined, opensshArgs: words, ...changes });
}

async function idOf(target: Target): Promise<string> {
  const connection = await transport.connect(target, signal);
  try {
    return (await connection.exec({ script: 'id -un', timeoutMs: 15_000, signal })).stdout.trim();
  } finally {
    await connection.close();
  }
}

describe('certificates', () => {
  test('a key with a certificate of a trusted authority lets in, which it does not by itself', async () => {
    const keyFile = join(folder, 'certified');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    const target = targetOf(certificateOnly.port, { keyFile });
    await expect(idOf(target)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await mustRun('ssh-keygen', ['-q', '-s', join(folder, 'ca'), '-I', 'lab', '-n', user.name, `${keyFile}.pub`]);
    expect(await idOf(target)).toBe(user.name);
    // The same key and certificate by the connection ssh: this is what openssh is there for.
    const ssh = createSshTransport();
    const own = testTarget({
      port: certificateOnly.port,
      user: user.name,
      password: undefined,
      privateKeyFiles: [keyFile],
    });
    await expect(ssh.connect(own, signal)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await ssh.close();
  });

  test('a certificate for somebody else is refused, with what was tried', async () => {
    const keyFile = join(folder, 'foreign');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    await mustRun('ssh-keygen', ['-q', '-s', join(folder, 'ca'), '-I', 'lab', '-n', 'somebody', `${keyFile}.pub`]);
    const failing = idOf(targetOf(certificateOnly.port, { keyFile }));
    await expect(failing).rejects.toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('foreign') });
  });
});

describe('secrets', () => {
  test('a password is given once, and is in no process list, environment or file', async () => {
    const password = new Secret(PASSWORD);
    const connection = await transport.connect(targetOf(sshd.port, { keyFile: '/dev/null' }, { password }), signal);
    const own = await run('sh', [
      '-c',
      `grep -l '[c]orrect horse' /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null`,
    ]);
    expect(own.stdout).toBe('');
    expect((await connection.exec({ script: 'id -un', timeoutMs: 15_000, signal })).stdout).toBe(`${user.name}\n`);
    await connection.close();
  });

  test('a wrong password is refused and tried once', async () => {
    const target = targetOf(sshd.port, { keyFile: '/dev/null' }, { password: new Secret('wrong one') });
    const failing = idOf(target);
    await expect(failing).rejects.toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('password') });
    await expect(failing).rejects.not.toThrow(/wrong one/);
    expect(sshd.log().match(/Failed password for fm/g)).toHaveLength(1);
  });

  test('a key with a passphrase is opened with it', async () => {
    const keyFile = join(folder, 'sealed');
    await mustRun('cp', [user.keyFile, keyFile]);
    await mustRun('chmod', ['600', keyFile]);
    await mustRun('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'sealed up', '-f', keyFile]);
    await expect(idOf(targetOf(sshd.port, { keyFile }))).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    const passphrase = new Secret('sealed up');
    expect(await idOf(targetOf(sshd.port, { keyFile }, { passphrase }))).toBe(user.name);
  });

  test('a passphrase that has to be asked for is asked for once a key, again while it is wrong, for as long as it takes', async () => {
    const keyFile = join(folder, 'asked');
    await mustRun('cp', [user.keyFile, keyFile]);
    await mustRun('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open up', '-f', keyFile]);
    const asked: [file: string, attempt: number][] = [];
    transport = createOpensshTransport({
      passphraseOf: async (file, attempt) => {
        asked.push([file, attempt]);
        // Longer than there is to log in.
        if (attempt === 2) await new Promise((resolve) => setTimeout(resolve, 2500));
        return new Secret(attempt === 1 ? 'wrong' : 'open up');
      },
    });
    const target = targetOf(sshd.port, { keyFile }, { authTimeoutMs: 2000 });
    expect(await Promise.all([idOf(target), idOf(target)])).toEqual([user.name, user.name]);
    expect(await idOf(target)).toBe(user.name);
    expect(asked).toEqual([
      [keyFile, 1],
      [keyFile, 2],
    ]);
  });

  test('why there is no passphrase is said, and no password is tried in its place', async () => {
    const keyFile = join(folder, 'closed');
    await mustRun('cp', [user.keyFile, keyFile]);
    await mustRun('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'never told', '-f', keyFile]);
    transport = createOpensshTransport({
      passphraseOf: async (file) => {
        throw new TransportError('KEY_ENCRYPTED', `The private key '${file}' is encrypted: the command failed`);
      },
    });
    const passwords = () => sshd.log().match(/Failed password/g)?.length ?? 0;
    const before = passwords();
    await expect(idOf(targetOf(sshd.port, { keyFile }))).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining(`The private key '${keyFile}' is encrypted: the command failed`),
    });
    expect(passwords()).toBe(before);
  });
});

describe('ssh_config', () => {
  test('names, ports, users and keys of it hold by themselves', async () => {
    const config = join(folder, 'config');
    const text = `Host box\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${user.name}\n  IdentityFile ${user.keyFile}\n`;
    await writeFile(
      config,
      `${text}  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  ControlPath /tmp/never-%h\n`,
    );
    const target = testTarget({ kind: 'openssh', address: 'box', password: undefined, opensshArgs: ['-F', config] });
    const connection = await transport.connect(target, signal);
    expect(connection.target.user).toBe(user.name);
    await connection.close();
  });

  test('people who have ControlPersist among their arguments get our master all the same', async () => {
    const target = targetOf(sshd.port, { keyFile: user.keyFile });
    const args = ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s', '-S', join(folder, 'theirs'), '-C', '-q'];
    expect(await idOf({ ...target, opensshArgs: [...args, ...(target.opensshArgs ?? [])] })).toBe(user.name);
    await expect(readdir(folder)).resolves.not.toContain('theirs');
  });
});

describe('failures', () => {
  test.each([
    ['a port where nobody listens', () => targetOf(1), 'CONNECT_REFUSED'],
    [
      'a name that does not exist',
      () => targetOf(sshd.port, {}, { address: 'no-such-host.invalid' }),
      'CONNECT_FAILED',
    ],
    [
      'an option that ssh does not know',
      () => targetOf(sshd.port, {}, { opensshArgs: ['-o', 'NoSuch=1'] }),
      'CONNECT_FAILED',
    ],
    [
      'a user that is not let in',
      () => targetOf(sshd.port, { user: 'no-such-user', keyFile: user.keyFile }),
      'AUTH_FAILED',
    ],
    [
      'an address that begins like an option',
      () => targetOf(sshd.port, {}, { address: '-oProxyCommand=touch /tmp/x' }),
      'CONNECT_FAILED',
    ],
  ])('%s', async (_title, target, code) => {
    await expect(transport.connect(target(), signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('testhost'),
    });
  });

  test('a host key that is not known, and one that changed', async () => {
    const known = join(folder, 'known_hosts');
    await writeFile(known, '');
    const strict = { keyFile: user.keyFile, hostKeyPolicy: 'strict', knownHostsFiles: [known] } as const;
    await expect(idOf(targetOf(sshd.port, strict))).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
    await writeFile(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    expect(await idOf(targetOf(sshd.port, strict))).toBe(user.name);
    await writeFile(known, `[127.0.0.1]:${sshd.port} ${certificateOnly.hostKey}\n`);
    await expect(idOf(targetOf(sshd.port, strict))).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
    await writeFile(known, '');
    const accepting = { ...strict, hostKeyPolicy: 'accept-new' } as const;
    expect(await idOf(targetOf(sshd.port, accepting))).toBe(user.name);
    expect(await idOf(targetOf(sshd.port, strict))).toBe(user.name);
  });

  test('a host that is silent is given up at its deadline, and ssh with it', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const startedMs = performance.now();
    const connecting = transport.connect(targetOf(port, {}, { connectTimeoutMs: 700 }), signal);
    await expect(connecting).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT', phase: 'banner' });
    expect(performance.now() - startedMs).toBeLessThan(3000);
    expect((await run('pgrep', ['-f', `ssh -f -N .* -p ${port}`])).stdout).toBe('');
    server.close();
  });

  test('an interrupt ends the connecting', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const controller = new AbortController();
    const connecting = transport.connect(targetOf(port), controller.signal);
    setTimeout(() => controller.abort(), 200);
    await expect(connecting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    server.close();
  });

  test('a machine without ssh says so', async () => {
    const lacking = createOpensshTransport({ program: 'no-such-ssh' });
    await expect(lacking.connect(targetOf(sshd.port), signal)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: "'no-such-ssh' was not found on this machine, to connect to testhost",
    });
    await lacking.close();
  });
});

test('closing ends the master and takes its folder away', async () => {
  const before = new Set(await readdir(tmpdir()));
  const connection = await transport.connect(targetOf(sshd.port, { keyFile: user.keyFile }), signal);
  const added = (await readdir(tmpdir())).filter((name) => name.startsWith('fm-') && !before.has(name));
  expect(added).toHaveLength(1);
  const { stdout } = await run('pgrep', ['-f', `ssh -f -N .*/${added[0]}/`]);
  const pid = Number(stdout.trim());
  expect(pid).toBeGreaterThan(1);
  await connection.close();
  expect(await isGoneWithin(pid, 500)).toBe(true);
  await transport.close();
  expect(await readdir(tmpdir())).not.toContain(added[0]);
});
