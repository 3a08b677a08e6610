import { describe, expect, test } from 'vitest';
import { toRepr } from '../../src/template/values/text.ts';
import { errorOf, inventoryDir, load, varsOf } from './inventory-dir.ts';

async function messageOf(text: string, more: Record<string, string> = {}): Promise<string[]> {
  const error = await errorOf(load(inventoryDir({ 'fleet.yml': text, ...more }), 'fleet.yml'));
  expect(error.code).toBe('INVENTORY_INVALID');
  return error.message.split('\n').filter((line) => !line.startsWith(' '));
}

test('groups nest, hosts may be ranges, nothing needs a value', async () => {
  const text = `all:
  vars: {a: 1}
  children:
    web:
      hosts:
        web[1:2]: {port: 80}
        lone:2222:
      children:
        canary: {hosts: web1}
    empty:
other:
  hosts:
    o1:
`;
  const inventory = await load(inventoryDir({ 'fleet.yml': text }), 'fleet.yml');
  expect([...inventory.hosts.keys()]).toEqual(['web1', 'web2', 'lone', 'o1']);
  expect(varsOf(inventory, 'web2')).toEqual({ a: 1, port: 80 });
  expect(varsOf(inventory, 'lone')).toEqual({ a: 1, ansible_port: 2222 });
  expect([...(inventory.hosts.get('web1')?.groups ?? [])].map((group) => group.name)).toEqual(['canary', 'web']);
  expect(inventory.groups.get('other')?.parents.has(inventory.groups.get('all') as never)).toBe(true);
});

test('JSON is YAML, with or without the ending of its name', async () => {
  const text = '{"web": {"hosts": {"h": {"a": [1, null, 2.5]}}}}';
  for (const name of ['hosts.json', 'hosts']) {
    const inventory = await load(inventoryDir({ [name]: text }), name);
    expect(varsOf(inventory, 'h')).toEqual({ a: [1, null, 2.5] });
  }
});

test('values mean what they mean to Ansible', async () => {
  const text = `all:
  hosts:
    h:
      yes_is: yes
      y_is: y
      octal: 0644
      quoted: '0644'
      float: 1.0
      exponent: 1e3
      date: 2001-01-01
      big: 12345678901234567890
      map: {1: one, two: 2}
      base: &base {x: 1, y: 1}
      merged: {<<: *base, y: 2}
      again: *base
      tagged: !!str 5
`;
  const vars = varsOf(await load(inventoryDir({ 'fleet.yml': text }), 'fleet.yml'), 'h');
  expect(Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, toRepr(value)]))).toEqual({
    yes_is: 'True',
    y_is: "'y'",
    octal: '420',
    quoted: "'0644'",
    float: '1.0',
    exponent: "'1e3'",
    date: "'2001-01-01'",
    big: '12345678901234567890',
    map: "{1: 'one', 'two': 2}",
    base: "{'x': 1, 'y': 1}",
    merged: "{'x': 1, 'y': 2}",
    again: "{'x': 1, 'y': 1}",
    tagged: "'5'",
  });
});

test('a variable knows its place, and !unsafe ones are never templates', async () => {
  const text =
    'all:\n  hosts:\n    h:\n      a: "{{ b }}"\n      raw: !unsafe "{{ c }}"\n      deep: [!unsafe "{{ d }}"]\n';
  const inventory = await load(inventoryDir({ 'fleet.yml': text }), 'fleet.yml');
  const layers = inventory.hosts.get('h')?.layers ?? [];
  expect(layers.map((layer) => [layer.isTemplate, Object.keys(layer.vars)])).toEqual([
    [true, ['a']],
    [false, ['raw', 'deep']],
  ]);
  expect(layers[0]?.positionOf?.('a')).toEqual({ file: 'fleet.yml', line: 4, column: 7 });
});

test('a variable named __proto__ is a variable', async () => {
  const inventory = await load(inventoryDir({ 'fleet.yml': 'all: {hosts: {h: {__proto__: {x: 1}}}}' }), 'fleet.yml');
  expect(({} as Record<string, unknown>).x).toBeUndefined();
  expect(Object.keys(inventory.hosts.get('h')?.layers[0]?.vars ?? {})).toEqual(['__proto__']);
});

