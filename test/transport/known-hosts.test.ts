import { execFile, spawnSync } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostKeyStore } from '../../src/transport/host-keys/host-key-store.ts';
import { hostKeyName } from '../../src/transport/host-keys/known-hosts.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-known-'));
  file = join(folder, 'ssh', 'known_hosts');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const field = (bytes: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A key blob as on the wire: type, then numbers that depend on the seed. */
function blob(type: string, seed: string): Buffer {
  const number = createHash('sha256').update(seed).digest();
  const fields = type === 'ssh-rsa' ? [Buffer.from([1, 0, 1]), number] : [number];
  return Buffer.concat([Buffer.from(type), ...fields].map(field));
}

const at = (address: string, port = 22) => hostKeyName({ address, port });

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
    expect(await store.judge(at(address, port), ED)).toEqual({ kind: 'known' });
  });

  test.each([
    ['an unlisted name', line('web2', ED)],
    ['a name refused by an exclamation mark', line('web*,!web1', ED)],
    ['a comment', `# ${line('web1', ED)}`],
    ['a line that is cut', 'web1 ssh-ed25519'],
    ['a dot that is no wildcard', line('w?b1.x', ED)],
    ['a hashed name of another host', line(hashed('web2'), ED)],
  ])('%s leaves a host unknown', async (_title, lines) => {
    const store = await storeOf(lines);
    expect(await store.judge(at('web1', 22), ED)).toEqual({ kind: 'unknown' });
  });

  test('another key of the same type is a change, and the line is named', async () => {
    const store = await storeOf('# first', line('web1', RSA, 'ssh-rsa'), line(hashed('web1'), ED_OTHER));
    const verdict = await store.judge(at('web1', 22), ED);
    expect(verdict).toMatchObject({ kind: 'changed', known: { file: join(folder, 'given'), line: 3 } });
  });

  test('a host known by other key types only is to be asked for these', async () => {
    const store = await storeOf(line('web1', RSA, 'ssh-rsa'));
    expect(await store.judge(at('web1', 22), ED)).toMatchObject({ kind: 'other-type', types: ['ssh-rsa'] });
    expect(await store.knownTypes(at('web1', 22))).toEqual(['ssh-rsa']);
  });

  test('a revoked key is refused even where it is listed', async () => {
    const store = await storeOf(line('web1', ED), `@revoked ${line('*', ED)}`);
    expect(await store.judge(at('web1', 22), ED)).toMatchObject({ kind: 'revoked', known: { line: 2 } });
  });

  test('several files are looked in, and those that do not exist are empty', async () => {
    const first = join(folder, 'first');
    await writeFile(first, line('web1', ED));
    const store = new HostKeyStore([join(folder, 'none'), first]);
    expect(await store.judge(at('web1', 22), ED)).toEqual({ kind: 'known' });
  });

  test('a file that cannot be read is an error, not an empty file', async () => {
    await expect(new HostKeyStore([folder]).load()).rejects.toMatchObject({ code: 'EISDIR' });
  });

  test('a revoked key is refused for the hosts that its line names only, also without their port', async () => {
    const store = await storeOf(line('web1,web2', ED), `@revoked ${line(hashed('web2'), ED)}`);
    expect(await store.judge(at('web1'), ED)).toEqual({ kind: 'known' });
    expect(await store.judge(at('web2'), ED)).toMatchObject({ kind: 'revoked' });
    expect(await store.judge(at('web2', 2222), ED)).toMatchObject({ kind: 'revoked' });
  });

  test('a host that only a certificate authority speaks for is unknown, and the line is named', async () => {
    const store = await storeOf(`@cert-authority ${line('*.example.com,!bad.example.com', ED_OTHER)}`);
    expect(await store.judge(at('a.example.com'), ED)).toMatchObject({ kind: 'unknown', authority: { line: 1 } });
    expect(await store.judge(at('bad.example.com'), ED)).toEqual({ kind: 'unknown' });
    // The authority's own key makes no host.
    expect(await store.judge(at('a.example.com'), ED_OTHER)).toMatchObject({ kind: 'unknown' });
  });

  test('an alias stands for address and port', async () => {
    const store = await storeOf(line('Fleet', ED));
    expect(await store.judge(hostKeyName({ address: '10.0.0.1', port: 2222 }, 'FLEET'), ED)).toEqual({ kind: 'known' });
    expect(await store.judge(at('10.0.0.1', 2222), ED)).toEqual({ kind: 'unknown' });
  });

  test.each([
    ['a key that is cut', `web1 ssh-ed25519 ${ED_OTHER.toString('base64').slice(0, 40)}`],
    ['a key of another type than it says', `web1 ssh-rsa ${ED_OTHER.toString('base64')}`],
    ['a key of a type that nobody knows', `web1 ssh-future ${blob('ssh-future', 'x').toString('base64')}`],
    ['a mark that nobody knows', `@trusted ${line('web1', ED_OTHER)}`],
    ['text without sense', '\0\u00ff garbage =='],
    ['a hash that is cut', line('|1|AAAA|BBBB', ED_OTHER)],
  ])('%s is passed over, and the lines after it hold', async (_title, broken) => {
    const store = await storeOf(broken);
    expect(await store.judge(at('web1'), ED)).toEqual({ kind: 'unknown' });
    const good = await storeOf(broken, line('web1', ED));
    expect(await good.judge(at('web1'), ED)).toEqual({ kind: 'known' });
  });

  test('tabs, Windows line ends and comments do no harm', async () => {
    const store = await storeOf(
      `\t web1\t ssh-ed25519\t${ED.toString('base64')}\r`,
      '\r',
      `# ${line('web1', ED_OTHER)}\r`,
    );
    expect(await store.judge(at('web1'), ED)).toEqual({ kind: 'known' });
  });

  test('10,000 hashed lines are read, and known hosts found, in no time to speak of', async () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => blob('ssh-ed25519', `key ${i}`));
    const store = await storeOf(...keys.map((key, i) => line(hashed(`h${i}`), key)));
    const startMs = performance.now();
    for (let i = 0; i < 10_000; i += 10) {
      expect(await store.judge(at(`h${i}`), keys[i] ?? ED)).toEqual({ kind: 'known' });
    }
    // A search through all lines for each host would be ten million hashes.
    expect(performance.now() - startMs).toBeLessThan(3000);
    expect(await store.judge(at('h1'), keys[0] ?? ED)).toMatchObject({ kind: 'changed', known: { line: 2 } });
  });
});

