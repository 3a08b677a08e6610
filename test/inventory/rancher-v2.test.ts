import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, varsOf, writeFiles } from './inventory-dir.ts';
import { lines, ScriptedRancher } from './scripted-rancher.ts';

const VERSION = { '--version': { stdout: 'rancher version v2.4.5\n' } };
const CLUSTERS_LS = 'clusters ls --format json';
const NODES_LS = 'nodes ls --format json';

function cluster(id: string, name: string, current = false): object {
  const Cluster = { id, type: 'cluster', driver: 'rancherKubernetesEngine', name, state: 'active' };
  return { ID: id, Current: current ? '*' : '', Cluster, Name: name, Provider: 'Rancher Kubernetes Engine', Nodes: 1 };
}

function node(id: string, Name: string, fields: object = {}): object {
  const Node = { id, type: 'node', clusterId: id.split(':')[0], state: 'active', nodeName: Name, ...fields };
  return { ID: id, Node, Name };
}

const FULL = node('c-abc12:m-aaaaa', 'cp1', {
  controlPlane: true,
  etcd: true,
  externalIpAddress: '203.0.113.1',
  ipAddress: '10.1.0.1',
  info: { kubernetes: { kubeletVersion: 'v1.17.4' }, os: { dockerVersion: '19.3.8' } },
  labels: { 'kubernetes.io/hostname': 'cp1', 'beta.kubernetes.io/os': 'linux' },
  sshUser: 'ubuntu',
  conditions: [{ type: 'Ready', status: 'True' }],
});

interface Server {
  readonly url: string;
  readonly requests: IncomingMessage[];
}

/** A Rancher server that knows projects, on loopback. */
async function projectServer(projects: readonly { id: string; clusterId: string }[], status = 200): Promise<Server> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.statusCode = status;
    const isSecond = request.url?.includes('marker') === true;
    const page = isSecond ? projects.slice(1) : projects.slice(0, 1);
    // The link names another server, as behind a proxy: it must not be followed there.
    const next = 'http://192.0.2.1/v3/projects?marker=2';
    const pagination = isSecond || projects.length < 2 ? {} : { next };
    response.end(JSON.stringify({ data: page, pagination }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function config(url: string, project: string): Record<string, string> {
  const rancherDefault = {
    accessKey: 'token-abcde',
    secretKey: 'secretsecret',
    tokenKey: 'token-abcde:secretsecret',
    url,
    project,
    cacert: '',
  };
  return { '.rancher/cli2.json': JSON.stringify({ Servers: { rancherDefault }, CurrentServer: 'rancherDefault' }) };
}

const TWO_CLUSTERS = { stdout: lines(cluster('c-abc12', 'prod', true), cluster('c-def34', 'staging')) };

describe('nodes of Rancher 2', () => {
  test('have their address, user, groups and variables', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: { stdout: lines(cluster('c-abc12', 'Prod EU', true)) },
      [NODES_LS]: { stdout: lines(FULL) },
    });
    const inventory = await rancher.load();
    expect(varsOf(inventory, 'cp1')).toEqual({
      ansible_host: '203.0.113.1',
      ansible_user: 'ubuntu',
      rancher_node_id: 'c-abc12:m-aaaaa',
      rancher_cluster_id: 'c-abc12',
      rancher_cluster_name: 'Prod EU',
      rancher_node_name: 'cp1',
      rancher_name: 'cp1',
      rancher_state: 'active',
      rancher_roles: ['controlplane', 'etcd'],
      rancher_unschedulable: false,
      rancher_kubelet_version: 'v1.17.4',
      rancher_docker_version: '19.3.8',
      rancher_conditions: { Ready: 'True' },
      rancher_labels: { 'kubernetes.io/hostname': 'cp1', 'beta.kubernetes.io/os': 'linux' },
    });
    expect([...inventory.groups.keys()]).toEqual([
      'all',
      'ungrouped',
      'cluster_prod_eu',
      'role_controlplane',
      'role_etcd',
      'provider_rancherkubernetesengine',
      'state_active',
      'label_kubernetes_io_hostname_cp1',
    ]);
  });

  test('are reached by the address that the file chooses', async () => {
    const rows = [
      FULL,
      node('c-abc12:m-bbbbb', 'custom', { customConfig: { address: '198.51.100.1', internalAddress: '10.9.0.1' } }),
    ];
    const address = async (options: string) => {
      const rancher = new ScriptedRancher({
        ...VERSION,
        [CLUSTERS_LS]: { stdout: lines(cluster('c-abc12', 'prod', true)) },
        [NODES_LS]: { stdout: lines(...rows) },
      });
      const inventory = await rancher.load(options);
      return ['cp1', 'custom'].map((name) => varsOf(inventory, name).ansible_host);
    };
    expect(await address('')).toEqual(['203.0.113.1', '198.51.100.1']);
    expect(await address('address: internal')).toEqual(['10.1.0.1', '10.9.0.1']);
  });

  test('that are still provisioned are kept without an address, cordoned ones tell whether they are ready', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: { stdout: lines(cluster('c-abc12', 'prod', true)) },
      [NODES_LS]: {
        stdout: lines(
          node('c-abc12:m-1', 'staging1', {
            nodeName: undefined,
            requestedHostname: 'staging1',
            state: 'provisioning',
          }),
          node('c-abc12:m-2', 'dead', {
            ipAddress: '10.1.0.2',
            state: 'cordoned',
            unschedulable: true,
            conditions: [{ type: 'Ready', status: 'Unknown' }],
          }),
        ),
      },
    });
    const inventory = await rancher.load();
    expect(inventory.hosts.get('staging1')?.unreachableReason).toBe(
      'Rancher knows no address of it (state provisioning)',
    );
    expect(varsOf(inventory, 'dead')).toMatchObject({
      rancher_state: 'cordoned',
      rancher_unschedulable: true,
      rancher_conditions: { Ready: 'Unknown' },
    });
  });
});

