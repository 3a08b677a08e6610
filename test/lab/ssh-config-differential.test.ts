/** What we read from an ssh_config, against what `ssh -G` says of the same file and host. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SshConfig } from '../../src/transport/ssh-config/evaluate.ts';
import { parseSshOptions } from '../../src/transport/ssh-config/index.ts';
import { formatJump } from '../../src/transport/ssh-config/jump-spec.ts';
import { loadNamedFile } from '../../src/transport/ssh-config/load.ts';
import { toHostSettings } from '../../src/transport/ssh-config/settings.ts';
import { run } from './process.ts';

interface Case {
  readonly name: string;
  readonly config: string;
  /** Further files, by path from `~/.ssh`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** Options of the command line. */
  readonly options?: string;
}

const CASES: readonly Case[] = [
  { name: 'nothing', config: '', hosts: ['web1', 'WEB1', '10.0.0.1'] },
  { name: 'global settings', config: 'User ops\nPort 2222\n', hosts: ['web1'] },
  { name: 'first value wins', config: 'Host web*\n User a\nHost *\n User b\n Port 7\n', hosts: ['web1', 'db1'] },
  { name: 'a late special section comes too late', config: 'Host *\n User b\nHost web1\n User a\n', hosts: ['web1'] },
  { name: 'keywords in any case', config: 'HOST web1\n USER a\n pOrT 5\n hostNAME x\n', hosts: ['web1'] },
  { name: 'equals sign', config: 'Host=web1\nUser=a\nPort = 5\nHostName  =  x\n', hosts: ['web1'] },
  { name: 'comments', config: '# User no\nUser a # yes\n  # Port 3\nPort 4#5\n'.replace('#5', ''), hosts: ['web1'] },
  { name: 'quotes', config: 'User "a b"\nIdentityFile "~/my key"\nIdentityFile \'x y\'\n', hosts: ['web1'] },
  { name: 'escaped quotes', config: 'User a\\"b\nIdentityFile /x\\ y\n', hosts: ['web1'] },
  { name: 'hash within a word', config: 'IdentityFile /k#1\nUser u#2\n', hosts: ['web1'] },
  { name: 'tabs and CRLF', config: 'Host web1\r\n\tUser\ta\r\n\tPort\t9\r\n', hosts: ['web1', 'web2'] },
  {
    name: 'several patterns',
    config: 'Host web1 db? *.example.com\n User a\n',
    hosts: ['web1', 'db', 'db1', 'db12', 'x.example.com'],
  },
  { name: 'negated pattern', config: 'Host web* !web2\n User a\n', hosts: ['web1', 'web2', 'db'] },
  { name: 'only a negated pattern', config: 'Host !web2\n User a\n', hosts: ['web1', 'web2'] },
  { name: 'patterns mind the case', config: 'Host Web1\n User a\n', hosts: ['web1', 'Web1'] },
  { name: 'special characters in a pattern', config: 'Host a.b a+c [x]\n User a\n', hosts: ['a.b', 'axb', 'a+c'] },
  {
    name: 'host name',
    config: 'Host web1\n HostName 10.0.0.1\nHost *\n HostName %h.example.com\n',
    hosts: ['web1', 'Db1'],
  },
  { name: 'percent in host name', config: 'HostName a%%b\n', hosts: ['web1'] },
  {
    name: 'identity files add up',
    config: 'Host web1\n IdentityFile ~/a\nHost *\n IdentityFile ~/b\n IdentityFile ~/a\n',
    hosts: ['web1', 'x'],
  },
  { name: 'tokens in identity files stay for later', config: 'IdentityFile ~/.ssh/%r@%h:%p\n', hosts: ['web1'] },
  { name: 'match all', config: 'Host web1\n User a\nMatch all\n Port 3\n', hosts: ['web1', 'x'] },
  {
    name: 'match host sees the host name',
    config: 'Host web1\n HostName real.example.com\nMatch host real.*\n User a\nMatch host web1\n Port 3\n',
    hosts: ['web1'],
  },
  {
    name: 'match originalhost',
    config: 'Host web1\n HostName real\nMatch originalhost web1\n User a\nMatch originalhost real\n Port 3\n',
    hosts: ['web1', 'real'],
  },
  { name: 'match host minds no case', config: 'Match host WEB1,Db*\n User a\n', hosts: ['web1', 'WEB1', 'dB2'] },
  { name: 'match user', config: 'Host web1\n User deploy\nMatch user deploy,ops\n Port 3\n', hosts: ['web1', 'x'] },
  {
    name: 'match user of the command line',
    config: 'Match user deploy\n Port 3\n',
    hosts: ['web1'],
    options: '-l deploy',
  },
  {
    name: 'match localuser',
    config: `Match localuser ${userInfo().username}\n Port 3\nMatch localuser nobody-at-all\n User x\n`,
    hosts: ['web1'],
  },
  {
    name: 'negated criteria',
    config: 'Match !host web1\n User a\nMatch host * !user root\n Port 3\n',
    hosts: ['web1', 'x'],
    options: '-l me',
  },
  { name: 'negated pattern in a criterion', config: 'Match host *,!web1\n User a\n', hosts: ['web1', 'x'] },
  { name: 'criteria with equals', config: 'Match host=web1 user=a\n Port 3\n', hosts: ['web1'], options: '-l a' },
  {
    name: 'two criteria',
    config: 'Match host web1 originalhost web2\n Port 3\nMatch host web1 originalhost web1\n User a\n',
    hosts: ['web1'],
  },
  { name: 'match final', config: 'Match final host web1\n User a\nHost *\n Port 3\n', hosts: ['web1', 'x'] },
  {
    name: 'match final with a host name that comes later',
    config: 'Match final host real\n User a\nMatch host real\n Port 5\nHost web1\n HostName real\n',
    hosts: ['web1'],
  },
  { name: 'match final all', config: 'Match final all\n User a\nHost web1\n User b\n', hosts: ['web1', 'x'] },
  {
    name: 'match exec',
    config: 'Match exec "true"\n User a\nMatch exec "test %h = web1"\n Port 3\nMatch !exec "exit 1"\n HostKeyAlias k\n',
    hosts: ['web1', 'x'],
  },
  {
    name: 'include',
    config: 'Include conf.d/*.conf\nUser last\n',
    files: { 'conf.d/b.conf': 'User b\n', 'conf.d/a.conf': 'User a\nPort 3\n', 'conf.d/.hidden.conf': 'Port 9\n' },
    hosts: ['web1'],
  },
  {
    name: 'include in a section',
    config: 'Host web1\n Include one\n Port 4\nHost *\n User z\n',
    files: { one: 'User a\nHost web*\n Port 3\nHost x\n Port 8\n' },
    hosts: ['web1', 'x'],
  },
  {
    name: 'include of several and of none',
    config: 'Include one missing "two"\n',
    files: { one: 'User a\n', two: 'User b\nPort 3\n' },
    hosts: ['web1'],
  },
  {
    name: 'include in an include',
    config: 'Include one\n',
    files: { one: 'Host web1\n Include two\n', two: 'User a\nMatch all\n Port 3\n' },
    hosts: ['web1', 'x'],
  },
  {
    name: 'section ends with the included file',
    config: 'Include one\nPort 3\n',
    files: { one: 'Host web1\n User a\n' },
    hosts: ['web1', 'x'],
  },
  {
    name: 'jump host',
    config:
      'Host web1\n ProxyJump ops@bastion:2222\nHost web2\n ProxyJump a,ssh://u@b:22\nHost web3\n ProxyJump none\nHost *\n ProxyJump z\n',
    hosts: ['web1', 'web2', 'web3', 'x'],
  },
  { name: 'jump host over IPv6', config: 'ProxyJump u@[::1]:2222\n', hosts: ['web1'] },
  {
    name: 'proxy command',
    config:
      'Host web1\n ProxyCommand ssh -W "%h:%p" \'b c\'   x=1 # y\nHost web2\n ProxyCommand none\nHost *\n ProxyJump z\n',
    hosts: ['web1', 'web2', 'x'],
  },
  {
    name: 'proxy command after a jump host',
    config: 'Host web1\n ProxyJump z\nHost *\n ProxyCommand nc %h %p\n',
    hosts: ['web1', 'x'],
  },
  { name: 'times', config: 'ConnectTimeout 1m30\nServerAliveInterval 15\nServerAliveCountMax 2\n', hosts: ['web1'] },
  {
    name: 'connect timeout none',
    config: 'Host web1\n ConnectTimeout none\nHost *\n ConnectTimeout 4\n',
    hosts: ['web1', 'x'],
  },
  { name: 'known hosts files', config: 'UserKnownHostsFile /a "/b c"\nGlobalKnownHostsFile /d /e\n', hosts: ['web1'] },
  { name: 'no known hosts files', config: 'UserKnownHostsFile none\nGlobalKnownHostsFile none\n', hosts: ['web1'] },
  {
    name: 'host key checking',
    config:
      'Host a\n StrictHostKeyChecking no\nHost b\n StrictHostKeyChecking accept-new\nHost c\n StrictHostKeyChecking yes\nHost d\n StrictHostKeyChecking off\n',
    hosts: ['a', 'b', 'c', 'd', 'e'],
  },
  { name: 'host key alias', config: 'Host web*\n HostKeyAlias web\n', hosts: ['web1', 'x'] },
  {
    name: 'agent',
    config: 'Host a\n IdentityAgent none\nHost b\n IdentityAgent ~/agent\nHost c\n IdentityAgent SSH_AUTH_SOCK\n',
    hosts: ['a', 'b', 'c', 'd'],
  },
  { name: 'identities only', config: 'Host a\n IdentitiesOnly yes\n', hosts: ['a', 'b'] },
  {
    name: 'forward agent',
    config: 'Host a\n ForwardAgent yes\nHost b\n ForwardAgent no\nHost *\n ForwardAgent yes\n',
    hosts: ['a', 'b', 'c'],
  },
  {
    name: 'ways to authenticate',
    config:
      'Host a\n PasswordAuthentication no\nHost b\n PubkeyAuthentication no\n KbdInteractiveAuthentication no\nHost *\n PreferredAuthentications password,publickey\n',
    hosts: ['a', 'b', 'c'],
  },
  { name: 'address family and address to bind', config: 'AddressFamily inet\nBindAddress 127.0.0.9\n', hosts: ['a'] },
  {
    name: 'what is ignored',
    config:
      'Host *\n ControlMaster auto\n ControlPath ~/%C\n ControlPersist 10m\n Compression yes\n SendEnv LANG LC_*\n LogLevel ERROR\n HashKnownHosts yes\n GSSAPIAuthentication yes\n User a\n',
    hosts: ['a'],
  },
  {
    name: 'options beat the file',
    config: 'User a\nPort 2\nIdentityFile /a\nProxyCommand x\n',
    options: '-o User=b -oPort=3 -o "HostName h" -i /etc/hostname -J jump -A',
    hosts: ['web1'],
  },
  {
    name: 'the first option wins',
    config: '',
    options: '-p 5 -o Port=6 -l a -l b -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
    hosts: ['web1'],
  },
  {
    name: 'a proxy command as an option',
    config: 'ProxyJump z\n',
    options: '-o ProxyCommand="ssh -q -W %h:%p u@bastion" -C -4',
    hosts: ['web1'],
  },
];

