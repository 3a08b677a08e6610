/** Keys, agents, passphrases and passwords against a real sshd. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSshTransport, type SshTransportOptions } from '../../src/transport/index.ts';
import type { Connection, Target, Transport } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run, type Server, startServer, waitUntil } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const PASSWORD = 'correct horse';
const signal = new AbortController().signal;
let folder: string;
let user: LabUser;
let sshd: LabSshd;
let agent: Server;
let agentSocket: string;
/** Keys that no server knows. */
let strangers: string[];
let transport: Transport | undefined;
const open: Connection[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-auth-'));
  await mustRun('chmod', ['755', folder]);
  user = await createLabUser(folder, []);
  await mustRun('sh', ['-c', 'echo "$1:$2" | chpasswd', 'sh', user.name, PASSWORD]);
  sshd = await startSshd(join(folder, 'sshd'), user, {}, '127.0.0.1', ['LogLevel DEBUG', 'MaxAuthTries 4']);
  agentSocket = join(folder, 'agent');
  agent = startServer('ssh-agent', ['-D', '-a', agentSocket]);
  strangers = ['one', 'two', 'three', 'four', 'five'].map((name) => join(folder, `stranger-${name}`));
  for (const file of strangers) await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', file, '-f', file]);
  await waitUntil(
    async () => (await addToAgent(...strangers)) === 0,
    () => agent.log(),
  );
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
  await transport?.close();
});

afterAll(async () => {
  await agent?.stop();
  await sshd?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function addToAgent(...files: readonly string[]): Promise<number> {
  return (await run('ssh-add', files, { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } })).exitCode;
}

const removeFromAgent = (file: string) =>
  run('ssh-add', ['-d', file], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } });

async function connect(changes: Partial<Target>, options: SshTransportOptions = {}): Promise<Connection> {
  transport = createSshTransport(options);
  const base = { port: sshd.port, user: user.name, password: undefined };
  const connection = await transport.connect(testTarget({ ...base, ...changes }), signal);
  open.push(connection);
  return connection;
}

const sh = async (connection: Connection, script: string) => connection.exec({ script, timeoutMs: 20_000, signal });

