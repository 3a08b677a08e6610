import { describe, expect, test } from 'vitest';
import { globToRegExp } from '../../src/inventory/glob.ts';
import { type SelectOptions, selectHosts } from '../../src/inventory/index.ts';
import { errorOf, inventoryDir, load } from './inventory-dir.ts';

const HOSTS = `lonely
[web]
web[1:4]
[db]
db1
db2 ansible_host=192.0.2.2
web4
[prod:children]
db
web
`;

async function select(pattern: string, options: SelectOptions = {}, hosts = HOSTS): Promise<string> {
  const inventory = await load(inventoryDir({ hosts }), 'hosts');
  return selectHosts(inventory, pattern, options)
    .map((host) => host.name)
    .join(' ');
}

describe('a pattern selects', () => {
  test.each([
    ['all', 'lonely db1 db2 web4 web1 web2 web3'],
    ['*', 'lonely db1 db2 web4 web1 web2 web3'],
    ['web', 'web1 web2 web3 web4'],
    ['web:db', 'web1 web2 web3 web4 db1 db2'],
    ['db,web', 'db1 db2 web4 web1 web2 web3'],
    ['web:&db', 'web4'],
    ['&db:web', 'web4'],
    ['web:!db', 'web1 web2 web3'],
    ['!db,web', 'web1 web2 web3'],
    ['!prod', 'lonely'],
    ['prod:&web:!web1', 'web4 web2 web3'],
    ['~web[12]', 'web1 web2'],
    ['~eb1', ''],
    [String.raw`~(?P<kind>web)[13]\Z`, 'web1 web3'],
    ['db?', 'db1 db2'],
    ['web[0]', 'web1'],
    ['web[-1]', 'web4'],
    ['web[1:2]', 'web2 web3'],
    ['web[1-2]', 'web2 web3'],
    ['web[2:]', 'web3 web4'],
    ['web[7:9]', ''],
    ['web:!web[0]', 'web2 web3 web4'],
    ['localhost', 'localhost'],
    ['ungrouped', 'lonely'],
  ])('%s -> %s', async (pattern, expected) => {
    expect(await select(pattern)).toBe(expected);
  });
});

test('a limit takes away and never adds', async () => {
  expect(await select('web', { limit: 'db' })).toBe('web4');
  expect(await select('web', { limit: '!db' })).toBe('web1 web2 web3');
  expect(await select('web', { limit: 'lonely' })).toBe('');
});

test('a limit may stand in a file, with comments', async () => {
  const asked: string[] = [];
  const readLimitFile = (path: string) => {
    asked.push(path);
    return '# from the last run\nweb2\r\n\nweb3\n';
  };
  expect(await select('all', { limit: '@failed.txt', readLimitFile })).toBe('web2 web3');
  expect(await select('all', { limit: 'db1,@failed.txt', readLimitFile })).toBe('db1 web2 web3');
  expect(asked).toEqual(['failed.txt', 'failed.txt']);
});