test('what PyYAML reads is read: a bracket below its key, comments that touch a value, a float without a dot', async () => {
  const text = 'all:\n  hosts:\n    h:\n      a: [\n        1\n      ]\n      b: [2]# two\n      f: !!float 5\n';
  const vars = varsOf(await load(inventoryDir({ 'fleet.yml': text }), 'fleet.yml'), 'h');
  expect(Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, toRepr(value)]))).toEqual({
    a: '[1]',
    b: '[2]',
    f: '5.0',
  });
});

test('a list or a map with !unsafe is never a template', async () => {
  const text =
    'h:\n  hosts:\n    h1:\n      list: !unsafe ["{{ a }}"]\n      map: !unsafe {k: "{{ b }}"}\n      own: ["{{ c }}"]\n';
  const inventory = await load(inventoryDir({ 'fleet.yml': text }), 'fleet.yml');
  const layers = inventory.hosts.get('h1')?.layers ?? [];
  expect(layers.map((layer) => [layer.isTemplate, Object.keys(layer.vars)])).toEqual([
    [true, ['own']],
    [false, ['list', 'map']],
  ]);
});

test.each([
  ['fleet.yml', 'all:\n  hosts:\n    h: {ansible_password: hunter2 ]}\n', 'fleet.yml:3:8: '],
  ['fleet.yml', 'all:\n  host: {h: {ansible_password: hunter2}}\n', 'fleet.yml:2:3: '],
  ['hosts', 'h ansible_password=hunter2 "\n', 'hosts:1:'],
])('%s: a line that holds a password is not shown beside what is wrong with it', async (name, text, place) => {
  const { message } = await errorOf(load(inventoryDir({ [name]: text }), name));
  expect(message.slice(0, place.length)).toBe(place);
  expect(message).not.toContain('hunter2');
});

describe('what is no inventory is named with its place', () => {
  test.each([
    [
      'all:\n  host:\n    h:\n',
      "fleet.yml:2:3: expected hosts, children or vars in group 'all', found 'host'; did you mean 'hosts'?",
    ],
    [
      'all:\n  webservers:\n',
      "fleet.yml:2:3: expected hosts, children or vars in group 'all', found 'webservers'; groups stand under 'children' of 'all' (line 1), hosts under 'hosts', variables under 'vars'",
    ],
    ['all:\n  hosts:\n    - h\n', "fleet.yml:3:5: expected hosts of group 'all' to be a map of hosts, found a list"],
    ['all:\n  hosts:\n    h: 5\n', "fleet.yml:3:8: expected the variables of 'h' to be a map, found '5'"],
    ['all:\n  hosts:\n    h:\n    h:\n', "fleet.yml:4:5: the key 'h' is written twice in this map; remove one of them"],
    [
      'all: {hosts: {"h[2:1]": }}\n',
      'fleet.yml:1:15: expected a host, found the range [2:1]: its end is before its begin',
    ],
    [
      'hosts:\n  h1:\n',
      "fleet.yml:2:3: expected hosts, children or vars in group 'hosts', found 'h1'; put 'hosts' under a group, such as 'all'",
    ],
    ['- h1\n- h2\n', 'fleet.yml:1:1: expected a map of groups, found a list'],
    ['all:\n\thosts:\n', 'fleet.yml:2:1: expected spaces as indentation, found a tab; replace the tab by spaces'],
    [
      'all:\n  hosts:\n    h: {a: {{ x }}}\n',
      `fleet.yml:3:12: a value that starts with '{{' must be quoted; write "{{ x }}}"`,
    ],
    ['all:\n  hosts: [h: {\n  vars: "x\n', 'fleet.yml:2:14: the bracket { that opens here is never closed'],
    [
      'all: {hosts: {h: {a: !vault x}}}\n',
      "fleet.yml:1:29: expected a text that begins with '$ANSIBLE_VAULT;' after '!vault'",
    ],
    [
      'all: {hosts: {h: {a: !nope x}}}\n',
      "fleet.yml:1:22: unknown tag '!nope'; known are '!unsafe', '!vault' and !!str, !!int, !!float, !!bool, !!null",
    ],
    [
      'all: {hosts: {h: {a: !nope [x]}}}\n',
      "fleet.yml:1:22: unknown tag '!nope'; known are '!unsafe', '!vault' and !!str, !!int, !!float, !!bool, !!null",
    ],
    ['all: &a {hosts: {h: *a}}\n', "fleet.yml:1:21: the alias '*a' contains itself"],
    ['all: {hosts: {h: *nope}}\n', "fleet.yml:1:18: the alias '*nope' has no anchor before it"],
    ['all: {}\n---\nweb: {}\n', "fleet.yml:2:1: expected one YAML document, found a second one after '---'"],
  ])('%j', async (text, message) => {
    expect(await messageOf(text)).toEqual([message]);
  });
});