async function sealedKey(name: string): Promise<string> {
  const file = join(folder, name);
  await mustRun('cp', [user.keyFile, file]);
  await mustRun('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'sesame', '-f', file]);
  return file;
}

describe('agents', () => {
  test('too many keys: the server gives up, and the message says after how many and what to do', async () => {
    await addToAgent(user.keyFile);
    try {
      await expect(connect({ agentSocket })).rejects.toMatchObject({
        code: 'AUTH_FAILED',
        message: expect.stringContaining(`tried key ${strangers[0]} of the agent`),
        hint: expect.stringMatching(/the server gave up after 4 keys \(MaxAuthTries\).*IdentitiesOnly yes/),
      });
    } finally {
      await removeFromAgent(user.keyFile);
    }
  });

  test('a key of the agent that a file names comes before its others', async () => {
    await addToAgent(user.keyFile);
    try {
      expect((await connect({ agentSocket, privateKeyFiles: [user.keyFile] })).isOpen).toBe(true);
      // The name of the public half is enough, and so is an encrypted private one.
      expect((await connect({ agentSocket, privateKeyFiles: [`${user.keyFile}.pub`] })).isOpen).toBe(true);
      expect((await connect({ agentSocket, privateKeyFiles: [await sealedKey('sealed-held')] })).isOpen).toBe(true);
    } finally {
      await removeFromAgent(user.keyFile);
    }
  });

  test('IdentitiesOnly keeps the other keys of the agent back', async () => {
    const offered = () => sshd.log().split('Failed publickey').length - 1;
    const identitiesOnly = true;
    expect((await connect({ agentSocket, privateKeyFiles: [user.keyFile], identitiesOnly })).isOpen).toBe(true);
    const before = offered();
    await expect(connect({ agentSocket, privateKeyFiles: [strangers[2] ?? ''], identitiesOnly })).rejects.toMatchObject(
      {
        message: expect.stringContaining(`tried key ${strangers[2]} of the agent; the server accepts`),
      },
    );
    expect(offered() - before).toBeLessThanOrEqual(1);
  });

  test('one that is not there is said, and the key file is tried', async () => {
    const missing = join(folder, 'no-agent');
    expect((await connect({ agentSocket: missing, privateKeyFiles: [user.keyFile] })).isOpen).toBe(true);
    await expect(connect({ agentSocket: missing, privateKeyFiles: [strangers[0] ?? ''] })).rejects.toThrow(
      `agent at ${missing}`,
    );
  });

  test('one that never answers is left out after a while, and nothing is left open', async () => {
    const socketPath = join(folder, 'hung-agent');
    let openCount = 0;
    const hung = createServer((socket) => {
      openCount++;
      socket.on('error', () => {}).on('close', () => openCount--);
      socket.resume();
    });
    await new Promise<void>((resolve) => hung.listen(socketPath, resolve));
    try {
      const connection = await connect({ agentSocket: socketPath, privateKeyFiles: [user.keyFile] });
      expect(connection.isOpen).toBe(true);
      expect(openCount).toBe(1);
      await connection.close();
      await transport?.close();
      await waitUntil(
        () => openCount === 0,
        () => `${openCount} connections to the agent are left`,
        2000,
      );
    } finally {
      hung.close();
    }
  });

  test('is forwarded when wanted, and only then', async () => {
    const base = { agentSocket, privateKeyFiles: [user.keyFile], identitiesOnly: true };
    const list = 'ssh-add -l | wc -l';
    const forwarded = await connect({ ...base, forwardAgent: true });
    expect((await sh(forwarded, list)).stdout.trim()).toBe(String(strangers.length));
    expect((await sh(forwarded, list)).stdout.trim()).toBe(String(strangers.length));
    expect((await sh(await connect(base), `echo "[$SSH_AUTH_SOCK]"`)).stdout).toBe('[]\n');
    const other = { ...base, agentSocket: undefined, forwardAgent: true, forwardAgentSocket: agentSocket };
    expect((await sh(await connect(other), list)).stdout.trim()).toBe(String(strangers.length));
  });

  test('a server that forbids forwarding is worked with all the same', async () => {
    const closed = await startSshd(join(folder, 'closed'), user, {}, '127.0.0.1', ['AllowAgentForwarding no']);
    try {
      const base = { port: closed.port, agentSocket, privateKeyFiles: [user.keyFile], identitiesOnly: true };
      const connection = await connect({ ...base, forwardAgent: true });
      expect((await sh(connection, 'echo fine')).stdout).toBe('fine\n');
    } finally {
      await closed.stop();
    }
  });
});

describe('passphrases', () => {
  test('are asked for once however many hosts need the key, and again after a wrong answer', async () => {
    const file = await sealedKey('sealed-asked');
    const asked: [string, number][] = [];
    const shared = createSshTransport({
      passphraseOf: async (name, attempt) => {
        asked.push([name, attempt]);
        return new Secret(attempt === 1 ? 'wrong' : 'sesame');
      },
    });
    const target = testTarget({ port: sshd.port, user: user.name, password: undefined, privateKeyFiles: [file] });
    const connections = await Promise.all(Array.from({ length: 5 }, () => shared.connect(target, signal)));
    await Promise.all(connections.map((connection) => connection.close()));
    await shared.close();
    expect(asked).toEqual([
      [file, 1],
      [file, 2],
    ]);
  });

  test('are not asked for a key that the agent holds, or that nobody named while others are there', async () => {
    const file = await sealedKey('sealed-spare');
    const passphraseOf = async () => {
      throw new Error('nobody should have asked');
    };
    const usual = { privateKeyFiles: [file, user.keyFile], usesUsualKeys: true };
    expect((await connect(usual, { passphraseOf })).isOpen).toBe(true);
    await addToAgent(user.keyFile);
    try {
      expect((await connect({ agentSocket, privateKeyFiles: [file] }, { passphraseOf })).isOpen).toBe(true);
    } finally {
      await removeFromAgent(user.keyFile);
    }
  });

  test('without one the key fails, after three wrong ones too', async () => {
    const privateKeyFiles = [await sealedKey('sealed-none')];
    await expect(connect({ privateKeyFiles })).rejects.toMatchObject({ code: 'KEY_ENCRYPTED' });
    let count = 0;
    const passphraseOf = async () => new Secret(`wrong ${++count}`);
    await expect(connect({ privateKeyFiles }, { passphraseOf })).rejects.toThrow('the passphrase does not open it');
    expect(count).toBe(3);
  });
});

describe('several proofs', () => {
  test.each([
    ['publickey,password', ['publickey', 'password', 'keyboard-interactive']],
    ['password,publickey', ['publickey', 'password', 'keyboard-interactive']],
    ['publickey,password', undefined],
  ] as const)('a server that wants %s gets both', async (wanted, authMethods) => {
    const strict = await startSshd(join(folder, `both-${Math.random()}`), user, {}, '127.0.0.1', [
      'PasswordAuthentication yes',
      `AuthenticationMethods ${wanted}`,
    ]);
    try {
      const both = { port: strict.port, privateKeyFiles: [user.keyFile], password: new Secret(PASSWORD), authMethods };
      expect((await connect(both)).isOpen).toBe(true);
      await expect(connect({ ...both, password: undefined })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
      if (wanted !== 'publickey,password') return;
      await expect(connect({ ...both, password: undefined })).rejects.toMatchObject({
        message: expect.stringContaining(`it accepted key ${user.keyFile} and wants more; the server accepts password`),
      });
    } finally {
      await strict.stop();
    }
  });

  test('one of them may come from an agent', async () => {
    const strict = await startSshd(join(folder, 'both-agent'), user, {}, '127.0.0.1', [
      'PasswordAuthentication yes',
      'AuthenticationMethods publickey,password',
    ]);
    await addToAgent(user.keyFile);
    try {
      const target = { port: strict.port, agentSocket, privateKeyFiles: [user.keyFile] };
      expect((await connect({ ...target, password: new Secret(PASSWORD) })).isOpen).toBe(true);
      await expect(connect(target)).rejects.toThrow(
        /it accepted key .* of the agent and wants more; the server accepts password/,
      );
    } finally {
      await removeFromAgent(user.keyFile);
      await strict.stop();
    }
  });

  test('only the ways that are wanted are tried', async () => {
    const target = { privateKeyFiles: [user.keyFile], authMethods: ['password'] as const };
    await expect(connect({ ...target, password: new Secret('x') })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.not.stringContaining(user.keyFile),
    });
  });

  test('ways that only the system has are named when the server wants a key', async () => {
    const otherAuthentication = [
      'CertificateFile (/etc/ssh/ssh_config:3)',
      'GSSAPIAuthentication (/etc/ssh/ssh_config:4)',
    ];
    await expect(connect({ privateKeyFiles: [strangers[0] ?? ''], otherAuthentication })).rejects.toMatchObject({
      hint:
        "ssh_config also has CertificateFile (/etc/ssh/ssh_config:3), which only the system's ssh can do: " +
        'set ansible_connection: openssh',
    });
  });
});

describe('algorithms', () => {
  const key = () => ({ privateKeyFiles: [user.keyFile] });

  test.each([
    [{ cipher: 'aes256-ctr' }, /cipher: aes256-ctr/],
    [{ cipher: '-*gcm*' }, /cipher: aes128-ctr/],
    [{ cipher: 'no-such-cipher,aes192-ctr' }, /cipher: aes192-ctr/],
    [{ kex: '^ecdh-sha2-nistp521' }, /kex: algorithm: ecdh-sha2-nistp521/],
    [{ mac: 'hmac-sha2-512', cipher: 'aes128-ctr' }, /MAC: hmac-sha2-512 /],
  ])('%j is what the server sees', async (algorithms, seen) => {
    const before = sshd.log().length;
    expect((await connect({ ...key(), algorithms })).isOpen).toBe(true);
    expect(sshd.log().slice(Math.min(before, sshd.log().length - 8000))).toMatch(seen);
  });

  test('none that is known is an error at once', async () => {
    await expect(connect({ ...key(), algorithms: { cipher: 'rot13' } })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: "none of the algorithms that ssh_config wants for 'testhost' is known here: rot13",
    });
  });
});