describe('what matches nothing is warned of', () => {
  test.each([
    ['wbe', "no host or group is named 'wbe'; did you mean 'web'?"],
    ['web:!lonly', "no host or group is named 'lonly'; did you mean 'lonely'?"],
    ['something', "no host or group is named 'something'"],
    ['web1:22', "no host or group is named 'web1:22'"],
    ['x*', "no host or group matches 'x*'"],
    ['~^x', "no host or group matches '~^x'"],
  ])('%s', async (pattern, warning) => {
    const warnings: string[] = [];
    await select(pattern, { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([warning]);
  });

  test('but not a pattern that matches', async () => {
    const warnings: string[] = [];
    await select('all:!db:~web.:web*', { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([]);
  });
});

describe('a pattern that cannot be used is an error', () => {
  test.each([
    ['~(web', /^pattern '~\(web' cannot be used: '\(web' is no regular expression here: .+/],
    ['~(?x)web', /^pattern '~\(\?x\)web' cannot be used: The flag 'x' in a regular expression is not supported$/],
    ['~(\\w+)+[.]\\Z', /^pattern '.+' cannot be used: .+ took more than 1000 ms on a text of 60 characters$/],
    ['*a*a*a*a*a*a*a*a*a*a*b', /^pattern '.+' cannot be used: .+ took more than 1000 ms on a text of 60 characters$/],
    ['web[9]', /^pattern 'web\[9\]' asks for host number 9 of 4; they count from 0$/],
    ['web[1:2:3]', /^pattern 'web\[1:2:3\]' has a subscript that cannot be used: \[1:2:3\]$/],
    ['web[-3:-1]', /^pattern 'web\[-3:-1\]' has a subscript/],
    ['@file', /^expected host patterns, found '@file': files are read in --limit only$/],
  ])('%s', async (pattern, message) => {
    const options = pattern === '@file' ? { limit: pattern } : {};
    const hosts = message.source.includes('1000 ms') ? `${'a'.repeat(60)}\n` : HOSTS;
    const error = await errorOf(select(pattern === '@file' ? 'all' : pattern, options, hosts));
    expect(error.code).toBe('PATTERN_INVALID');
    expect(error.message).toMatch(message);
  });
});

test.each([
  ['', undefined, "expected a host pattern, found ''"],
  [' , ', undefined, "expected a host pattern, found ' , '"],
  ['all', '', "expected --limit to hold a host pattern, found none in ''; leave --limit out, or write 'all'"],
  ['all', '@none', "expected --limit to hold a host pattern, found none in '@none'; leave --limit out, or write 'all'"],
])('an empty pattern or limit is an error and never the whole fleet: %j %j', async (pattern, limit, message) => {
  const readLimitFile = () => '# nobody failed\n\n';
  expect(await errorOf(select(pattern, { limit, readLimitFile }))).toMatchObject({ code: 'PATTERN_INVALID', message });
});

test('a host with a loopback name stands for localhost, without one it is made up', async () => {
  const inventory = await load(inventoryDir({ hosts: '127.0.0.1 ansible_port=2222\n' }), 'hosts');
  expect(selectHosts(inventory, 'localhost')[0]).toBe(inventory.hosts.get('127.0.0.1'));
  const other = await load(inventoryDir({ hosts: 'h1\n' }), 'hosts');
  expect(selectHosts(other, 'localhost')[0]).toBe(selectHosts(other, 'localhost')[0]);
  expect(selectHosts(other, 'all').map((host) => host.name)).toEqual(['h1']);
});

test('IPv6 addresses and names with ports are one part', async () => {
  const inventory = await load(inventoryDir({ hosts: '::1\nfe80::2\n10.0.0.1\n' }), 'hosts');
  expect(selectHosts(inventory, 'fe80::2').map((host) => host.name)).toEqual(['fe80::2']);
  expect(selectHosts(inventory, 'fe80::2,::1').map((host) => host.name)).toEqual(['fe80::2', '::1']);
});

describe('a glob matches as fnmatch does', () => {
  test.each([
    ['a*c', 'abbc', true],
    ['a?c', 'ac', false],
    ['[ab]1', 'b1', true],
    ['[!ab]1', 'c1', true],
    ['[!ab]1', 'a1', false],
    ['[a-c]1', 'b1', true],
    ['[z-a]1', 'b1', false],
    ['[]]x', ']x', true],
    ['[!]]x', 'ax', true],
    ['a[b', 'a[b', true],
    ['a.b', 'axb', false],
    ['a+(b)|{c}^$\\', 'a+(b)|{c}^$\\', true],
    ['[^a]1', '^1', true],
    ['[a-]1', '-1', true],
    ['Web', 'web', false],
  ])('%s on %s: %s', (glob, name, matches) => {
    expect(globToRegExp(glob).test(name)).toBe(matches);
  });
});
