import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { k8sStuckPods } from '../../src/modules/k8s-stuck-pods.ts';
import { type LocalConnection, openLocal } from '../util/local-connection.ts';
import { type ModuleRun, runModule } from '../util/module-runner.ts';
import { KubernetesApi, type PodSpec } from './kubernetes-api.ts';

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

const HOUR = 3600;
const stuck = (name: string, more: Partial<PodSpec> = {}): PodSpec => ({
  name,
  node: 'node1',
  owner: 'StatefulSet/db',
  overdueSeconds: HOUR,
  ...more,
});
const REPAIRED = { delete: true, node_repaired: true, evidence: { status: 'healthy', changed: false } };

function k8s(args: Readonly<Record<string, unknown>> = {}, options: { checkMode?: boolean } = {}): Promise<ModuleRun> {
  const where = args.all_nodes === true ? {} : { node: 'node1' };
  return runModule(
    k8sStuckPods,
    { kubeconfig: api.kubeconfig, ...where, ...args },
    { connection: local.connection, ...options },
  );
}

const names = (rows: unknown): string[] => (rows as readonly { name: string }[]).map(({ name }) => name);

describe('finding', () => {
  test("takes the deadline as it is, by the server's clock, page by page", async () => {
    api.clockAheadMs = -5 * HOUR * 1000;
    api.addNode('node1');
    for (let i = 0; i < 620; i++) api.addPod({ name: `web-${i}`, node: 'node1', owner: 'ReplicaSet/web' });
    api.addPod(stuck('db-0'));
    api.addPod(stuck('db-1', { overdueSeconds: 30 }));
    api.addPod(stuck('db-2', { overdueSeconds: -600 }));
    api.addPod(stuck('db-3', { node: 'node2' }));
    const { status, result } = await k8s();
    expect(status).toBe('ok');
    expect(result).toMatchObject({ count: 1, terminating: 3, by_node: [{ node: 'node1', count: 1 }] });
    expect(result.msg).toMatch(/^1 pod is stuck Terminating on node1, the oldest for 1h 00m$/);
    expect(result.stuck).toMatchObject([
      { namespace: 'prod', name: 'db-0', uid: api.uidOf('prod/db-0'), controller: 'StatefulSet/db', phase: 'Running' },
    ]);
    const lists = api.requests.filter(({ path }) => path === '/api/v1/pods').map(({ query }) => query);
    expect(lists).toMatchObject([
      { fieldSelector: 'spec.nodeName=node1', limit: '500' },
      { fieldSelector: 'spec.nodeName=node1', limit: '500', continue: '500' },
    ]);
    expect(names((await k8s({ beyond_grace: 10 })).result.stuck)).toEqual(['db-0', 'db-1']);
    expect(names((await k8s({ beyond_grace: '2h' })).result.stuck)).toEqual([]);
  });

  test('counts by node over the cluster, warns and fails above a limit', async () => {
    for (const pod of [stuck('a'), stuck('b'), stuck('c', { node: 'node2', namespace: 'test' })]) api.addPod(pod);
    const all = await k8s({ all_nodes: true, warn_above: 2 });
    expect(all).toMatchObject({
      status: 'ok',
      result: { count: 3 },
      warnings: [expect.stringMatching(/node1: 2, node2: 1.*warn_above: 2/)],
    });
    const alarm = await k8s({ all_nodes: true, fail_above: 2 });
    expect(alarm).toMatchObject({
      status: 'failed',
      result: { count: 3, msg: expect.stringMatching(/fail_above: 2/) },
    });
    expect(await k8s({ all_nodes: true, namespaces: ['test'], fail_above: 2 })).toMatchObject({
      status: 'ok',
      result: { count: 1 },
    });
    expect(api.changes()).toEqual([]);
  });

  test('says that a node does not exist', async () => {
    const { status, result } = await k8s({ node: 'nosuch' });
    expect({ status, result }).toMatchObject({ status: 'failed', result: { cause: 'not_found' } });
  });
});

