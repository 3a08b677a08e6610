import { describe, expect, it } from 'vitest';
import { loadInventory, selectHosts } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/inventory/types.ts';
import { inventoryDir } from './inventory-dir.ts';

const ini = (text: string) => loadInventory([inventoryDir({ hosts: text })], { cwd: '/', env: {} });
const names = (inventory: Inventory, pattern: string) => selectHosts(inventory, pattern).map((host) => host.name);
const varsOf = (inventory: Inventory, name: string) => {
  const host = inventory.hosts.get(name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return Object.assign({}, ...inventory.layersOf(host).map((layer) => layer.vars));
};

describe('an inventory that grows', () => {
  it('takes a new host with its groups and their variables', async () => {
    const inventory = await ini('[web]\na\n[web:vars]\ncolor=red\n');
    expect(inventory.addHost('b', ['web', 'fresh'], { x: 1 })).toBe(true);
    expect(names(inventory, 'web')).toEqual(['a', 'b']);
    expect(names(inventory, 'fresh')).toEqual(['b']);
    expect(names(inventory, 'ungrouped')).toEqual([]);
    expect(varsOf(inventory, 'b')).toEqual({ color: 'red', x: 1 });
  });

  it('says whether anything was news', async () => {
    const inventory = await ini('a\n');
    const { version } = inventory;
    expect(inventory.addHost('b', ['g'], { x: [1] })).toBe(true);
    expect(inventory.version).toBeGreaterThan(version);
    const after = inventory.version;
    expect(inventory.addHost('b', ['g'], { x: [1] })).toBe(false);
    expect(inventory.version).toBe(after);
    expect(inventory.addHost('b', [], { x: [2] })).toBe(true);
    expect(inventory.addHost('b', ['h'], {})).toBe(true);
  });

  it('keeps one layer of variables however often a host is added', async () => {
    const inventory = await ini('a y=0\n');
    for (let x = 0; x < 50; x++) inventory.addHost('a', [], { x });
    expect(varsOf(inventory, 'a')).toEqual({ x: 49, y: 0 });
    expect(inventory.hosts.get('a')?.layers).toHaveLength(2);
  });

  it('puts a host without groups among the ungrouped, until it has one', async () => {
    const inventory = await ini('a\n');
    inventory.addHost('b', [], {});
    expect(names(inventory, 'ungrouped')).toEqual(['a', 'b']);
    inventory.addHost('b', ['g'], {});
    expect(names(inventory, 'ungrouped')).toEqual(['a']);
  });

  it('gives members the variables of a parent that a group gets later, deeper groups winning', async () => {
    const inventory = await ini('[web]\na\nb\n[top]\n[web:vars]\nx=web\n[top:vars]\nx=top\ny=top\n');
    const [a, b] = ['a', 'b'].map((name) => inventory.hosts.get(name));
    if (a === undefined || b === undefined) throw new Error('no hosts');
    expect(varsOf(inventory, 'b')).toEqual({ x: 'web' });
    expect(inventory.addToGroup(a, 'web', ['top'])).toBe(true);
    expect(varsOf(inventory, 'b')).toEqual({ x: 'web', y: 'top' });
    expect(names(inventory, 'top')).toEqual(['a', 'b']);
    expect(inventory.addToGroup(b, 'web', ['top'])).toBe(false);
  });

  it('refuses groups that would be their own ancestors', async () => {
    const inventory = await ini('[top:children]\nweb\n[web]\na\n');
    const a = inventory.hosts.get('a');
    if (a === undefined) throw new Error('no host');
    expect(() => inventory.addToGroup(a, 'top', ['web'])).toThrow(
      /groups without loops, found 'web' above and below 'top'/,
    );
    expect(() => inventory.addToGroup(a, 'self', ['self'])).toThrow(/without loops/);
  });

  it('keeps what was added when the sources are read again', async () => {
    const inventory = await ini('a x=1\nold\n');
    const a = inventory.hosts.get('a');
    if (a === undefined) throw new Error('no host');
    inventory.addHost('b', ['fresh'], { z: 1 });
    inventory.addToGroup(a, 'made', ['all']);
    inventory.replaceWith(await ini('a x=2\nnew\n'));
    expect(names(inventory, 'all').toSorted()).toEqual(['a', 'b', 'new']);
    expect(names(inventory, 'fresh:made')).toEqual(['b', 'a']);
    expect(varsOf(inventory, 'a').x).toBe(2);
    // Whoever still holds the host as it was sees what it is now.
    expect(Object.assign({}, ...inventory.layersOf(a).map((layer) => layer.vars)).x).toBe(2);
  });
});
