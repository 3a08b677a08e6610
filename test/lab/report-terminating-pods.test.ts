import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubernetesApi } from './kubernetes-api.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';

let api: KubernetesApi;

beforeEach(async () => {
  api = await KubernetesApi.start();
});

afterEach(() => api.stop());

function report(...words: readonly string[]): Promise<PlaybookRun> {
  const args = ['-e', 'kube_context=prod', ...words];
  const place = { folder: api.folder, inventory: 'localhost,' };
  return runPlaybook(place, 'playbooks/report-terminating-pods.yml', { args, env: { KUBECONFIG: api.kubeconfig } });
}

// What the engine of a node that hangs leaves behind.
function hang(node: string, count: number): void {
  for (let i = 0; i < count; i++) {
    api.addPod({ name: `jupyter-${node}-${i}`, node, owner: 'ReplicaSet/hub', overdueSeconds: 3600 + i });
  }
}

test('three sick nodes of fifty are named, the trend is told, and the exit code tells', async () => {
  for (let i = 1; i <= 50; i++) {
    api.addNode(`node${i}`);
    api.addPod({ name: `web-${i}`, node: `node${i}`, owner: 'ReplicaSet/web' });
    // Ends in time: no pod to worry about.
    api.addPod({ name: `going-${i}`, node: `node${i}`, overdueSeconds: -20 });
  }
  const quiet = await report();
  expect(quiet).toMatchObject({ exitCode: 0 });
  expect(quiet.stdout).toContain('no pod is stuck Terminating');
  expect(quiet.report.customStats?.run).toMatchObject({
    terminating_pods: { count: 0, terminating: 50, change: null },
  });

  hang('node7', 12);
  hang('node31', 9);
  hang('node44', 1);
  const alarm = await report();
  expect(alarm.exitCode).toBe(2);
  expect(alarm.stdout).toMatch(
    /22 pods are stuck Terminating \(node7: 12, node31: 9, node44: 1\).*22 more than at .*, 0 are the same/,
  );
  expect(alarm.stdout).toMatch(/too many on node7, node31/);
  expect(alarm.report.customStats?.run).toMatchObject({
    terminating_pods: { count: 22, crowded_nodes: ['node7', 'node31'], change: 22, lasting: 0 },
  });

  for (const title of [...api.pods.keys()].filter((each) => each.includes('node31'))) api.pods.delete(title);
  const better = await report('-e', 'terminating_threshold=100', '-e', 'terminating_node_threshold=100');
  expect(better.exitCode).toBe(0);
  expect(better.report.customStats?.run).toMatchObject({ terminating_pods: { count: 13, change: -9, lasting: 13 } });
  const kept = JSON.parse(
    await readFile(join(api.folder, '.local/state/fleetmend/terminating-pods-prod.json'), 'utf8'),
  );
  expect(kept).toMatchObject({ count: 13 });
  expect(api.changes()).toEqual([]);
});

test('a cluster that does not answer is an alarm, not a calm', async () => {
  const { exitCode, stdout } = await report('-e', 'kube_context=dead');
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/refused/);
});