describe('recording new host keys', () => {
  test('hosts that connect at the same time lose no line, and each stands once', async () => {
    const store = new HostKeyStore([file]);
    const hosts = Array.from({ length: 300 }, (_, i) => `h${i}`);
    await Promise.all([...hosts, ...hosts].map((host) => store.record(at(host, 2222), ED)));
    await store.close();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.toSorted()).toEqual(
      hosts.map((host) => `[${host}]:2222 ssh-ed25519 ${ED.toString('base64')}`).toSorted(),
    );
    expect(await store.judge(at('h7', 2222), ED)).toEqual({ kind: 'known' });
  });

  test('two runs that write at the same time lose no line and duplicate none', async () => {
    const runs = [new HostKeyStore([file]), new HostKeyStore([file])];
    const hosts = Array.from({ length: 50 }, (_, i) => `h${i}`);
    await Promise.all(runs.flatMap((run) => hosts.map((host) => run.record(at(host, 22), ED))));
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(50);
  });

  test('the file is private, and so is a directory that is made for it', async () => {
    await new HostKeyStore([file]).record(at('web1', 22), ED);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'ssh'))).mode & 0o777).toBe(0o700);
  });

  test('a last line without a newline stays whole', async () => {
    file = join(folder, 'given');
    await writeFile(file, line('old', ED));
    await new HostKeyStore([file]).record(at('web1', 22), ED);
    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe(line('old', ED));
    expect(await new HostKeyStore([file]).judge(at('web1', 22), ED)).toEqual({ kind: 'known' });
  });

  test('a file that cannot be written is an error', async () => {
    file = join(folder, 'given');
    await writeFile(join(folder, 'plain'), '');
    await chmod(folder, 0o700);
    await expect(new HostKeyStore([join(folder, 'plain', 'known_hosts')]).record(at('web1', 22), ED)).rejects.toThrow();
  });

  test('eight processes that write 50 hosts each at the same time lose no line and break none', async () => {
    const writer = fileURLToPath(new URL('../../src/transport/host-keys/host-key-store.ts', import.meta.url));
    const names = fileURLToPath(new URL('../../src/transport/host-keys/known-hosts.ts', import.meta.url));
    const program = `
      const [file, run, key] = process.argv.slice(1);
      const { HostKeyStore } = await import(${JSON.stringify(writer)});
      const { hostKeyName } = await import(${JSON.stringify(names)});
      const store = new HostKeyStore([file]);
      // The first half are hosts of this process, the others of all of them.
      for (let i = 0; i < 50; i += 5) {
        await Promise.all([0, 1, 2, 3, 4].map((j) => {
          const address = i + j < 25 ? 'own-' + run + '-' + (i + j) : 'shared-' + (i + j);
          return store.record(hostKeyName({ address, port: 22 }), Buffer.from(key, 'base64'));
        }));
      }`;
    const runs = Array.from({ length: 8 }, (_, run) =>
      promisify(execFile)(process.execPath, [
        '--input-type=module',
        '-e',
        program,
        file,
        String(run),
        ED.toString('base64'),
      ]),
    );
    await Promise.all(runs);
    const expected = [
      ...Array.from({ length: 8 }, (_, run) => Array.from({ length: 25 }, (_, i) => `own-${run}-${i}`)).flat(),
      ...Array.from({ length: 25 }, (_, i) => `shared-${i + 25}`),
    ];
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.toSorted()).toEqual(expected.map((host) => `${host} ssh-ed25519 ${ED.toString('base64')}`).toSorted());
    expect(await readdir(join(folder, 'ssh'))).toEqual(['known_hosts']);
  });

  test('the lock of a process that died is taken over at once, that of one that lives is waited for', async () => {
    file = join(folder, 'given');
    const dead = spawnSync('true').pid;
    await writeFile(`${file}.fleetmend-lock`, `${dead} ${hostname()}\n`);
    const startMs = performance.now();
    await new HostKeyStore([file]).record(at('web1'), ED);
    expect(performance.now() - startMs).toBeLessThan(4000);

    await writeFile(`${file}.fleetmend-lock`, `${process.pid} ${hostname()}\n`);
    let isDone = false;
    const writing = new HostKeyStore([file]).record(at('web2'), ED).then(() => {
      isDone = true;
    });
    await sleep(200);
    expect(isDone).toBe(false);
    await rm(`${file}.fleetmend-lock`);
    await writing;
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
  });
});
