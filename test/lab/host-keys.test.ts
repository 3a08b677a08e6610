/** What known_hosts says of a host's key, held against OpenSSH itself: `ssh` at a real sshd. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSshTransport } from '../../src/transport/index.ts';
import type { Transport } from '../../src/transport/types.ts';
import { testTarget } from '../transport/targets.ts';
import { mustRun, run } from './process.ts';
import { createLabUser, type LabSshd, type LabUser, startSshd } from './sshd.ts';

const signal = new AbortController().signal;

let folder: string;
let user: LabUser;
let sshd: LabSshd;
let transport: Transport;
/** Another key of the host's type, and keys of other types; each as `type base64`. */
let other: string;
let rsa: string;
let ecdsa: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  await chmod(folder, 0o755);
  user = await createLabUser(folder, []);
  sshd = await startSshd(join(folder, 'sshd'), user, {});
  transport = createSshTransport();
  const makeKey = async (type: string) => {
    const file = join(folder, `key-${type}-${count++}`);
    await mustRun('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
    return (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  };
  other = await makeKey('ed25519');
  rsa = await makeKey('rsa');
  ecdsa = await makeKey('ecdsa');
});

afterAll(async () => {
  await transport?.close();
  await sshd?.stop();
  await user?.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Verdicts {
  readonly ours: string;
  readonly theirs: string;
}

/** What both say of the sshd with these lines; `HOST`, `KEY`, `OTHER`, `RSA`, `ECDSA` and `PORT` are filled in. */
async function verdicts(text: string, alias?: string): Promise<Verdicts> {
  const file = join(folder, `known-${count++}`);
  const filled = text
    .replaceAll('HASHED', '[127.0.0.1]:PORT')
    .replaceAll('HOST', '[127.0.0.1]:PORT')
    .replaceAll('PORT', String(sshd.port))
    .replaceAll('OTHER', other)
    .replaceAll('ECDSA', ecdsa)
    .replaceAll('RSA', rsa)
    .replaceAll('KEY', sshd.hostKey)
    .replaceAll('BLOB', sshd.hostKey.split(' ')[1] ?? '');
  await writeFile(file, filled);
  // Hashes what stands there; lines with wildcards and marks stay as they are.
  if (text.includes('HASHED')) await mustRun('ssh-keygen', ['-H', '-f', file]);
  return { ours: await ourVerdict(file, alias), theirs: await theirVerdict(file, alias) };
}

async function ourVerdict(file: string, alias: string | undefined): Promise<string> {
  const target = testTarget({
    port: sshd.port,
    user: user.name,
    password: undefined,
    privateKeyFiles: [user.keyFile],
    hostKeyPolicy: 'strict',
    knownHostsFiles: [file],
    hostKeyAlias: alias,
  });
  try {
    await (await transport.connect(target, signal)).close();
    return 'known';
  } catch (error) {
    const { code } = error as { code: string };
    return { HOST_KEY_UNKNOWN: 'unknown', HOST_KEY_CHANGED: 'changed', HOST_KEY_REVOKED: 'revoked' }[code] ?? code;
  }
}

async function theirVerdict(file: string, alias: string | undefined): Promise<string> {
  const options = {
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: file,
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    LogLevel: 'INFO',
    ...(alias === undefined ? {} : { HostKeyAlias: alias }),
  };
  const words = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const place = ['-p', String(sshd.port), '-i', user.keyFile, `${user.name}@127.0.0.1`];
  const { exitCode, stderr } = await run('ssh', ['-F', 'none', ...words, ...place, 'true']);
  if (exitCode === 0) return 'known';
  if (/REVOKED HOST KEY/i.test(stderr)) return 'revoked';
  if (/IDENTIFICATION HAS CHANGED/.test(stderr)) return 'changed';
  if (/host key is known for|Host key verification failed/.test(stderr)) return 'unknown';
  return stderr;
}

describe('the verdict is that of ssh', () => {
  test.each([
    ['nothing', ''],
    ['the host', 'HOST KEY'],
    ['a comment behind the key', 'HOST KEY root@web1 # and more'],
    ['without the port', '127.0.0.1 KEY'],
    ['port 22 said aloud', '[127.0.0.1]:22 KEY'],
    ['another port', '[127.0.0.1]:1 KEY'],
    ['another key', 'HOST OTHER'],
    ['another key, and the right one', 'HOST OTHER\nHOST KEY'],
    ['another key without the port', '127.0.0.1 OTHER'],
    ['another key with, the right one without the port', 'HOST OTHER\n127.0.0.1 KEY'],
    ['a key of another type', 'HOST RSA'],
    ['keys of other types', 'HOST RSA\nHOST ECDSA'],
    ['a key of another type, and the right one', 'HOST RSA\nHOST KEY'],
    ['a list', 'web1,HOST,10.0.0.1 KEY'],
    ['a list without it', 'web1,10.0.0.1 KEY'],
    ['empty names in a list', ',,HOST,, KEY'],
    ['a star', '* KEY'],
    ['stars and question marks', '[127.?.*.1]:* KEY'],
    ['a star that does not match', '[10.*]:* KEY'],
    ['a star for the plain address', '127.0.0.* KEY'],
    ['a name refused', '*,!HOST KEY'],
    ['a name refused first', '!HOST,* KEY'],
    ['another name refused', '*,!web1 KEY'],
    ['only a refused name', '!web1 KEY'],
    ['a refusal in another line', '!HOST KEY\nHOST KEY'],
    ['a refusal by a wildcard', 'HOST,![127.* KEY'],
    ['hashed', 'HASHED KEY'],
    ['hashed, another key', 'HASHED OTHER'],
    ['hashed, another type', 'HASHED RSA'],
    ['hashed, another key and the right one', 'HASHED OTHER\nHASHED KEY'],
    ['a hash without sense', '|1|AAAA|BBBB KEY\nHOST KEY'],
    ['a hash of a version that is not there', '|2|AAAA|BBBB KEY'],
    ['revoked', '@revoked HOST KEY'],
    ['revoked and known', 'HOST KEY\n@revoked HOST KEY'],
    ['revoked for all', 'HOST KEY\n@revoked * KEY'],
    ['revoked for another host', 'HOST KEY\n@revoked web1 KEY'],
    ['another key revoked', 'HOST KEY\n@revoked * OTHER'],
    ['only another key revoked', '@revoked * OTHER'],
    ['an authority', '@cert-authority * OTHER'],
    ['the key as an authority', '@cert-authority HOST KEY'],
    ['an authority and the key', '@cert-authority * OTHER\nHOST KEY'],
    ['an unknown mark', '@trusted HOST KEY'],
    ['two marks', '@revoked @cert-authority HOST KEY'],
    ['a comment', '# HOST KEY'],
    ['a comment with blanks before it', ' \t# HOST KEY'],
    ['blanks and tabs', ' \t HOST\t \tKEY\t'],
    ['Windows line ends', 'HOST KEY\r\nweb1 OTHER\r\n'],
    ['Windows line ends and comments', 'HOST KEY me@here\r\n'],
    ['no newline at the end', 'web1 OTHER\nHOST KEY'],
    ['a line that is cut', 'HOST\nHOST ssh-ed25519\nHOST KEY'],
    ['only a line that is cut', 'HOST ssh-ed25519'],
    ['a key that is cut', 'HOST ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=='],
    ['a key that is no base64', 'HOST ssh-ed25519 !!!!'],
    ['a type that is not that of the key', 'HOST ssh-rsa BLOB'],
    ['a type that nobody knows', 'HOST ssh-future BLOB'],
    ['an old key with its size', 'HOST 2048 35 12345678901234567890'],
    ['garbage', '\u0000\u0001\u00ff==\n\nHOST KEY'],
  ])('%s', async (_title, text) => {
    const { ours, theirs } = await verdicts(text);
    expect(ours).toBe(theirs);
    expect(['known', 'unknown', 'changed', 'revoked']).toContain(theirs);
  });

  test.each([
    ['the alias', 'fleet KEY'],
    ['the alias in another case', 'FLEET KEY'],
    ['the alias with a port', '[fleet]:PORT KEY'],
    ['only the address', 'HOST KEY'],
    ['another key for the alias', 'fleet OTHER\nHOST KEY'],
  ])('with HostKeyAlias: %s', async (_title, text) => {
    for (const alias of ['fleet', 'Fleet']) {
      const { ours, theirs } = await verdicts(text, alias);
      expect([alias, ours]).toEqual([alias, theirs]);
    }
  });
});

test('what accept-new writes is found by ssh-keygen and accepted by ssh', async () => {
  const file = join(folder, 'accepted');
  const target = testTarget({
    port: sshd.port,
    user: user.name,
    password: undefined,
    privateKeyFiles: [user.keyFile],
    hostKeyPolicy: 'accept-new',
    knownHostsFiles: [file],
  });
  await (await transport.connect(target, signal)).close();
  const found = await mustRun('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', file]);
  expect(found.split('\n').at(-1)).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
  expect(await theirVerdict(file, undefined)).toBe('known');
});