describe('all clusters are listed', () => {
  test('each through a configuration of its own, which is private and gone afterwards', async () => {
    const server = await projectServer([
      { id: 'c-abc12:p-99999', clusterId: 'c-abc12' },
      { id: 'c-def34:p-22222', clusterId: 'c-def34' },
    ]);
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: TWO_CLUSTERS,
      [NODES_LS]: {
        byProject: {
          'c-abc12:p-11111': lines(FULL),
          'c-def34:p-22222': lines(node('c-def34:m-1', 'cp1', { ipAddress: '10.2.0.1' })),
        },
      },
    });
    writeFiles(rancher.directory, config(server.url, 'c-abc12:p-11111'));
    const inventory = await rancher.load();
    expect([...inventory.hosts.keys()]).toEqual(['cp1@prod', 'cp1@staging']);

    const calls = rancher.calls().filter((call) => call.args[0] === 'nodes');
    expect(calls.map((call) => call.configMode)).toEqual([0o600, 0o600]);
    for (const { env } of calls) {
      expect(env.HOME).not.toBe(rancher.directory);
      expect(env.RANCHER_CONFIG_DIR).toBe(`${env.HOME}/.rancher`);
      expect(existsSync(dirname(env.HOME ?? ''))).toBe(false);
    }
    expect(server.requests.map((request) => request.headers.authorization)).toEqual(
      Array(2).fill(`Basic ${Buffer.from('token-abcde:secretsecret').toString('base64')}`),
    );
  });

  test('without asking the server when the context of the user is in the only cluster', async () => {
    const server = await projectServer([]);
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: TWO_CLUSTERS,
      [NODES_LS]: { byProject: { 'c-abc12:p-11111': lines(FULL) } },
    });
    writeFiles(rancher.directory, config(server.url, 'c-abc12:p-11111'));
    const inventory = await rancher.load('clusters: [prod]');
    expect([...inventory.hosts.keys()]).toEqual(['cp1']);
    expect(server.requests).toEqual([]);
  });

  test('from a configuration directory that the file names', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: { stdout: lines(cluster('c-abc12', 'prod', true)) },
      [NODES_LS]: { byProject: { 'c-abc12:p-11111': lines(FULL) } },
    });
    const text = config('http://127.0.0.1:1', 'c-abc12:p-11111')['.rancher/cli2.json'] ?? '';
    writeFiles(rancher.directory, { 'conf/cli2.json': text });
    const inventory = await rancher.load('config_dir: conf');
    expect([...inventory.hosts.keys()]).toEqual(['cp1']);
    expect(rancher.calls()[0]?.env.RANCHER_CONFIG_DIR).toBe(`${rancher.directory}/conf`);
  });

  test('only the current one when there is no configuration to copy, with a warning', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: TWO_CLUSTERS,
      [NODES_LS]: { stdout: lines(FULL) },
    });
    const inventory = await rancher.load();
    expect([...inventory.hosts.keys()]).toEqual(['cp1']);
    expect(inventory.warnings[0]).toMatch(/only cluster 'prod' is listed, not staging: .*cli2\.json was not found/);
  });
});

