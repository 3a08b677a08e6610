import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionDefaults } from '../../src/engine/options.ts';
import { type ConnectionKeywords, resolveTarget } from '../../src/engine/resolve-target.ts';
import type { Host } from '../../src/inventory/types.ts';
import { scopeOf } from '../../src/template/index.ts';
import { createSshConfigSource, createSshTargets, type SshRequest } from '../../src/transport/index.ts';
import type { SshRunSettings } from '../../src/transport/ssh-config/index.ts';
import type { Target } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';

const HOST: Host = { name: 'web1', groups: new Set(), layers: [] };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-target-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Setup {
  /** Text of the run's ssh_config. */
  readonly config?: string;
  readonly host?: Partial<Host>;
  readonly keywords?: ConnectionKeywords;
  readonly defaults?: Partial<ConnectionDefaults>;
  readonly run?: Partial<SshRunSettings>;
  readonly onSecret?: (secret: string) => void;
  readonly reach?: (hostName: string) => Promise<Target>;
}

async function target(vars: Readonly<Record<string, unknown>>, setup: Setup = {}): Promise<Target> {
  const file = join(folder, 'config');
  await writeFile(file, setup.config ?? '');
  const local = { name: 'me', uid: 0, home: '/home/me', hostName: 'here', env: {} };
  const defaults: ConnectionDefaults = {
    ssh: createSshTargets(createSshConfigSource(local, file), {
      authTimeoutMs: 10_000,
      usualKeyFiles: ['/home/me/.ssh/id_ed25519'],
      agentSocket: '/run/agent',
      ...setup.run,
    }),
    become: false,
    becomeMethod: 'sudo',
    becomeUser: 'root',
    home: '/home/me',
    connection: 'ssh',
    ...setup.defaults,
  };
  const host: Host = { ...HOST, ...setup.host };
  return resolveTarget(
    host,
    scopeOf(vars),
    setup.keywords ?? {},
    defaults,
    setup.onSecret ?? (() => {}),
    setup.reach ?? (() => Promise.reject(new Error('no other host was expected'))),
  );
}

