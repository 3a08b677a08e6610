import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadOptions } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/inventory/types.ts';
import { errorOf, inventoryDir, load, varsOf } from '../inventory/inventory-dir.ts';
import { KubernetesApi } from './kubernetes-api.ts';

let api: KubernetesApi;

beforeEach(async () => {
  api = await KubernetesApi.start();
});

afterEach(() => api.stop());

function nodes(lines = '', options: Partial<LoadOptions> = {}): Promise<Inventory> {
  const directory = inventoryDir({ 'k8s.yml': `plugin: kubernetes\nkubeconfig: ${api.kubeconfig}\n${lines}` });
  return load(directory, 'k8s.yml', options);
}

const membersOf = (inventory: Inventory, group: string): string[] =>
  [...(inventory.groups.get(group)?.hosts ?? [])].map(({ name }) => name);

const ADDRESSES = [
  { type: 'InternalIP', address: '10.0.0.7' },
  { type: 'ExternalIP', address: '203.0.113.7' },
  { type: 'Hostname', address: 'node7.example.com' },
];

describe('nodes of a cluster', () => {
  test('are hosts in groups by role, condition, cordon and chosen labels', async () => {
    const labels = {
      'node-role.kubernetes.io/worker': '',
      'topology.kubernetes.io/zone': 'eu-1',
      team: 'Data {{ x }}',
    };
    api.addNode('w1', { labels, addresses: ADDRESSES });
    api.addNode('w2', {
      ready: 'Unknown',
      cordoned: true,
      conditions: { PIDPressure: 'True', KernelDeadlock: 'True' },
    });
    api.addNode('cp1', { ready: 'False', labels: { 'node-role.kubernetes.io/control-plane': '' } });
    const inventory = await nodes('label_groups: [topology.kubernetes.io/zone, team]\nuser: ops\ncontext: prod');
    const groups = Object.fromEntries(
      [...inventory.groups.keys()].map((group) => [group, membersOf(inventory, group)]),
    );
    expect(groups).toMatchObject({
      ready: ['w1'],
      not_ready: ['w2', 'cp1'],
      cordoned: ['w2'],
      pid_pressure: ['w2'],
      kernel_deadlock: ['w2'],
      role_worker: ['w1'],
      role_control_plane: ['cp1'],
      label_topology_kubernetes_io_zone_eu_1: ['w1'],
      label_team_data_x: ['w1'],
    });
    expect(Object.keys(groups)).not.toContain('memory_pressure');
    expect(Object.keys(groups).filter((group) => group.includes('hostname'))).toEqual([]);
    expect(varsOf(inventory, 'w1')).toMatchObject({
      ansible_host: '10.0.0.7',
      ansible_user: 'ops',
      k8s_name: 'w1',
      k8s_context: 'prod',
      k8s_roles: ['worker'],
      k8s_labels: labels,
      k8s_conditions: { Ready: 'True' },
      k8s_cordoned: false,
      k8s_container_runtime: 'docker://20.10.24',
    });
    expect(varsOf(inventory, 'w2')).toMatchObject({ k8s_cordoned: true, k8s_conditions: { Ready: 'Unknown' } });
  });

  test('are dialled at the chosen address, and nowhere without one', async () => {
    api.addNode('w1', { addresses: ADDRESSES });
    api.addNode('w2', { addresses: ADDRESSES.slice(0, 1) });
    const addresses = async (choice: string) => {
      const inventory = await nodes(`address: ${choice}`);
      return ['w1', 'w2'].map((name) => varsOf(inventory, name).ansible_host);
    };
    expect(await addresses('internal')).toEqual(['10.0.0.7', '10.0.0.7']);
    expect(await addresses('external')).toEqual(['203.0.113.7', undefined]);
    expect(await addresses('hostname')).toEqual(['node7.example.com', undefined]);
    expect(await addresses('name')).toEqual(['w1', 'w2']);
    expect((await nodes('address: external')).hosts.get('w2')?.unreachableReason).toMatch(/no address.*external/);
  });

  test('are all of them, however many pages the server makes, and only those of a selector', async () => {
    for (let i = 0; i < 1100; i++) api.addNode(`w${i}`);
    expect((await nodes()).hosts.size).toBe(1100);
    api.addNode('gpu1', { labels: { pool: 'gpu' } });
    expect([...(await nodes('selector: pool=gpu')).hosts.keys()]).toEqual(['gpu1']);
    expect(api.requests.at(-1)).toMatchObject({ path: '/api/v1/nodes', query: { labelSelector: 'pool=gpu' } });
  });
});

describe('a cluster that cannot be listed', () => {
  const fails = (lines: string, options?: Partial<LoadOptions>) => errorOf(nodes(lines, options));

  test('stops the run and says why', async () => {
    api.addNode('w1');
    const unauthorized = await fails('context: stale');
    expect(unauthorized.code).toBe('INVENTORY_SOURCE_FAILED');
    expect(unauthorized.message).toMatch(/kubectl.*exited with status 1; the token or certificate .* is wrong/);
    expect((await fails('context: dead')).message).toMatch(/is the API server .* up/);
    expect((await fails('context: nosuch')).message).toMatch(/get-contexts/);
    expect((await fails('context: untrusted')).message).toMatch(/certificate is not accepted/);
    expect((await fails('kubectl: ./nosuch')).message).toMatch(/install kubectl, or set 'kubectl:'/);
    expect((await fails('min_hosts: 2')).code).toBe('INVENTORY_TOO_SMALL');
    expect((await fails('selector: pool=gpu')).code).toBe('INVENTORY_EMPTY');
  });

  test('stops the run when it lists nothing or far fewer than last time', async () => {
    expect((await fails('')).code).toBe('INVENTORY_EMPTY');
    const stateDir = inventoryDir({});
    const directory = inventoryDir({ 'k8s.yml': `plugin: kubernetes\nkubeconfig: ${api.kubeconfig}\nmax_drop: 20%\n` });
    for (let i = 0; i < 10; i++) api.addNode(`w${i}`);
    expect((await load(directory, 'k8s.yml', { stateDir })).hosts.size).toBe(10);
    for (let i = 0; i < 3; i++) api.nodes.delete(`w${i}`);
    const error = await errorOf(load(directory, 'k8s.yml', { stateDir }));
    expect(error.code).toBe('INVENTORY_TOO_SMALL');
    expect(error.message).toMatch(/30 % fewer.*missing: w\[0-2\]/);
  });

  test('does not keep a run waiting, and leaves nothing behind', async () => {
    api.hangs = true;
    const hung = await fails('timeout: 4s');
    expect(hung.code).toBe('INVENTORY_SOURCE_FAILED');
    expect(hung.message).toMatch(/takes connections but does not answer/);
    expect(existsSync(`${api.folder}/.kube`)).toBe(false);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('fleetmend-kubectl-'))).toEqual([]);
  });

  test('has its mistakes told all at once', async () => {
    const error = await fails('addres: external\ntoken: secret\naddress: inside\n');
    expect(error.message).toContain("k8s.yml:3:1: plugin kubernetes has no option 'addres'; did you mean 'address'?");
    expect(error.message).toContain("k8s.yml:4:1: plugin kubernetes has no option 'token'; credentials do not belong");
    expect(error.message).toMatch(
      /k8s\.yml:5:10: expected 'address' to be one of internal, external, .* found 'inside'/,
    );
  });
});
