import { describe, expect, test } from 'vitest';
import { errorOf, inventoryDir, load, varsOf } from './inventory-dir.ts';

async function messageOf(text: string): Promise<string[]> {
  const error = await errorOf(load(inventoryDir({ hosts: text }), 'hosts'));
  expect(error.code).toBe('INVENTORY_INVALID');
  return error.message.split('\n');
}

test('a list of hosts, one a line, is an inventory', async () => {
  const text = '# all agents\r\n10.0.0.1\r\n\r\n10.0.0.2\n; old\n10.0.0.1\n';
  const inventory = await load(inventoryDir({ all_hosts_ip: text }), 'all_hosts_ip');
  expect([...inventory.hosts.keys()]).toEqual(['10.0.0.1', '10.0.0.2']);
  expect(inventory.warnings).toEqual([]);
});

test("a host named 'null' is warned of", async () => {
  const inventory = await load(inventoryDir({ hosts: '10.0.0.1\nnull\n' }), 'hosts');
  expect(inventory.warnings).toEqual([
    "hosts:2: a host is named 'null': a program may have written it for a missing address",
  ]);
});

test('a variable of a host knows its place, also behind others', async () => {
  const inventory = await load(inventoryDir({ hosts: "[web]\n  web1 a='x y' b={{c}} # d=1\n" }), 'hosts');
  const layer = inventory.hosts.get('web1')?.layers[0];
  expect(layer?.vars).toEqual({ a: 'x y', b: '{{c}}' });
  expect(layer?.isTemplate).toBe(true);
  expect(layer?.positionOf?.('b')).toEqual({ file: 'hosts', line: 2, column: 16 });
  expect(layer?.positionOf?.('d')).toBeUndefined();
});

test('a later mention of a host wins', async () => {
  const inventory = await load(inventoryDir({ hosts: '[a]\nh x=1 y=1\n[b]\nh x=2\n' }), 'hosts');
  expect(varsOf(inventory, 'h')).toEqual({ x: 2, y: 1 });
});

test('sections may stand before the groups that they name', async () => {
  const text = '[all:vars]\nv=1\n[web:vars]\nw=1\n[prod:children]\nweb\n[web]\nh\n';
  const inventory = await load(inventoryDir({ hosts: text }), 'hosts');
  expect(varsOf(inventory, 'h')).toEqual({ v: 1, w: 1 });
  expect(inventory.groups.get('web')?.depth).toBe(2);
});

test('odd names of groups are accepted with a warning', async () => {
  const inventory = await load(inventoryDir({ hosts: '[my-group]\nh\n' }), 'hosts');
  expect(inventory.warnings[0]).toMatch(/cannot be written as groups\.NAME in templates: 'my-group'/);
});

describe('a line that cannot be read is named with its place', () => {
  test.each([
    [
      '[web servers]\nh\n',
      "hosts:1:1: expected a section, found '[web servers]'; a section is [group], [group:children] or [group:vars], without spaces",
    ],
    [
      '[web\nh\n',
      "hosts:1:1: expected a section, found '[web'; a section is [group], [group:children] or [group:vars], without spaces",
    ],
    [
      '[web:childen]\nh\n',
      "hosts:1:1: section '[web:childen]' has the unknown kind 'childen'; did you mean 'children'?",
    ],
    [
      'web1 web2\n',
      "hosts:1:6: expected key=value after the host, found 'web2'; hosts stand one a line, values with spaces in quotes",
    ],
    [
      "web1 a='x\n",
      'hosts:1:1: expected a host and key=value words, found an unclosed quote; close the quote on the same line',
    ],
    ['---\nall:\n', "hosts:1:1: expected a host, found '---', which begins a YAML file; name the file .yml"],
    ['web[3:1]\n', 'hosts:1:1: expected a host, found the range [3:1]: its end is before its begin'],
    ['[web:vars]\njust a text\n[web]\nh\n', "hosts:2:1: expected key=value, found 'just a text'"],
    [
      '[a:children]\nwebb\n[web]\nh\n',
      "hosts:2:1: section '[a:children]' names the group 'webb', which has no section; did you mean 'web'?",
    ],
    [
      '[zzzzz:vars]\na=1\n[web]\nh\n',
      "hosts:1:1: section '[zzzzz:vars]' names the group 'zzzzz', which has no section; add a section [zzzzz]",
    ],
    ['[a:children]\nb c\n[b]\n', "hosts:2:1: expected the name of a group, found 'b c'"],
  ])('%j', async (text, message) => {
    const name = text.startsWith('---') ? `h\n${text}` : text;
    const [first] = await messageOf(name);
    expect(first).toBe(text.startsWith('---') ? message.replace(':1:1', ':2:1') : message);
  });

  test('all of them at once, in order, with the line and a caret', async () => {
    expect(await messageOf('h1 a b\n[x:y]\n  h2:\n')).toEqual([
      "hosts:1:4: expected key=value after the host, found 'a'; hosts stand one a line, values with spaces in quotes",
      '  1 | h1 a b',
      '    |    ^',
      "hosts:2:1: section '[x:y]' has the unknown kind 'y'; it is hosts, children or vars",
      '  2 | [x:y]',
      '    | ^',
      "hosts:3:3: expected a host, found 'h2:': after ':' a port number is expected",
      '  3 |   h2:',
      '    |   ^',
    ]);
  });

  test('groups that contain each other, where one names the other', async () => {
    const [first] = await messageOf('[a:children]\nb\n[b:children]\nc\n[c:children]\na\n');
    expect(first).toMatch(/^hosts:\d:1: expected groups without loops, found '[abc]' > '[abc]' > '[abc]' > '[abc]'$/);
  });
});
