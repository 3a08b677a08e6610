/** The same inventories through Ansible and through us: what they list, and what patterns select. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderInventory, selectHosts } from '../../src/inventory/index.ts';
import { inventoryDir, load } from '../inventory/inventory-dir.ts';

const FILES = {
  hosts: `# a comment
; another one
lonely ansible_host=192.0.2.9
10.0.0.[1:3]:2222 a='x y' b="1" c=1.5

[web] # the web servers
web[01:10:3].example.com http_port=80 # comment
[::1]:22 v6=yes
web-extra color=#nothing

[db]
db-[a:e:2] num=0x1f oct=010 none=None yes=True list="[1, 'two', 3.0]" dict="{'a': {'b': None}}"
rack[1:2]-u[08:10]

[prod:children]
web
db   # inline comment

[eu:children]
prod
[prod:vars]
level = prod
tuple = 1, 2
quoted = 'a b'
hash = x # y
number = 5 # five
empty =
spaced = a = b
[eu:vars]
level = eu
region = 'eu-west'
[web:vars]
level=web
`,
  'group_vars/all.yml':
    'from_all: all\nlevel: file-all\nflag: on\ny: y\noctal: 0644\nsex: 1:30\nfloat: 1.0\nexp: 1e3\n',
  'group_vars/web': 'from_web: {nested: [1, {a: ~}]}\nlevel: file-web\n',
  'group_vars/db/a.yml': 'first: a\nsecond: a\n',
  'group_vars/db/b.yaml': 'second: b\n',
  'group_vars/db/ignored.txt': 'second: txt\n',
  'host_vars/lonely.json': '{"from_host": [true, null, 1.5, "x"]}',
  'host_vars/web01.example.com.yml': 'level: host\nmerged: {<<: {k: 1}, j: 2}\n',
  'fleet.yml': `all:
  hosts:
    solo:
    both: {v: 1}
  vars: {top: 1, tie: all}
  children:
    a:
      hosts: {'a[1:3]': {x: 1}, both: }
      children: {deep: {hosts: {d1: {deep: yes}}, vars: {tie: deep}}}
      vars: {tie: a}
    b:
      hosts: b1
      vars: {tie: b, ansible_group_priority: 10}
    c: {hosts: {both: }, vars: {tie: c}}
    empty:
    none: {}
other: {hosts: {o1: , d1: }}
`,
  'many/01-static': 'm1 x=1\nm2\n[g]\nm1\n',
  'many/02-more.yml': 'g: {hosts: {m2: {x: 2}, m3: }, vars: {gv: 2}}\nall: {vars: {av: 1}}\n',
  'many/backup.bak': 'nope',
  'many/.hidden': 'nope',
  'many/notes.md': 'nope',
  'many/sub/03': '[g]\nm4\n',
  'many/group_vars/g.yml': 'gv: file\n',
};

const SOURCES: readonly (readonly string[])[] = [
  ['hosts'],
  ['fleet.yml'],
  ['many'],
  ['hosts', 'fleet.yml'],
  ['fleet.yml', 'many', 'hosts'],
  ['web9,web8:2200,[::2]:22,10.0.0.1,'],
];

const PATTERNS = [
  'all',
  '*',
  'web',
  'db:web',
  'web,db',
  'prod:!web',
  'prod:&web',
  '!web',
  '&web',
  'all,!lonely,&prod',
  '!db:prod',
  'prod:&web:!web01.example.com',
  '*.example.com',
  'web*',
  'db-?',
  'db-[ac]',
  'db-[!a]',
  '[dw]*',
  '10.0.0.*',
  '10.0.0.1',
  '~web',
  '~.*example',
  '~(db|lone).*',
  '~db-[ae]$',
  'web[0]',
  'web[-1]',
  'web[1]',
  'web[0:1]',
  'web[0-1]',
  'web[1:]',
  'web[0:0]',
  'web[7:9]',
  'web*[0:1]',
  'prod[2:4],lonely',
  'all[-2]',
  '::1',
  'ungrouped',
  'localhost',
  '127.0.0.1',
  'nothing',
  'lonely:nothing',
  'lonely:22',
  'rack1-u08:rack2-u10',
  ' web , db ',
  'db, ,web',
  'eu:!~web.*:!db[0]',
  'lonely,lonely,all',
  '*:!*',
];

const LIMITS = ['web', 'db[0]', '!web', '~.*a', 'all:&prod', '@retry', 'web,@retry'];

describe('inventories are listed as ansible-inventory lists them', () => {
  test.each(SOURCES.map((sources) => [sources.join(' + '), sources] as const))('%s', async (_title, sources) => {
    const directory = inventoryDir(FILES);
    const expected = JSON.parse(ansible(['ansible-inventory', ...flags(sources), '--list'], directory));
    // Without a playbook the working directory counts as its directory.
    const inventory = await load(directory, sources, { playbookDirs: ['.'] });
    expect(JSON.parse(renderInventory(inventory, { kind: 'list' }))).toEqual(expected);
  });

  test('the texts of --list, --graph --vars and --host are the same, too', async () => {
    const directory = inventoryDir(FILES);
    const inventory = await load(directory, 'hosts');
    const ask = (...args: string[]) => ansible(['ansible-inventory', '-i', 'hosts', ...args], directory);
    expect(renderInventory(inventory, { kind: 'list' })).toBe(ask('--list'));
    expect(renderInventory(inventory, { kind: 'graph' }, { vars: true })).toBe(ask('--graph', '--vars'));
    expect(renderInventory(inventory, { kind: 'graph', group: 'prod' })).toBe(ask('--graph', 'prod'));
    expect(renderInventory(inventory, { kind: 'host', name: 'lonely' })).toBe(ask('--host', 'lonely'));
  });

  test('the YAML that we write means the same to Ansible', async () => {
    const directory = inventoryDir(FILES);
    const other = inventoryDir({ 'all.yml': renderInventory(await load(directory, 'hosts'), { kind: 'yaml' }) });
    const expected = JSON.parse(ansible(['ansible-inventory', '-i', 'hosts', '--list'], directory));
    expect(JSON.parse(ansible(['ansible-inventory', '-i', 'all.yml', '--list'], other))).toEqual(expected);
  });

  test("variables beside the playbook hold after the inventory's", async () => {
    const directory = inventoryDir({
      hosts: '[g]\nh1 a=ini b=ini\n[g:vars]\nc=ini\nd=ini\n',
      'group_vars/all': 'e: inv\nc: inv-all\nf: inv-all\n',
      'group_vars/g': 'f: inv-g\ng: inv-g\n',
      'host_vars/h1': 'a: inv-host\n',
      'play/group_vars/all': 'e: play-all\nd: play-all\ng: play-all\n',
      'play/group_vars/g': 'h: play-g\n',
      'play/host_vars/h1': 'b: play-host\n',
    });
    const args = ['ansible-inventory', '-i', 'hosts', '--playbook-dir', join(directory, 'play'), '--list'];
    const inventory = await load(directory, 'hosts', { playbookDirs: ['play'] });
    expect(JSON.parse(renderInventory(inventory, { kind: 'list' }))).toEqual(JSON.parse(ansible(args, directory)));
  });
});

describe('patterns select the hosts that Ansible selects, in its order', () => {
  test.each([['hosts'], ['fleet.yml + hosts']])('%s', async (title) => {
    const sources = title.split(' + ');
    const directory = inventoryDir({ ...FILES, retry: 'web01.example.com\n\ndb-c\n' });
    const cases = [
      ...PATTERNS.map((pattern) => ({ pattern })),
      ...LIMITS.map((limit) => ({ pattern: 'all', limit })),
      ...LIMITS.map((limit) => ({ pattern: 'db:web', limit })),
    ];
    const expected: unknown = JSON.parse(
      ansible(['/usr/bin/python3', '-c', SELECT, JSON.stringify({ sources, cases })], directory),
    );
    const inventory = await load(directory, sources);
    const readLimitFile = () => 'web01.example.com\n\ndb-c\n';
    const selected = cases.map((each) => ({
      ...each,
      hosts: selectHosts(inventory, each.pattern, { ...each, readLimitFile }).map((host) => host.name),
    }));
    expect(selected).toEqual(expected);
  });
});

// Asks Ansible's own library once for all patterns: starting it for each takes half a second.
const SELECT = `
import json, sys
from ansible.parsing.dataloader import DataLoader
from ansible.inventory.manager import InventoryManager
asked = json.loads(sys.argv[1])
manager = InventoryManager(loader=DataLoader(), sources=asked['sources'])
answers = []
for case in asked['cases']:
    manager.subset(case.get('limit'))
    answers.append({**case, 'hosts': [host.name for host in manager.get_hosts(case['pattern'])]})
print(json.dumps(answers))
`;

function flags(sources: readonly string[]): string[] {
  return sources.flatMap((source) => ['-i', source]);
}

function ansible(command: readonly string[], cwd: string): string {
  const [file = '', ...args] = command;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: cwd, LANG: 'C.UTF-8' };
  const result = spawnSync(file, args, { cwd, env, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command.join(' ')} failed: ${result.stderr}`);
  return result.stdout;
}