describe('deleting', () => {
  test('sends nothing without a proof', async () => {
    api.addNode('node1', { ready: 'Unknown' });
    api.addPod(stuck('db-0'));
    const { status, result } = await k8s({ delete: true });
    expect(status).toBe('ok');
    expect(result.kept).toMatchObject([{ name: 'db-0', reason: expect.stringMatching(/nothing proves/) }]);
    for (const evidence of [
      undefined,
      '',
      { status: 'hung' },
      { status: 'healthy', failed: true },
      { changed: true },
    ]) {
      const refused = await k8s({ delete: true, node_repaired: true, ...(evidence === undefined ? {} : { evidence }) });
      expect(refused).toMatchObject({ status: 'failed', result: { msg: expect.stringMatching(/`evidence`/) } });
    }
    expect((await k8s({ all_nodes: true, delete: true, node_repaired: true, evidence: 'x' })).status).toBe('failed');
    expect(api.deletions()).toEqual([]);
    expect(api.pods.has('prod/db-0')).toBe(true);
  });

  test('of a repaired node: what may go goes by its UID, and is seen to be gone', async () => {
    api.addNode('node1');
    api.addPod(stuck('db-0'));
    api.addPod(stuck('db-1'));
    api.addPod(stuck('running'));
    api.addPod(stuck('static', { mirror: true }));
    api.addPod(stuck('agent', { owner: 'DaemonSet/agent' }));
    api.addPod(stuck('kept', { finalizers: ['example.com/backup'] }));
    api.addPod(stuck('fresh', { overdueSeconds: 10 }));
    api.addPod({ name: 'web', node: 'node1' });
    const args = { ...REPAIRED, running_uids: [api.uidOf('prod/running')] };
    const uids = ['db-0', 'db-1'].map((name) => api.uidOf(`prod/${name}`));
    const check = await k8s(args, { checkMode: true });
    expect(check.status).toBe('changed');
    expect(names(check.result.would_delete)).toEqual(['db-0', 'db-1']);
    expect(check.changes[0]?.line).toMatch(
      /^delete pod prod\/db-0 \(StatefulSet\/db, stuck for 1h 00m; node 'node1' repaired: docker_health says healthy\)$/,
    );
    expect(api.deletions()).toEqual([]);

    const { status, result } = await k8s(args);
    expect(status).toBe('changed');
    expect(names(result.deleted)).toEqual(['db-0', 'db-1']);
    expect(names(result.kept).toSorted()).toEqual(['agent', 'kept', 'running', 'static']);
    expect(result.count).toBe(4);
    expect(api.deletions()).toMatchObject(
      ['db-0', 'db-1'].map((name, i) => ({
        path: `/api/v1/namespaces/prod/pods/${name}`,
        body: { kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid: uids[i] } },
      })),
    );
    expect([...api.pods.keys()]).toEqual([
      'prod/running',
      'prod/static',
      'prod/agent',
      'prod/kept',
      'prod/fresh',
      'prod/web',
    ]);
    expect(api.requests.some(({ method }) => method === 'PATCH')).toBe(false);
    expect(await k8s(args)).toMatchObject({ status: 'ok', changes: [] });
  });

  test('of a node that is gone, that was taken out of service, and of pods that were seen to be gone', async () => {
    api.addNode('off', {
      ready: 'Unknown',
      taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }],
    });
    api.addNode('sick', { ready: 'Unknown' });
    api.addPod(stuck('on-gone', { node: 'gone' }));
    api.addPod(stuck('on-off', { node: 'off' }));
    api.addPod(stuck('on-sick', { node: 'sick' }));
    api.addPod(stuck('seen', { node: 'sick' }));
    const { result } = await k8s({ all_nodes: true, delete: true, gone_uids: [api.uidOf('prod/seen')] });
    expect(names(result.deleted).toSorted()).toEqual(['on-gone', 'on-off', 'seen']);
    expect(names(result.kept)).toEqual(['on-sick']);
    expect(api.pods.has('prod/on-sick')).toBe(true);
    expect(await k8s({ node: 'sick', delete: true, force: true })).toMatchObject({
      status: 'changed',
      result: { deleted: [{ name: 'on-sick', proof: 'forced, without proof' }] },
    });
  });

  test('never takes the successor of the same name', async () => {
    api.addNode('node1');
    api.addPod(stuck('db-0'));
    const old = api.uidOf('prod/db-0');
    api.before = ({ method }) => {
      if (method !== 'DELETE') return;
      api.pods.delete('prod/db-0');
      api.addPod({ name: 'db-0', node: 'node2', owner: 'StatefulSet/db' });
    };
    const { status, result } = await k8s(REPAIRED);
    expect({ status, result }).toMatchObject({ status: 'changed', result: { deleted: [{ uid: old }], count: 0 } });
    expect(api.pods.has('prod/db-0')).toBe(true);
    expect(api.uidOf('prod/db-0')).not.toBe(old);
  });

  test('fails when a pod is still there afterwards, and before anything when there are more than max_items', async () => {
    api.addNode('node1');
    api.addPod(stuck('db-0'));
    api.addPod(stuck('db-1'));
    expect(await k8s({ ...REPAIRED, max_items: 1 })).toMatchObject({
      status: 'failed',
      result: { msg: expect.stringMatching(/2 pods would be deleted.*nothing was deleted/) },
    });
    expect(api.deletions()).toEqual([]);
    // Somebody's finalizer comes between the list and the deletion.
    api.before = ({ method, path }) => {
      const pod = api.pods.get('prod/db-1');
      if (method === 'DELETE' && path.endsWith('/db-1') && pod !== undefined) pod.metadata.finalizers = ['x/y'];
    };
    const { status, result } = await k8s(REPAIRED);
    expect(status).toBe('failed');
    expect(names(result.deleted)).toEqual(['db-0']);
    expect(result.failed).toMatchObject([{ name: 'db-1', reason: 'it is still there after its deletion' }]);
  });

  test('stops at a server that no longer answers, and says what was done', async () => {
    api.addNode('node1');
    for (const name of ['db-0', 'db-1', 'db-2']) api.addPod(stuck(name));
    api.before = ({ method, path }) => {
      if (method === 'DELETE' && path.endsWith('/db-1')) api.hangs = true;
    };
    const { status, result } = await k8s({ ...REPAIRED, request_timeout: 1 });
    expect(status).toBe('failed');
    expect(names(result.deleted)).toEqual(['db-0']);
    expect(names(result.failed)).toEqual(['db-1', 'db-2']);
    expect(api.deletions()).toHaveLength(2);
  });
});
