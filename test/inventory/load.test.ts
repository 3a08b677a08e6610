import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorOf, inventoryDir, load, varsOf, writeFiles } from './inventory-dir.ts';

describe('sources', () => {
  test('are merged: the last wins, the order is that of the first mention', async () => {
    const directory = inventoryDir({ a: 'h1 x=1\nh2\n', 'b.yml': 'g: {hosts: {h2: , h1: {x: 2}, h3: }}\n' });
    const inventory = await load(directory, ['a', 'b.yml', 'h4:2222,h1,']);
    expect([...inventory.hosts.keys()]).toEqual(['h1', 'h2', 'h3', 'h4']);
    expect(varsOf(inventory, 'h1')).toEqual({ x: 2 });
    expect(varsOf(inventory, 'h4')).toEqual({ ansible_port: 2222 });
    expect(inventory.sources).toEqual(['a', 'b.yml', 'h4:2222,h1,']);
  });

  test('of a directory are all its files in name order, without backups and variables', async () => {
    const directory = inventoryDir({
      'inv/20.yml': 'all: {hosts: {h2: {x: yml}}}\n',
      'inv/10-hosts': 'h1\nh2 x=ini\n',
      'inv/30.ini': 'h3\n',
      'inv/sub/a': 'h4\n',
      'inv/group_vars/all.yml': 'v: 1\n',
      'inv/.hidden': 'x\n',
      'inv/hosts~': 'x\n',
      'inv/hosts.bak': 'x\n',
      'inv/hosts.orig': 'x\n',
      'inv/site.retry': 'x\n',
      'inv/ansible.cfg': '[defaults]\nx=1\n',
      'inv/README.md': '# x\n',
    });
    const inventory = await load(directory, 'inv');
    expect([...inventory.hosts.keys()]).toEqual(['h1', 'h2', 'h3', 'h4']);
    expect(varsOf(inventory, 'h2')).toEqual({ x: 'yml', v: 1 });
  });

  test('of a directory do not include the configuration of a program beside it', async () => {
    const program = '#!/bin/sh\necho \'{"g": ["h1"], "_meta": {"hostvars": {}}}\'\n';
    const directory = inventoryDir({ 'inv/ec2.py!': program, 'inv/ec2.ini': '[ec2]\nregions = all\n' });
    expect([...(await load(directory, 'inv')).hosts.keys()]).toEqual(['h1']);
  });

  test('that are not there are named with what else could be meant', async () => {
    const error = await errorOf(load(inventoryDir({}), 'hosts.ini'));
    expect(error).toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: "inventory 'hosts.ini' was not found; for a host of that name write 'hosts.ini,' with a comma",
    });
  });

  test('of a directory with a link that leads nowhere cannot be read', async () => {
    const directory = inventoryDir({ 'inv/a': 'h1\n' });
    symlinkSync('nowhere', join(directory, 'inv/b'));
    const error = await errorOf(load(directory, 'inv'));
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toMatch(/^inventory 'inv' cannot be read: ENOENT: .*inv\/b'$/);
  });

  test('without a host are an error unless that is allowed', async () => {
    const directory = inventoryDir({ hosts: '# nobody\n', 'b.yml': '' });
    const error = await errorOf(load(directory, ['hosts', 'b.yml']));
    expect(error).toMatchObject({
      code: 'INVENTORY_EMPTY',
      message: "the inventory has no hosts ('hosts', 'b.yml'); --allow-empty accepts that",
    });
    expect((await load(directory, ['hosts', 'b.yml'], { allowEmpty: true })).hosts.size).toBe(0);
  });
});