describe('resolveTarget', () => {
  it('takes what is usual where nobody says anything', async () => {
    expect(await target({})).toMatchObject({
      kind: 'ssh',
      address: 'web1',
      port: 22,
      user: 'me',
      privateKeyFiles: ['/home/me/.ssh/id_ed25519'],
      agentSocket: '/run/agent',
      hostKeyPolicy: 'strict',
      connectTimeoutMs: 10_000,
      knownHostsFiles: [
        '/home/me/.ssh/known_hosts',
        '/home/me/.ssh/known_hosts2',
        '/etc/ssh/ssh_known_hosts',
        '/etc/ssh/ssh_known_hosts2',
      ],
    });
  });

  it("understands Ansible's variables, old and new names", async () => {
    const vars = {
      ansible_host: '10.0.0.1',
      ansible_port: '2222',
      ansible_user: 'ops',
      ansible_ssh_private_key_file: '~/keys/fleet',
      ansible_ssh_common_args: "-o StrictHostKeyChecking=no -o 'UserKnownHostsFile=/dev/null'",
      ansible_timeout: 3,
    };
    expect(await target(vars)).toMatchObject({
      address: '10.0.0.1',
      port: 2222,
      user: 'ops',
      privateKeyFiles: ['/home/me/keys/fleet'],
      hostKeyPolicy: 'off',
      knownHostsFiles: ['/dev/null', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      connectTimeoutMs: 3000,
    });
    expect(await target({ ansible_ssh_host: 'a', ansible_ssh_user: 'b', ansible_ssh_port: 3 })).toMatchObject({
      address: 'a',
      user: 'b',
      port: 3,
    });
  });

  it('tells of a password before it is used', async () => {
    const onSecret = vi.fn();
    const { password } = await target({ ansible_password: 'hush' }, { onSecret });
    expect(onSecret).toHaveBeenCalledWith('hush');
    expect(String(password)).toBe('[REDACTED]');
  });

  it('a host without an address is never dialled, unless the user gives one', async () => {
    const host = { unreachableReason: 'Rancher knows no address of it' };
    expect(await target({}, { host })).toMatchObject({ address: null, noAddressReason: host.unreachableReason });
    expect(await target({ ansible_host: '10.0.0.1' }, { host })).toMatchObject({ address: '10.0.0.1' });
  });

  it('ssh_config says what nobody else says', async () => {
    const config = `Host web1
      HostName 10.9.9.9
      User deploy
      Port 2200
      IdentityFile ~/.ssh/fleet
      IdentitiesOnly yes
      IdentityAgent none
      ConnectTimeout 4
      ServerAliveInterval 7
      HostKeyAlias web
      StrictHostKeyChecking accept-new
      ForwardAgent yes
      Ciphers aes256-ctr`;
    expect(await target({}, { config })).toMatchObject({
      name: 'web1',
      address: '10.9.9.9',
      user: 'deploy',
      port: 2200,
      privateKeyFiles: ['/home/me/.ssh/fleet'],
      identitiesOnly: true,
      agentSocket: undefined,
      connectTimeoutMs: 4000,
      keepAlive: { intervalMs: 7000, countMax: 3 },
      hostKeyAlias: 'web',
      hostKeyPolicy: 'accept-new',
      forwardAgent: true,
      algorithms: { cipher: 'aes256-ctr' },
    });
  });

  it('variables, keywords and the command line beat ssh_config', async () => {
    const config =
      'Host *\n User deploy\n Port 2200\n IdentityFile /config\n ConnectTimeout 4\n StrictHostKeyChecking no\n';
    const vars = { ansible_user: 'ops', ansible_port: 9, ansible_ssh_private_key_file: '/vars', ansible_timeout: 5 };
    expect(await target({ ...vars, ansible_host_key_checking: true }, { config })).toMatchObject({
      user: 'ops',
      port: 9,
      // As with `ssh -i`: the key that is named comes first, those of the file after it.
      privateKeyFiles: ['/vars', '/config'],
      connectTimeoutMs: 5000,
      hostKeyPolicy: 'strict',
    });
    expect(await target({}, { config, keywords: { user: 'keyword', port: 7 } })).toMatchObject({
      user: 'keyword',
      port: 7,
    });
    const defaults = { user: 'flag', port: 8, privateKeyFile: '/flag', connectTimeoutMs: 6000 };
    const run = { hostKeyPolicy: 'accept-new', knownHostsFiles: ['/known'] } as const;
    expect(await target({}, { config, defaults, run })).toMatchObject({
      user: 'flag',
      port: 8,
      privateKeyFiles: ['/flag', '/config'],
      connectTimeoutMs: 6000,
      hostKeyPolicy: 'accept-new',
      knownHostsFiles: ['/known'],
    });
  });

  it("ansible_host is the name that is looked up, else the host's own", async () => {
    const config = 'Host web1\n User a\nHost real\n User b\n HostName real.example.com\n';
    expect(await target({}, { config })).toMatchObject({ user: 'a', address: 'web1' });
    expect(await target({ ansible_host: 'real' }, { config })).toMatchObject({
      user: 'b',
      address: 'real.example.com',
    });
  });

  it('options of ssh: its own before the variables, the common and extra ones after them', async () => {
    const vars = {
      ansible_port: 5,
      ansible_ssh_args: '-o User=first -o Ciphers=aes128-ctr',
      ansible_ssh_common_args: '-o Port=6 -o HostName=common -o HostKeyAlias=common',
      ansible_ssh_extra_args: '-o HostName=extra -A',
    };
    const found = await target({ ...vars, ansible_user: 'second' });
    expect(found).toMatchObject({
      user: 'first',
      port: 5,
      address: 'common',
      hostKeyAlias: 'common',
      forwardAgent: true,
    });
    const defaults = { sshCommonArgs: '-o HostName=setting', sshArgs: '-o User=setting' };
    expect(await target({ ansible_ssh_args: '-C' }, { defaults })).toMatchObject({ user: 'me', address: 'setting' });
  });

  it('a file of its own with -F', async () => {
    const own = join(folder, 'own');
    await writeFile(own, 'User own\n');
    const vars = { ansible_ssh_common_args: `-F ${own}` };
    expect(await target(vars, { config: 'User a\nPort 3\n' })).toMatchObject({ user: 'own', port: 22 });
  });

  it.each([
    [{ ansible_port: 'ssh' }, "expected `ansible_port` of 'web1' to be a whole number, found 'ssh'"],
    [
      { ansible_connection: 'winrm' },
      "expected the connection of 'web1' to be 'ssh', 'openssh', 'local', 'docker' or 'podman', found 'winrm'",
    ],
    [{ ansible_ssh_extra_args: '-L 1:a:2' }, 'option -L in ansible_ssh_extra_args is not supported'],
    [{ ansible_ssh_common_args: '-o Prot=1' }, "`-o Prot` in ansible_ssh_common_args: unknown keyword 'Prot'"],
  ])('%j is an error', async (vars, message) => {
    await expect(target(vars)).rejects.toThrow(message);
  });
});

describe('jump hosts', () => {
  it('each is looked up in ssh_config, with what was written about it in front', async () => {
    const config = `Host bastion
        HostName 10.0.0.1
        User gate
        Port 2222
        IdentityFile /gate-key
      Host inner
        HostName 10.1.0.1
        User other
      Host web*
        ProxyJump bastion,ops@inner:2022`;
    const { jumps, ...rest } = await target({ ansible_user: 'me2', ansible_password: 'hush' }, { config });
    expect(rest).toMatchObject({ address: 'web1', user: 'me2' });
    expect(jumps).toMatchObject([
      { name: 'bastion', address: '10.0.0.1', port: 2222, user: 'gate', privateKeyFiles: ['/gate-key'] },
      { name: 'ops@inner:2022', address: '10.1.0.1', port: 2022, user: 'ops' },
    ]);
    // What lets into the host is no business of the jump host.
    expect(jumps?.map(({ password }) => password)).toEqual([undefined, undefined]);
  });

  it('the first is reached through its own', async () => {
    const config = 'Host a\n ProxyJump b\nHost b\n ProxyCommand connect %h %p\nHost web1\n ProxyJump a\n';
    const { jumps } = await target({}, { config });
    expect(jumps).toMatchObject([
      { name: 'b', proxyCommand: 'connect b 22' },
      { name: 'a', proxyCommand: undefined },
    ]);
  });

  it('the ones after the first are reached from the one before, whatever their section says', async () => {
    const config = 'Host b\n ProxyJump z\n';
    const { jumps } = await target({ ansible_ssh_common_args: '-J a,b' }, { config });
    expect(jumps?.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('all hosts behind one share its target, which makes the connection shared', async () => {
    const local = { name: 'me', uid: 0, home: '/home/me', hostName: 'here', env: {} };
    const targets = createSshTargets(createSshConfigSource(local, 'none'), { authTimeoutMs: 1, usualKeyFiles: [] });
    const options = {
      ansible_ssh_common_args: '-J a,b',
      ansible_ssh_args: undefined,
      ansible_ssh_extra_args: undefined,
    };
    const [one, two] = await Promise.all(
      ['h1', 'h2'].map((name) => targets.resolve('ssh', { name, host: name, options })),
    );
    expect(one?.jumps?.[1]).toBe(two?.jumps?.[1]);
  });

  it("the run's policy and files for host keys hold for them too", async () => {
    const run = { hostKeyPolicy: 'accept-new', knownHostsFiles: ['/known'], connectTimeoutMs: 3000 } as const;
    const { jumps } = await target({ ansible_ssh_common_args: '-J a' }, { run });
    expect(jumps).toMatchObject([{ hostKeyPolicy: 'accept-new', knownHostsFiles: ['/known'], connectTimeoutMs: 3000 }]);
  });

  it.each([
    ['Host *\n ProxyJump bastion\n', 'web1 -> bastion -> bastion'],
    ['Host web1\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n', 'web1 -> a -> b -> a'],
    ['Host *\n ProxyJump web1\n', 'web1 -> web1'],
  ])('a circle is an error that shows it: %j', async (config, circle) => {
    await expect(target({}, { config })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: `ProxyJump goes round in a circle: ${circle}`,
    });
  });
});

describe('a host that is asked for again', () => {
  const options = {
    ansible_ssh_common_args: undefined,
    ansible_ssh_args: undefined,
    ansible_ssh_extra_args: undefined,
  };
  const request: SshRequest = { name: 'web1', host: 'web1', user: 'ops', password: new Secret('one'), options };
  const targetsOf = () => {
    const local = { name: 'me', uid: 0, home: '/home/me', hostName: 'here', env: {} };
    return createSshTargets(createSshConfigSource(local, 'none'), { authTimeoutMs: 1, usualKeyFiles: [] });
  };

  it('is not looked up again while all that is said of it stays', async () => {
    const targets = targetsOf();
    const first = await targets.resolve('ssh', request);
    expect(await targets.resolve('ssh', { ...request, password: new Secret('one'), options: { ...options } })).toBe(
      first,
    );
  });

  it.each<[string, Partial<SshRequest>, Partial<Target>]>([
    ['user', { user: 'root' }, { user: 'root' }],
    ['address', { host: '10.0.0.1' }, { address: '10.0.0.1' }],
    ['port', { port: 2222 }, { port: 2222 }],
    ['key', { keyFile: '/key' }, { privateKeyFiles: ['/key'] }],
    ['options', { options: { ...options, ansible_ssh_extra_args: '-o ConnectTimeout=3' } }, { connectTimeoutMs: 3000 }],
  ])('with another %s it is', async (_what, change, expected) => {
    const targets = targetsOf();
    await targets.resolve('ssh', request);
    expect(await targets.resolve('ssh', { ...request, ...change })).toMatchObject(expected);
    expect(await targets.resolve('ssh', request)).toMatchObject({ user: 'ops', address: 'web1', port: 22 });
  });

  it('with another password, or none, it is', async () => {
    const targets = targetsOf();
    const passwordOf = async (password?: Secret) =>
      (await targets.resolve('ssh', { ...request, password })).password?.reveal();
    expect([await passwordOf(new Secret('one')), await passwordOf(new Secret('two')), await passwordOf()]).toEqual([
      'one',
      'two',
      undefined,
    ]);
  });

  it('with another kind of connection it is', async () => {
    const targets = targetsOf();
    for (const kind of ['ssh', 'openssh', 'local', 'ssh'] as const)
      expect((await targets.resolve(kind, request)).kind).toBe(kind);
  });
});

describe('the kind of connection', () => {
  it.each([
    ['ssh', 'ssh'],
    ['smart', 'ssh'],
    ['ansible.builtin.local', 'local'],
    ['openssh', 'openssh'],
    ['docker', 'docker'],
    ['community.docker.docker', 'docker'],
    ['podman', 'docker'],
  ])('%s is %s', async (name, kind) => {
    expect((await target({ ansible_connection: name })).kind).toBe(kind);
  });

  it('suggests the name that is near', async () => {
    const expected = { code: 'CONNECT_FAILED', hint: "did you mean 'openssh'?" };
    await expect(target({ ansible_connection: 'opensh' })).rejects.toMatchObject(expected);
  });

  it('openssh is told what ssh itself would be told, and refuses nothing', async () => {
    const config = 'Host web1\n User a\n HostName real\n ProxyJump b\n RevokedHostKeys /r\n';
    const vars = { ansible_connection: 'openssh', ansible_ssh_common_args: '-o IPQoS=none -C' };
    const found = await target(vars, { config });
    expect(found.jumps).toBeUndefined();
    expect(found).toMatchObject({
      kind: 'openssh',
      address: 'web1',
      user: 'a',
      privateKeyFiles: [],
      opensshArgs: ['-F', join(folder, 'config'), '-o', 'IPQoS=none', '-C'],
    });
  });
});

describe('a container', () => {
  it('is the host itself, on this machine, unless variables say otherwise', async () => {
    expect((await target({ ansible_connection: 'docker' })).docker).toEqual({
      container: 'web1',
      exe: 'docker',
      args: [],
      user: undefined,
      via: undefined,
    });
    const vars = {
      ansible_connection: 'containers.podman.podman',
      ansible_host: 'c1',
      ansible_user: 'app',
      ansible_docker_host: 'tcp://10.0.0.1:2375',
      ansible_docker_extra_args: "--tls '--config=/a b'",
    };
    expect((await target(vars)).docker).toMatchObject({
      container: 'c1',
      exe: 'podman',
      args: ['-H', 'tcp://10.0.0.1:2375', '--tls', '--config=/a b'],
      user: 'app',
    });
  });

  it('may be on another host, which is no container', async () => {
    const node = await target({});
    const vars = { ansible_connection: 'docker', ansible_docker_via: 'node1' };
    const reach = vi.fn(async () => node);
    expect((await target(vars, { reach })).docker?.via).toBe(node);
    expect(reach).toHaveBeenCalledWith('node1');
    const inside = target(vars, { reach: async () => ({ ...node, kind: 'docker' as const }) });
    await expect(inside).rejects.toThrow("`ansible_docker_via` of 'web1' to be a machine, found the container 'node1'");
  });
});

describe('the words for the system ssh', () => {
  it('are what was said outside of ssh_config, and no more', async () => {
    const config = 'Host web1\n  Port 2222\n  User other\n  HostName 10.0.0.9\n';
    const plain = await target({ ansible_connection: 'openssh' }, { config });
    expect(plain).toMatchObject({ kind: 'openssh', address: 'web1', opensshArgs: ['-F', join(folder, 'config')] });
    const vars = {
      ansible_connection: 'openssh',
      ansible_port: 2200,
      ansible_user: 'ops',
      ansible_ssh_private_key_file: '/k/id',
      ansible_ssh_host_key_checking: 'no',
      ansible_ssh_args: '-o ControlPersist=60s',
      ansible_ssh_common_args: '-J bastion',
    };
    const full = await target(vars, { config, run: { knownHostsFiles: ['/k/known hosts'], connectTimeoutMs: 1500 } });
    expect(full.opensshArgs).toEqual([
      ...['-F', join(folder, 'config'), '-o', 'ControlPersist=60s', '-p', '2200', '-l', 'ops', '-i', '/k/id'],
      ...['-o', 'StrictHostKeyChecking=no', '-J', 'bastion', '-o', 'ConnectTimeout=2'],
      ...['-o', 'UserKnownHostsFile="/k/known hosts"', '-o', 'GlobalKnownHostsFile=none'],
    ]);
  });
});
