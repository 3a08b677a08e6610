import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { k8sNode } from '../../src/modules/k8s-node.ts';
import { CORDONED_BY } from '../../src/modules/kubernetes/node.ts';
import { type LocalConnection, openLocal } from '../util/local-connection.ts';
import { type ModuleRun, runModule } from '../util/module-runner.ts';
import { KubernetesApi } from './kubernetes-api.ts';

let api: KubernetesApi;
let local: LocalConnection;

beforeEach(async () => {
  api = await KubernetesApi.start();
  local = await openLocal({ HOME: api.folder });
});

afterEach(async () => {
  await local.close();
  await api.stop();
});

function k8s(args: Readonly<Record<string, unknown>>, options: { checkMode?: boolean } = {}): Promise<ModuleRun> {
  const { kubeconfig } = api;
  return runModule(
    k8sNode,
    { node: 'node1', kubeconfig, ...args },
    { connection: local.connection, sleep: async () => {}, ...options },
  );
}

const cordoned = (): unknown => api.nodes.get('node1')?.spec.unschedulable;
const note = (): unknown => {
  const node = api.nodes.get('node1');
  if (node === undefined) throw new Error('the test made no node1');
  const text = (node.metadata.annotations as Record<string, string>)[CORDONED_BY];
  return text === undefined ? undefined : JSON.parse(text);
};

describe('cordon and uncordon', () => {
  test('leave the node as it was, with one request each that the server may refuse', async () => {
    api.addNode('node1');
    const check = await k8s({ state: 'cordon' }, { checkMode: true });
    expect(check).toMatchObject({ status: 'changed', changes: [{ line: 'cordon node node1' }] });
    expect(api.changes()).toEqual([]);

    const version = api.nodes.get('node1')?.metadata.resourceVersion;
    const first = await k8s({ state: 'cordon', reason: 'docker hangs' });
    expect(first).toMatchObject({ status: 'changed', result: { cordoned: true, cordoned_by: { run: 'run-1' } } });
    expect(cordoned()).toBe(true);
    expect(note()).toEqual({ run: 'run-1', at: expect.stringMatching(/^20.*Z$/), reason: 'docker hangs' });
    const [patch] = api.requests.filter(({ method }) => method === 'PATCH');
    expect(patch).toMatchObject({
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion: version }, spec: { unschedulable: true } },
    });

    expect(await k8s({ state: 'cordon' })).toMatchObject({ status: 'ok', changes: [] });
    expect(await k8s({ state: 'uncordon' }, { checkMode: true })).toMatchObject({ status: 'changed' });
    expect(await k8s({ state: 'uncordon' })).toMatchObject({ status: 'changed', result: { cordoned: false } });
    expect([cordoned(), note()]).toEqual([undefined, undefined]);
    expect(await k8s({ state: 'uncordon' })).toMatchObject({ status: 'ok' });
    expect(api.changes()).toEqual(['PATCH /api/v1/nodes/node1', 'PATCH /api/v1/nodes/node1']);
  });

  test('leave the cordon of somebody else, unless told', async () => {
    api.addNode('node1', { cordoned: true });
    expect(await k8s({ state: 'cordon' })).toMatchObject({
      status: 'ok',
      result: { cordoned: true, cordoned_by: null },
    });
    const left = await k8s({ state: 'uncordon' });
    expect(left).toMatchObject({ status: 'ok', result: { cordoned: true } });
    expect(api.changes()).toEqual([]);
    expect(await k8s({ state: 'uncordon', only_own: false })).toMatchObject({ status: 'changed' });
    expect(cordoned()).toBeUndefined();
  });

  test('never take a cordon for their own that somebody made in the same moment', async () => {
    api.addNode('node1');
    api.before = ({ method }) => {
      const node = api.nodes.get('node1');
      if (method !== 'PATCH' || node === undefined) return;
      node.spec.unschedulable = true;
      node.metadata.resourceVersion = 'newer';
      api.before = () => {};
    };
    const { status, result } = await k8s({ state: 'cordon' });
    expect({ status, result }).toMatchObject({ status: 'ok', result: { cordoned: true, cordoned_by: null } });
    expect(note()).toBeUndefined();
  });

  test('try again when something else of the node was changed in the same moment', async () => {
    api.addNode('node1');
    let changes = 0;
    api.before = ({ method }) => {
      const node = api.nodes.get('node1');
      if (method === 'PATCH' && changes++ < 2 && node !== undefined) node.metadata.resourceVersion = `newer-${changes}`;
    };
    expect(await k8s({ state: 'cordon' })).toMatchObject({ status: 'changed' });
    expect([cordoned(), changes]).toEqual([true, 3]);
  });
});