let home: string;
beforeAll(async () => {
  // ssh looks for `~` in the password database, so the folder is one below the user's home.
  home = userInfo().homedir;
});

describe('ssh_config against ssh -G', () => {
  test.each(CASES)('$name', async ({ config, files = {}, hosts, options = '' }) => {
    const folder = await mkdtemp(join(home, '.fleetmend-lab-'));
    try {
      const file = join(folder, 'config');
      // Relative paths in Include are looked for in ~/.ssh: name the folder of this case instead.
      const localize = (text: string) =>
        text.replace(
          /^(\s*Include )(.*)$/gm,
          (_line, head: string, rest: string) =>
            head +
            rest.replace(/[\w.*"/]+/g, (word) =>
              word.startsWith('"') ? `"${folder}/${word.slice(1)}` : `${folder}/${word}`,
            ),
        );
      for (const [name, text] of Object.entries({ ...files, config })) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), localize(text));
        await chmod(join(folder, name), 0o600);
      }
      for (const host of hosts)
        expect(await ours(file, host, options), host).toEqual(await theirs(file, host, options));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('there are more than a hundred pairs of configuration and host', () => {
    expect(CASES.length).toBeGreaterThan(50);
    expect(CASES.flatMap((each) => each.hosts).length).toBeGreaterThan(100);
  });
});

const KEYWORDS =
  `user hostname port identityfile proxyjump proxycommand connecttimeout serveraliveinterval serveralivecountmax
  userknownhostsfile globalknownhostsfile stricthostkeychecking hostkeyalias identityagent identitiesonly forwardagent
  passwordauthentication pubkeyauthentication kbdinteractiveauthentication preferredauthentications addressfamily
  bindaddress`.split(/\s+/);

async function theirs(file: string, host: string, options: string): Promise<Record<string, string[]>> {
  const { exitCode, stdout, stderr } = await run('sh', ['-c', `exec ssh -G -F "$1" ${options} "$2"`, 'sh', file, host]);
  expect(exitCode, stderr).toBe(0);
  const found: Record<string, string[]> = {};
  for (const line of stdout.split('\n')) {
    const [, keyword = '', value = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (KEYWORDS.includes(keyword)) found[keyword] = [...(found[keyword] ?? []), value];
  }
  return found;
}

// In the words of `ssh -G`; where we say nothing, its defaults.
async function ours(file: string, host: string, options: string): Promise<Record<string, string[]>> {
  const { username, uid, homedir } = userInfo();
  const local = { name: username, uid, home: homedir, hostName: 'here', env: {} };
  const config = new SshConfig(loadNamedFile(file, local), local);
  const query = { host, first: parseSshOptions(options, 'options').settings };
  const outcomes = new Map<string, boolean>();
  let found = config.evaluate(query, outcomes);
  while ('pending' in found) {
    outcomes.set(found.pending, (await run('sh', ['-c', found.pending])).exitCode === 0);
    found = config.evaluate(query, outcomes);
  }
  const { values, identityFiles } = found;
  const settings = toHostSettings(host, found, local);
  const yesNo = (value: boolean | undefined, usual: boolean) => [(value ?? usual) ? 'yes' : 'no'];
  const trueFalse = (value: boolean | undefined, usual: boolean) => [String(value ?? usual)];
  const jumps = values.proxyjump?.map(formatJump).join(',');
  const strict = { strict: 'true', 'accept-new': 'accept-new', off: 'false' };
  const shown: Record<string, string[] | undefined> = {
    user: [settings.user ?? username],
    hostname: [settings.hostName],
    port: [String(settings.port ?? 22)],
    identityfile:
      identityFiles.length === 0
        ? ['rsa', 'ecdsa', 'ecdsa_sk', 'ed25519', 'ed25519_sk', 'xmss', 'dsa'].map((type) => `~/.ssh/id_${type}`)
        : [...identityFiles],
    proxyjump: jumps === undefined ? undefined : [jumps],
    proxycommand:
      values.proxycommand === undefined || values.proxycommand === 'none' ? undefined : [values.proxycommand],
    connecttimeout: [values.connecttimeout == null ? 'none' : String(values.connecttimeout)],
    serveraliveinterval: [String(values.serveraliveinterval ?? 0)],
    serveralivecountmax: [String(values.serveralivecountmax ?? 3)],
    userknownhostsfile: [
      (values.userknownhostsfile ?? [`${homedir}/.ssh/known_hosts`, `${homedir}/.ssh/known_hosts2`]).join(' '),
    ],
    globalknownhostsfile: [
      (values.globalknownhostsfile ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']).join(' '),
    ],
    stricthostkeychecking: [values.stricthostkeychecking === undefined ? 'ask' : strict[values.stricthostkeychecking]],
    hostkeyalias: values.hostkeyalias === undefined ? undefined : [values.hostkeyalias],
    identityagent:
      values.identityagent === undefined
        ? undefined
        : [values.identityagent.startsWith('~') ? String(settings.identityAgent) : values.identityagent],
    identitiesonly: yesNo(values.identitiesonly, false),
    forwardagent: [values.forwardagent ?? 'no'],
    passwordauthentication: yesNo(values.passwordauthentication, true),
    pubkeyauthentication: trueFalse(values.pubkeyauthentication, true),
    kbdinteractiveauthentication: yesNo(values.kbdinteractiveauthentication, true),
    preferredauthentications: values.preferredauthentications && [values.preferredauthentications.join(',')],
    addressfamily: [values.addressfamily ?? 'any'],
    bindaddress: values.bindaddress === undefined ? undefined : [values.bindaddress],
  };
  return Object.fromEntries(
    Object.entries(shown).filter((entry): entry is [string, string[]] => entry[1] !== undefined),
  );
}
