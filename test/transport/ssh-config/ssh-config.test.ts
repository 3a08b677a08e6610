import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SshConfig } from '../../../src/transport/ssh-config/evaluate.ts';
import { createSshConfigSource, type LocalUser, parseSshOptions } from '../../../src/transport/ssh-config/index.ts';
import { loadStandardFiles } from '../../../src/transport/ssh-config/load.ts';
import { parseSshConfig } from '../../../src/transport/ssh-config/parse.ts';

let home: string;
let local: LocalUser;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fleetmend-ssh-config-'));
  await mkdir(join(home, '.ssh'));
  const env = { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys', PATH: process.env.PATH };
  local = { name: 'me', uid: process.getuid?.() ?? 0, home, hostName: 'here.example.com', env };
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function lookUp(text: string, host = 'web1', options = '') {
  const file = join(home, '.ssh', 'other');
  await writeFile(file, text);
  return createSshConfigSource(local, file).lookUp({ host, first: parseSshOptions(options, 'options').settings });
}

describe('what a host gets', () => {
  it('nothing where nothing is said', async () => {
    const { otherAuthentication, hostName, ...rest } = await lookUp('');
    expect(hostName).toBe('web1');
    expect(otherAuthentication).toEqual([]);
    expect(Object.values(rest).filter((value) => value !== undefined)).toEqual([]);
  });

  it('tokens, variables and ~ are replaced', async () => {
    const text = `Host web1
      HostName %h.example.com
      User ops
      Port 2222
      HostKeyAlias web
      IdentityFile ~/%r/%h/%n/%p/%u/%k/%L/%l/%i/%%
      IdentityFile \${KEYS}/%d
      UserKnownHostsFile ~/known.%k \${KEYS}/known
      IdentityAgent ~/agent.%C
      ProxyCommand connect %h %p %r %n 100%%`;
    const found = await lookUp(text);
    expect(found).toMatchObject({
      hostName: 'web1.example.com',
      identityFiles: [
        `${home}/ops/web1.example.com/web1/2222/me/web/here/here.example.com/${local.uid}/%`,
        `/keys/${home}`,
      ],
      userKnownHostsFiles: [`${home}/known.web`, '/keys/known'],
      proxyCommand: 'connect web1.example.com 2222 ops web1 100%',
    });
    expect(found.identityAgent).toMatch(/\/agent\.[0-9a-f]{40}$/);
  });

  it('none takes away', async () => {
    const text =
      'IdentityFile none\nIdentityAgent none\nUserKnownHostsFile none\nGlobalKnownHostsFile none\nProxyJump none\n';
    expect(await lookUp(text)).toMatchObject({
      identityFiles: [],
      identityAgent: null,
      userKnownHostsFiles: [],
      globalKnownHostsFiles: [],
      jumps: undefined,
    });
  });

  it('ways to authenticate in their order', async () => {
    expect((await lookUp('PasswordAuthentication no')).authMethods).toEqual(['publickey', 'keyboard-interactive']);
    const preferred =
      'PreferredAuthentications gssapi-with-mic,keyboard-interactive,publickey\nPubkeyAuthentication no';
    expect((await lookUp(preferred)).authMethods).toEqual(['keyboard-interactive']);
    const { otherAuthentication } = await lookUp(
      'GSSAPIAuthentication yes\nHostbasedAuthentication no\nCertificateFile ~/c',
    );
    expect(otherAuthentication).toEqual([
      `GSSAPIAuthentication (${home}/.ssh/other:1)`,
      `CertificateFile (${home}/.ssh/other:3)`,
    ]);
  });

  it.each(['RevokedHostKeys /r', 'KnownHostsCommand /k', 'BindInterface eth0', 'CanonicalizeHostname yes'])(
    '%s cannot be honoured: the host is refused, others are not',
    async (line) => {
      const keyword = line.split(' ')[0];
      await expect(lookUp(`Host web1\n ${line}\n`)).rejects.toMatchObject({
        code: 'CONNECT_FAILED',
        message: `'web1' needs ${keyword} (${home}/.ssh/other:2), which is not supported here`,
        hint: expect.stringContaining('ansible_connection: openssh'),
      });
      await expect(lookUp(`Host web1\n ${line}\n`, 'web2')).resolves.toBeDefined();
    },
  );

  it('a token or variable that does not exist is an error with its place', async () => {
    await expect(lookUp('IdentityFile ~/%z')).rejects.toThrow(`${home}/.ssh/other:1: identityfile: '%z' is no token`);
    await expect(lookUp(`IdentityFile \${NO_SUCH}/x`)).rejects.toThrow('environment variable NO_SUCH is not set');
  });

  it('a Match exec command runs once, however many hosts ask', async () => {
    const log = join(home, 'log');
    const file = join(home, '.ssh', 'other');
    await writeFile(file, `Match exec "echo x >> ${log}"\n User a\n`);
    const source = createSshConfigSource(local, file);
    const users = await Promise.all(
      ['web1', 'web2', 'web3'].map(async (host) => (await source.lookUp({ host, first: [] })).user),
    );
    expect(users).toEqual(['a', 'a', 'a']);
    await expect(lookUp(`Match exec "[ $(wc -l < ${log}) = 1 ]"\n User once\n`)).resolves.toMatchObject({
      user: 'once',
    });
  });

  it('a Match exec command that hangs is ended, and the host fails with its name', async () => {
    await expect(lookUp('Match exec "sleep 60"\n User a\n')).rejects.toThrow(
      "Match exec 'sleep 60' did not end within 5.0 s and was killed",
    );
  }, 10_000);
});

describe('files', () => {
  it("the user's come before the machine's, each with its own folder for Include", async () => {
    const system = join(home, 'etc', 'ssh_config');
    await mkdir(join(home, 'etc', 'd'), { recursive: true });
    await writeFile(system, 'Include d/*.conf\nPort 3\nUser system\n');
    await writeFile(join(home, 'etc', 'd', 'x.conf'), 'Port 4\n');
    await writeFile(join(home, '.ssh', 'config'), 'User mine\n', { mode: 0o600 });
    const config = new SshConfig(loadStandardFiles(local, system), local);
    expect(config.evaluate({ host: 'web1', first: [] }, new Map())).toMatchObject({
      values: { user: 'mine', port: 4 },
    });
  });

  it('are not needed', () => {
    expect(loadStandardFiles(local, join(home, 'none'))).toEqual([]);
  });

  it('a file that others can write to is refused', async () => {
    await writeFile(join(home, '.ssh', 'config'), 'User mine\n', { mode: 0o600 });
    const { chmod } = await import('node:fs/promises');
    await chmod(join(home, '.ssh', 'config'), 0o666);
    expect(() => loadStandardFiles(local, join(home, 'none'))).toThrow('it can be written to by others');
  });

  it('a named file must be there', () => {
    expect(() => createSshConfigSource(local, '/none/there').load()).toThrow(
      "there is no ssh_config file '/none/there'",
    );
    expect(() => createSshConfigSource(local, 'none').load()).not.toThrow();
  });

  it('a file that includes itself is an error that shows the way', async () => {
    const a = join(home, '.ssh', 'a');
    await writeFile(a, 'Port 1\nInclude b\n');
    await writeFile(join(home, '.ssh', 'b'), 'Include a\n');
    expect(() => createSshConfigSource(local, a).load()).toThrow(
      `${home}/.ssh/b:1: '${a}' includes itself: ${a} -> ${home}/.ssh/b -> ${a}`,
    );
  });

  it.each([
    ['Prot 22', "f:1:1: unknown keyword 'Prot'; did you mean 'port'?"],
    ['Host a\n  Port ssh', "f:2:3: Port: expected a port from 1 to 65535, found 'ssh'"],
    ['IdentitiesOnly maybe', "f:1:1: IdentitiesOnly: expected yes or no, found 'maybe'"],
    ['ServerAliveInterval soon', "f:1:1: ServerAliveInterval: expected a time such as 30 or 1m30s, found 'soon'"],
    ['User', 'f:1:1: User: expected an argument, found none'],
    ['User a b', 'f:1:1: User: expected one argument, found 2'],
    ['Host', 'f:1:1: Host: expected an argument, found none'],
    ['IdentityFile "~/x', 'f:1:1: a quote is not closed'],
    ['Match hots a', "f:1:1: Match: unknown criterion 'hots'; did you mean 'host'?"],
    ['Match user', "f:1:1: Match: expected an argument after 'user'"],
    ['Match all host x', "f:1:1: Match: 'all' stands alone"],
    ['ProxyJump a:b:c', "f:1:1: ProxyJump: expected a jump host such as user@host:port, found 'a:b:c'"],
    ['ProxyJump -oProxyCommand=evil', 'f:1:1: ProxyJump: expected a jump host'],
    ['StrictHostKeyChecking perhaps', 'f:1:1: StrictHostKeyChecking: expected yes, no, ask, off or accept-new'],
  ])('%j is an error with its place', (text, message) => {
    expect(() => parseSshConfig(text, 'f')).toThrow(message);
  });

  it('tells all mistakes at once, and leaves alone what IgnoreUnknown names', () => {
    expect(() => parseSshConfig('Prot 22\nUser\n', 'f')).toThrow(/f:1:1[\s\S]*f:2:1/);
    expect(parseSshConfig('IgnoreUnknown Future*\nFutureThing x\n', 'f')).toEqual([]);
  });
});

describe('ten thousand sections', () => {
  it('a host finds its own without a look at the others', () => {
    const text = Array.from({ length: 10_000 }, (_, i) => `Host h${i}\n HostName 10.0.${i >> 8}.${i & 255}\n`).join('');
    const items = parseSshConfig(`${text}Host h*\n User all\n`, 'f');
    const sections = [];
    for (let i = 0; i < items.length; i += 2) {
      const [head, body] = [items[i], items[i + 1]];
      if (head?.kind !== 'section' || body?.kind !== 'setting') throw new Error('expected a section');
      sections.push({ conditions: [head.condition], settings: [body.setting] });
    }
    const config = new SshConfig(sections, local);
    const startedAt = performance.now();
    for (let i = 0; i < 10_000; i++) {
      expect(config.evaluate({ host: `h${i}`, first: [] }, new Map())).toHaveProperty('values.user', 'all');
    }
    // Ten thousand times ten thousand patterns would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('options of the command line', () => {
  it.each([
    ['-W %h:%p', 'option -W in args is not supported'],
    ['-L 1:a:2', 'option -L in args is not supported'],
    ['-o Prot=1', "`-o Prot` in args: unknown keyword 'Prot'"],
    ['-p', 'option -p in args has no argument'],
    ['-p ssh', "`-p ssh` in args: Port: expected a port from 1 to 65535, found 'ssh'"],
    ['bastion', "args holds 'bastion', where an option of ssh was expected"],
    ['-o "User=a', 'args cannot be split into words: unclosed quote'],
    ['-o =x', '`-o =x` in args: expected Keyword=value'],
  ])('%j is an error', (text, message) => {
    expect(() => parseSshOptions(text, 'args')).toThrow(message);
  });

  it('a file of its own, or none', async () => {
    expect(parseSshOptions('-F none', 'args').configFile).toBe('none');
    await writeFile(join(home, 'f'), 'User of-f\n');
    const source = createSshConfigSource(local, 'none');
    expect(await source.lookUp({ host: 'x', first: [], configFile: join(home, 'f') })).toMatchObject({ user: 'of-f' });
    expect((await source.lookUp({ host: 'x', first: [] })).user).toBeUndefined();
  });
});