describe('drain', () => {
  const web = (name: string) => ({ name, node: 'node1', owner: 'ReplicaSet/web' });

  test('evicts what may go, leaves what belongs to the node, and is done only once', async () => {
    api.addNode('node1');
    api.addNode('node2');
    api.aliveNodes.add('node1');
    for (const pod of [web('web-1'), web('web-2'), { ...web('kube-proxy'), owner: 'DaemonSet/kube-proxy' }])
      api.addPod(pod);
    api.addPod({ name: 'static', node: 'node1', mirror: true });
    api.addPod({ ...web('elsewhere'), node: 'node2' });
    const check = await k8s({ state: 'drain', ignore_daemonsets: true }, { checkMode: true });
    expect(check.changes.map(({ line }) => line)).toEqual([
      'cordon node node1',
      'evict pod prod/web-1 (ReplicaSet/web)',
      'evict pod prod/web-2 (ReplicaSet/web)',
    ]);
    expect(api.changes()).toEqual([]);
    const drained = await k8s({ state: 'drain', ignore_daemonsets: true });
    expect(drained).toMatchObject({ status: 'changed', result: { evicted: ['prod/web-1', 'prod/web-2'], left: [] } });
    expect(api.changes().toSorted()).toEqual([
      'PATCH /api/v1/nodes/node1',
      'POST /api/v1/namespaces/prod/pods/web-1/eviction',
      'POST /api/v1/namespaces/prod/pods/web-2/eviction',
    ]);
    expect([...api.pods.keys()]).toEqual(['prod/kube-proxy', 'prod/static', 'prod/elsewhere']);
    expect(await k8s({ state: 'drain', ignore_daemonsets: true })).toMatchObject({ status: 'ok' });
  });

  test('refuses before it changes anything when pods would be lost', async () => {
    api.addNode('node1');
    api.addPod({ name: 'pet', node: 'node1' });
    api.addPod({ ...web('scratch'), emptyDir: true });
    api.addPod({ ...web('agent'), owner: 'DaemonSet/agent' });
    const { status, result } = await k8s({ state: 'drain' });
    expect(status).toBe('failed');
    expect(result.msg).toMatch(/not drained, and nothing was changed/);
    expect(result.msg).toMatch(/prod\/agent of DaemonSets.*prod\/pet would be lost.*prod\/scratch would lose the data/);
    expect(api.changes()).toEqual([]);
  });

  test('names what a PodDisruptionBudget keeps and what a dead kubelet never ends, and leaves the node cordoned', async () => {
    api.addNode('node1', { ready: 'Unknown' });
    api.addPod(web('web-1'));
    api.addPod({ ...web('db-0'), owner: 'StatefulSet/db' });
    api.budgeted.add('prod/db-0');
    const { status, result } = await k8s({ state: 'drain', timeout: 3 });
    expect(status).toBe('failed');
    expect(result.left).toEqual([
      { pod: 'prod/web-1', reason: expect.any(String) },
      { pod: 'prod/db-0', reason: 'a PodDisruptionBudget forbids its eviction' },
    ]);
    expect(result.msg).toMatch(/could not be drained and stays cordoned: 2 pods left: prod\/web-1/);
    expect(cordoned()).toBe(true);
    expect(note()).toMatchObject({ run: 'run-1' });
    expect(api.deletions()).toEqual([]);
  });
});

describe('a cluster that cannot be asked', () => {
  const fails = async (args: Readonly<Record<string, unknown>>) => {
    const { status, result } = await k8s({ state: 'cordon', request_timeout: 1, ...args });
    expect(status).toBe('failed');
    return result;
  };

  test('is told apart by its cause, and nothing is changed', async () => {
    api.addNode('node1');
    expect(await fails({ node: 'nosuch' })).toMatchObject({
      cause: 'not_found',
      msg: expect.stringMatching(/no node 'nosuch'/),
    });
    expect(await fails({ context: 'stale' })).toMatchObject({ cause: 'unauthorized' });
    expect(await fails({ context: 'dead' })).toMatchObject({ cause: 'refused' });
    expect(await fails({ context: 'untrusted' })).toMatchObject({ cause: 'tls' });
    expect(await fails({ context: 'nosuch' })).toMatchObject({ cause: 'no_context' });
    expect(await fails({ kubeconfig: '/nonexistent' })).toMatchObject({ cause: 'no_config' });
    expect(await fails({ kubectl: '/nonexistent/kubectl' })).toMatchObject({ cause: 'no_kubectl' });
    expect(api.changes()).toEqual([]);
  });

  test('is hung when it takes the request and does not answer', async () => {
    api.addNode('node1');
    api.hangs = true;
    expect(await fails({})).toMatchObject({ cause: 'hung' });
  });
});

test('no token is in what a failure says', async () => {
  api.addNode('node1');
  const { result } = await k8s({ state: 'cordon', context: 'stale' });
  expect(JSON.stringify(result)).not.toContain(api.token);
});