describe('a run does not start when Rancher 2', () => {
  test('refuses the token, on stderr', async () => {
    const stderr =
      'time="2026-11-21T06:00:00Z" level=fatal msg="Bad response statusCode [401]. Status [401 Unauthorized]. Body: [message=must authenticate] from [http://127.0.0.1:18090/v3]"\n';
    const error = await errorOf(new ScriptedRancher({ ...VERSION, [CLUSTERS_LS]: { stderr, status: 1 } }).load());
    expect(error.message).toMatch(
      /clusters ls --format json' exited with status 1; check the API key\nstderr:\n {2}time=/,
    );
  });

  test('lists the nodes of another cluster', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: { stdout: lines(cluster('c-def34', 'staging', true)) },
      [NODES_LS]: { stdout: lines(FULL) },
    });
    expect((await errorOf(rancher.load())).message).toMatch(
      /listed node c-abc12:m-aaaaa of cluster 'c-abc12' instead of 'c-def34'/,
    );
  });

  test('shows no project of a cluster', async () => {
    const server = await projectServer([]);
    const rancher = new ScriptedRancher({
      ...VERSION,
      [CLUSTERS_LS]: TWO_CLUSTERS,
      [NODES_LS]: { byProject: { 'c-abc12:p-11111': lines(FULL) } },
    });
    writeFiles(rancher.directory, config(server.url, 'c-abc12:p-11111'));
    expect((await errorOf(rancher.load())).message).toMatch(
      /cannot be asked for cluster 'staging' \(c-def34\): the API key sees no project in it/,
    );
  });

  test('does not answer about projects, and the token is not shown', async () => {
    const server = await projectServer([], 403);
    const rancher = new ScriptedRancher({ ...VERSION, [CLUSTERS_LS]: TWO_CLUSTERS, [NODES_LS]: { stdout: '' } });
    writeFiles(rancher.directory, config(server.url, 'c-zzz99:p-11111'));
    const error = await errorOf(rancher.load());
    expect(error.code).toBe('INVENTORY_SOURCE_FAILED');
    expect(error.message).toContain(`GET ${server.url}/v3/projects?limit=-1 answered with status 403`);
    expect(error.message).not.toContain('secretsecret');
  });

  test('is configured in a way that cannot be read', async () => {
    const rancher = new ScriptedRancher({ ...VERSION, [CLUSTERS_LS]: TWO_CLUSTERS });
    writeFiles(rancher.directory, { '.rancher/cli2.json': '{"Servers": bad' });
    expect((await errorOf(rancher.load())).message).toMatch(/cli2\.json is no configuration of the Rancher CLI/);
  });

  test('is asked for environments, which only Rancher 1 has', async () => {
    const rancher = new ScriptedRancher({ ...VERSION, [CLUSTERS_LS]: TWO_CLUSTERS });
    expect((await errorOf(rancher.load('environments: [prod]'))).message).toMatch(
      /has clusters .*; the inventory file names 'environments': write 'clusters'/,
    );
  });
});

test.each([
  [1000, true],
  [999, false],
])('a list of %i nodes warns that servers cut lists: %s', async (count, warns) => {
  const rows = Array.from({ length: count }, (_, i) => node(`c-abc12:m-${i}`, `n${i}`, { ipAddress: '10.0.0.1' }));
  const rancher = new ScriptedRancher({
    ...VERSION,
    [CLUSTERS_LS]: { stdout: lines(cluster('c-abc12', 'prod', true)) },
    [NODES_LS]: { stdout: lines(...rows) },
  });
  const inventory = await rancher.load();
  expect(inventory.warnings.some((warning) => warning.includes(`lists ${count} nodes`))).toBe(warns);
});
