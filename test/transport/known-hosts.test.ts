import { createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostKeyStore } from '../../src/transport/host-keys/host-key-store.ts';
import { KnownHosts } from '../../src/transport/host-keys/known-hosts.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-known-'));
  file = join(folder, 'ssh', 'known_hosts');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A key blob with a type at its start, as on the wire. */
function blob(type: string, seed: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + seed)]);
}

const ED = blob('ssh-ed25519', 'one');
const ED_OTHER = blob('ssh-ed25519', 'two');
const RSA = blob('ssh-rsa', 'three');

const line = (names: string, key: Buffer, type = 'ssh-ed25519') => `${names} ${type} ${key.toString('base64')} comment`;

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

async function storeOf(...lines: string[]): Promise<HostKeyStore> {
  const path = join(folder, 'given');
  await writeFile(path, `${lines.join('\n')}\n`);
  return new HostKeyStore([path]);
}

describe('judging a host key', () => {
  test.each([
    ['a plain name', line('web1', ED), 'web1', 22],
    ['a name in a list', line('a,web1,10.0.0.1', ED), '10.0.0.1', 22],
    ['a name in another case', line('WEB1', ED), 'Web1', 22],
    ['a name with a port', line('[web1]:2222', ED), 'web1', 2222],
    ['the plain name for another port', line('web1', ED), 'web1', 2222],
    ['an IPv6 address', line('fe80::1', ED), 'FE80::1', 22],
    ['a wildcard', line('*.example.com,!bad.example.com', ED), 'a.example.com', 22],
    ['a question mark', line('web?', ED), 'web7', 22],
    ['a hashed name', line(hashed('web1'), ED), 'web1', 22],
    ['a hashed name with a port', line(hashed('[web1]:2222'), ED), 'web1', 2222],
    ['the second of two keys', `${line('web1', ED_OTHER)}\n${line('web1', ED)}`, 'web1', 22],
  ])('%s is known', async (_title, lines, address, port) => {
    const store = await storeOf(lines);
    expect(await store.judge(address, port, ED)).toEqual({ kind: 'known' });
  });

  test.each([
    ['an unlisted name', line('web2', ED)],
    ['a name refused by an exclamation mark', line('web*,!web1', ED)],
    ['a comment', `# ${line('web1', ED)}`],
    ['a line that is cut', 'web1 ssh-ed25519'],
    ['a certificate authority', `@cert-authority ${line('*', ED)}`],
    ['a dot that is no wildcard', line('w?b1.x', ED)],
    ['a hashed name of another host', line(hashed('web2'), ED)],
  ])('%s leaves a host unknown', async (_title, lines) => {
    const store = await storeOf(lines);
    expect(await store.judge('web1', 22, ED)).toEqual({ kind: 'unknown' });
  });

  test('another key of the same type is a change, and the line is named', async () => {
    const store = await storeOf('# first', line('web1', RSA, 'ssh-rsa'), line(hashed('web1'), ED_OTHER));
    const verdict = await store.judge('web1', 22, ED);
    expect(verdict).toMatchObject({ kind: 'changed', known: { file: join(folder, 'given'), line: 3 } });
  });

  test('a host known by other key types only is to be asked for these', async () => {
    const store = await storeOf(line('web1', RSA, 'ssh-rsa'));
    expect(await store.judge('web1', 22, ED)).toMatchObject({ kind: 'other-type', types: ['ssh-rsa'] });
    expect(await store.knownTypes('web1', 22)).toEqual(['ssh-rsa']);
  });

  test('a revoked key is refused even where it is listed', async () => {
    const store = await storeOf(line('web1', ED), `@revoked ${line('*', ED)}`);
    expect(await store.judge('web1', 22, ED)).toMatchObject({ kind: 'revoked', known: { line: 2 } });
  });

  test('several files are looked in, and those that do not exist are empty', async () => {
    const first = join(folder, 'first');
    await writeFile(first, line('web1', ED));
    const store = new HostKeyStore([join(folder, 'none'), first]);
    expect(await store.judge('web1', 22, ED)).toEqual({ kind: 'known' });
  });

  test('a file that cannot be read is an error, not an empty file', async () => {
    await expect(new HostKeyStore([folder]).load()).rejects.toMatchObject({ code: 'EISDIR' });
  });

  test('a thousand hashed hosts are found without asking each entry', () => {
    const known = new KnownHosts();
    const keys = Array.from({ length: 1000 }, (_, i) =>
      blob('ssh-ed25519', `key ${i}`).toString('base64').replace(/=+$/, ''),
    );
    known.addText('f', keys.map((key, i) => `${hashed(`h${i}`)} ssh-ed25519 ${key}`).join('\n'));
    expect(keys.every((key, i) => known.findHashed(`h${i}`, key)?.line === i + 1)).toBe(true);
    expect(known.findHashed('h1', keys[0] ?? '')).toBeUndefined();
  });
});

describe('recording new host keys', () => {
  test('hosts that connect at the same time lose no line, and each stands once', async () => {
    const store = new HostKeyStore([file]);
    const hosts = Array.from({ length: 300 }, (_, i) => `h${i}`);
    await Promise.all([...hosts, ...hosts].map((host) => store.record(host, 2222, ED)));
    await store.close();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.toSorted()).toEqual(
      hosts.map((host) => `[${host}]:2222 ssh-ed25519 ${ED.toString('base64')}`).toSorted(),
    );
    expect(await store.judge('h7', 2222, ED)).toEqual({ kind: 'known' });
  });

  test('two runs that write at the same time lose no line and duplicate none', async () => {
    const runs = [new HostKeyStore([file]), new HostKeyStore([file])];
    const hosts = Array.from({ length: 50 }, (_, i) => `h${i}`);
    await Promise.all(runs.flatMap((run) => hosts.map((host) => run.record(host, 22, ED))));
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(50);
  });

  test('the file is private, and so is a directory that is made for it', async () => {
    await new HostKeyStore([file]).record('web1', 22, ED);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'ssh'))).mode & 0o777).toBe(0o700);
  });

  test('a last line without a newline stays whole', async () => {
    file = join(folder, 'given');
    await writeFile(file, line('old', ED));
    await new HostKeyStore([file]).record('web1', 22, ED);
    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe(line('old', ED));
    expect(await new HostKeyStore([file]).judge('web1', 22, ED)).toEqual({ kind: 'known' });
  });

  test('a file that cannot be written is an error', async () => {
    file = join(folder, 'given');
    await writeFile(join(folder, 'plain'), '');
    await chmod(folder, 0o700);
    await expect(new HostKeyStore([join(folder, 'plain', 'known_hosts')]).record('web1', 22, ED)).rejects.toThrow();
  });
});