describe('group_vars and host_vars', () => {
  const HOSTS = '[web]\nh1 a=ini\n[prod:children]\nweb\n[web:vars]\nb=ini\nc=ini\n';

  test('win over the inventory file, deeper groups over their parents, hosts over all', async () => {
    const directory = inventoryDir({
      'inv/hosts': HOSTS,
      'inv/group_vars/all.yml': 'b: all\nz: all\n',
      'inv/group_vars/prod.yaml': 'z: prod\ny: prod\n',
      'inv/group_vars/web': 'y: web\n',
      'inv/host_vars/h1.json': '{"a": "host", "x": "host"}',
      'inv/group_vars/unknown.yml': 'x: never read\n',
      'group_vars/all.yml': 'elsewhere: 1\n',
    });
    const inventory = await load(directory, 'inv/hosts');
    expect(varsOf(inventory, 'h1')).toEqual({ a: 'host', b: 'all', c: 'ini', z: 'prod', y: 'web', x: 'host' });
    const origins = inventory.layersOf(inventory.hosts.get('h1') as never).map((layer) => layer.origin);
    expect(origins.at(-1)).toBe('inv/host_vars/h1.json');
  });

  test('may be directories, whose files are read in name order', async () => {
    const directory = inventoryDir({
      hosts: HOSTS,
      'group_vars/web/20-b.yml': 'v: b\n',
      'group_vars/web/10-a.yml': 'v: a\nw: a\n',
      'group_vars/web/more/c': 'w: c\n',
      'group_vars/web/.hidden.yml': 'v: hidden\n',
      'group_vars/web/old.yml~': 'v: old\n',
      'group_vars/web/notes.txt': 'not: [yaml',
    });
    expect(varsOf(await load(directory, 'hosts'), 'h1')).toMatchObject({ v: 'b', w: 'c' });
  });

  test('of which two name one group are read once, with a warning', async () => {
    const directory = inventoryDir({
      hosts: HOSTS,
      'group_vars/web.yml': 'v: yml\n',
      'group_vars/web/a.yml': 'v: dir\n',
    });
    const inventory = await load(directory, 'hosts');
    expect(varsOf(inventory, 'h1').v).toBe('dir');
    expect(inventory.warnings).toEqual(['group_vars/web.yml is not read because there is web beside it']);
  });

  test('that are no map of variables are named', async () => {
    const directory = inventoryDir({ hosts: HOSTS, 'host_vars/h1.yml': '- a\n' });
    const error = await errorOf(load(directory, 'hosts'));
    expect(error.message).toMatch(/^host_vars\/h1\.yml:1:1: expected a map of variables, found a list/);
  });

  test('may be empty', async () => {
    const directory = inventoryDir({ hosts: HOSTS, 'group_vars/all.yml': '# nothing yet\n', 'host_vars/h1': '' });
    expect(varsOf(await load(directory, 'hosts'), 'h1')).toEqual({ a: 'ini', b: 'ini', c: 'ini' });
  });

  test('beside the playbook hold for the implicit localhost, too', async () => {
    const directory = inventoryDir({ 'inv/hosts': 'h1\n', 'play/group_vars/all': 'v: 1\n' });
    const inventory = await load(directory, 'inv/hosts', { playbookDirs: ['play'] });
    expect(varsOf(inventory, 'localhost')).toEqual({ v: 1, ansible_connection: 'local' });
  });
});

test('groups of one depth follow their priority, then their names', async () => {
  const text =
    'b: {hosts: {h: }, vars: {v: b}}\na: {hosts: {h: }, vars: {v: a, w: a}}\nc: {hosts: {h: }, vars: {w: c, ansible_group_priority: 0}}\n';
  const inventory = await load(inventoryDir({ 'fleet.yml': text }), 'fleet.yml');
  expect(varsOf(inventory, 'h')).toEqual({ v: 'b', w: 'a' });
});

test('hosts of the same groups share what is computed for them', async () => {
  const inventory = await load(inventoryDir({ hosts: '[g]\nh[1:3] a=1\n[g:vars]\nv=1\n' }), 'hosts');
  const [first, second] = [...inventory.hosts.values()].map((host) => inventory.layersOf(host));
  expect(first?.[0]).toBe(second?.[0]);
  expect(inventory.layersOf(inventory.hosts.get('h1') as never)).toBe(first);
});
