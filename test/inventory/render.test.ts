import { expect, test } from 'vitest';
import { renderInventory, selectHosts } from '../../src/inventory/index.ts';
import { errorOf, inventoryDir, load } from './inventory-dir.ts';

const HOSTS = `lone f=1.0 big=1152921504606846976 ansible_password=hush
[web]
web1 yes_text="'yes'" list=[1,None]
[prod:children]
web
[prod:vars]
level=prod
`;

async function inventory(): ReturnType<typeof load> {
  return load(inventoryDir({ hosts: HOSTS }), 'hosts');
}

test('the list has groups and all variables of each host, and no passwords', async () => {
  const text = renderInventory(await inventory(), { kind: 'list' });
  expect(JSON.parse(text)).toEqual({
    _meta: {
      hostvars: {
        lone: { f: 1, big: 2 ** 60, ansible_password: '[REDACTED]' },
        web1: { yes_text: 'yes', list: [1, null], level: 'prod' },
      },
    },
    all: { children: ['ungrouped', 'prod'] },
    ungrouped: { hosts: ['lone'] },
    prod: { children: ['web'] },
    web: { hosts: ['web1'] },
  });
  expect(text).toContain('"big": 1152921504606846976,\n');
  expect(text).toContain('"f": 1.0\n');
});

test('the list of some hosts leaves the others out', async () => {
  const all = await inventory();
  const list = JSON.parse(renderInventory(all, { kind: 'list' }, { hosts: selectHosts(all, 'web') }));
  expect(Object.keys(list._meta.hostvars)).toEqual(['web1']);
  expect(list.ungrouped).toBeUndefined();
});

test('the graph is a tree, with variables when asked', async () => {
  expect(renderInventory(await inventory(), { kind: 'graph' })).toBe(
    '@all:\n  |--@ungrouped:\n  |  |--lone\n  |--@prod:\n  |  |--@web:\n  |  |  |--web1\n',
  );
  expect(renderInventory(await inventory(), { kind: 'graph', group: 'prod' }, { vars: true })).toBe(
    '@prod:\n  |--@web:\n  |  |--web1\n  |  |  |--{level = prod}\n  |  |  |--{list = [1, None]}\n  |  |  |--{yes_text = yes}\n  |--{level = prod}\n',
  );
});

test('the YAML can be loaded again and says the same', async () => {
  const text = renderInventory(await inventory(), { kind: 'yaml' });
  expect(text).toContain("yes_text: 'yes'\n");
  const again = await load(inventoryDir({ 'all.yml': text }), 'all.yml');
  expect(renderInventory(again, { kind: 'list' })).toBe(renderInventory(await inventory(), { kind: 'list' }));
});

test('one host shows its variables, also the implicit localhost', async () => {
  const all = await inventory();
  expect(JSON.parse(renderInventory(all, { kind: 'host', name: 'web1' }))).toEqual({
    level: 'prod',
    list: [1, null],
    yes_text: 'yes',
  });
  expect(JSON.parse(renderInventory(all, { kind: 'host', name: 'localhost' }))).toEqual({
    ansible_connection: 'local',
  });
});

test('a host or group that is not there is named with the nearest', async () => {
  const all = await inventory();
  const host = await errorOf((async () => renderInventory(all, { kind: 'host', name: 'wbe1' }))());
  expect(host).toMatchObject({
    code: 'NO_HOSTS_MATCHED',
    message: "the inventory has no host 'wbe1'; did you mean 'web1'?",
  });
  const group = await errorOf((async () => renderInventory(all, { kind: 'graph', group: 'prd' }))());
  expect(group.message).toBe("the inventory has no group 'prd'; did you mean 'prod'?");
});