describe('a file is taken for what it is', () => {
  test.each([
    ['an INI file without an ending', 'hosts', '[web]\nh1 a=1\n'],
    ['an INI file', 'hosts.ini', 'h1\n'],
    ['YAML without an ending, by its first line', 'hosts', '# fleet\n---\nall: {hosts: {h1: }}\n'],
    ['YAML without an ending, by its first key', 'hosts', 'all:\n  hosts:\n    h1:\n'],
    ['YAML that is executable by accident', 'hosts.yml!', 'all: {hosts: {h1: }}\n'],
    ['YAML with a byte order mark', 'hosts.yml', '\uFEFFall: {hosts: {h1: }}\n'],
    ['a program', 'inv!', '#!/bin/sh\necho \'{"g": {"hosts": ["h1"]}, "_meta": {"hostvars": {}}}\'\n'],
  ])('%s', async (_what, name, text) => {
    const inventory = await load(inventoryDir({ [name]: text }), name.replace('!', ''));
    expect([...inventory.hosts.keys()]).toEqual(['h1']);
  });

  test.each([
    [
      'hosts!',
      'h1\nh2\n',
      "hosts is executable but no program: it does not begin with '#!'; if it is a list of hosts: chmod -x hosts",
    ],
    ['inv.py', '#!/usr/bin/python3\n', "inv.py begins with '#!' but is not executable; chmod +x inv.py"],
    ['hosts.toml', '[web]\n', 'hosts.toml is TOML, which is not supported; write it as YAML or INI'],
    ['hosts', 'h1\0', 'hosts is neither text nor an executable program; is it the right file?'],
  ])('%s with %j is refused', async (name, text, message) => {
    const error = await errorOf(load(inventoryDir({ [name]: text }), name.replace('!', '')));
    expect(error).toMatchObject({ code: 'INVENTORY_INVALID', message });
  });
});

describe('a suspiciously small list stops the run', () => {
  const HOSTS = 'web[01:10]\n';

  async function kept(): Promise<{ directory: string; options: { stateDir: string; maxDropPercent: number } }> {
    const directory = inventoryDir({ hosts: HOSTS });
    const options = { stateDir: join(directory, 'state'), maxDropPercent: 20 };
    await load(directory, 'hosts', options);
    return { directory, options };
  }

  test('when it has fewer hosts than the minimum', async () => {
    const error = await errorOf(load(inventoryDir({ hosts: 'h1\n' }), 'hosts', { minHosts: 2 }));
    expect(error.code).toBe('INVENTORY_TOO_SMALL');
    expect(error.message).toMatch(/hosts lists 1 host, fewer than min_hosts 2; check the source, or lower min_hosts/);
  });

  test('when more hosts are missing than may be, with both numbers and the names', async () => {
    const { directory, options } = await kept();
    writeFiles(directory, { hosts: 'web[01:08]\n' });
    await load(directory, 'hosts', options);
    writeFiles(directory, { hosts: 'web[01:06]\n' });
    const error = await errorOf(load(directory, 'hosts', options));
    expect(error.code).toBe('INVENTORY_TOO_SMALL');
    expect(error.message).toMatch(
      /hosts lists 6 hosts, the last good list of .+ had 8: 25 % fewer, more than max_drop 20 %; check the source; if so few are right, run once with --accept-drop; missing: web\[07-08\]$/,
    );
  });

  test('again and again: a refused list never becomes the last good one', async () => {
    const { directory, options } = await kept();
    writeFiles(directory, { hosts: 'web01\n' });
    for (let i = 0; i < 2; i++) expect((await errorOf(load(directory, 'hosts', options))).message).toContain('had 10');
  });

  test('until the drop is accepted once', async () => {
    const { directory, options } = await kept();
    writeFiles(directory, { hosts: 'web01\n' });
    await load(directory, 'hosts', { ...options, acceptDrop: true });
    expect((await load(directory, 'hosts', options)).hosts.size).toBe(1);
  });

  test('apart for each set of sources', async () => {
    const { directory, options } = await kept();
    expect((await load(directory, 'one,', options)).hosts.size).toBe(1);
  });

  test('also when the kept list is damaged, until it is removed', async () => {
    const { directory, options } = await kept();
    const folder = join(options.stateDir, 'inventory');
    const [file = ''] = readdirSync(folder);
    expect(JSON.parse(readFileSync(join(folder, file), 'utf8')).hosts).toHaveLength(10);
    writeFileSync(join(folder, file), '{"hosts"');
    const error = await errorOf(load(directory, 'hosts', options));
    expect(error.message).toMatch(/the last good host list in .* is damaged; remove it to start anew/);
  });

  test('and a list that cannot be kept stops it, too', async () => {
    const directory = inventoryDir({ hosts: HOSTS, state: 'a file' });
    const error = await errorOf(load(directory, 'hosts', { stateDir: join(directory, 'state'), maxDropPercent: 20 }));
    expect(error.message).toMatch(/^the last good host list cannot be kept for max_drop: ENOTDIR/);
  });

  test('but without a state directory only a warning says that nothing is compared', async () => {
    const inventory = await load(inventoryDir({ hosts: HOSTS }), 'hosts', { maxDropPercent: 20 });
    expect(inventory.warnings[0]).toMatch(/max_drop is not checked, because no state directory is set/);
  });
});
