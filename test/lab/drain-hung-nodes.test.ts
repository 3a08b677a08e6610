import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORDONED_BY } from '../../src/modules/kubernetes/node.ts';
import { type DockerLab, startDockerLab, type WrittenFleet } from './docker-lab.ts';
import { KubernetesApi } from './kubernetes-api.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';

const PLAYBOOK = 'playbooks/drain-hung-nodes.yml';

let lab: DockerLab;
let api: KubernetesApi;
/** The same cluster for runs that must not change it. */
let onlooker: KubernetesApi;
let fleet: WrittenFleet;
/** How the engine of a host is stopped and started, as variables. */
let commands: string;

beforeAll(async () => {
  [lab, api, onlooker] = await Promise.all([
    startDockerLab({ hosts: 4 }),
    KubernetesApi.start(),
    KubernetesApi.start(),
  ]);
});

afterAll(async () => {
  await api?.stop();
  await onlooker?.stop();
  await lab?.stop();
});

function drain(cluster: KubernetesApi, ...words: readonly string[]): Promise<PlaybookRun> {
  const sick = JSON.stringify(fleet.sick);
  const quick = {
    // Half of it is waited for each answer that does not come. Those that answer have plenty on a busy machine.
    drain_budget: `{{ '5s' if inventory_hostname in ${sick} else '15s' }}`,
    drain_verify_delay: 1,
    drain_kubelet_delay: 0,
    drain_kubelet_retries: 1,
    drain_diagnostics: '',
  };
  // All healthy names are one machine here, so they are asked a few at a time.
  const args = ['-f', '8', '-e', JSON.stringify(quick), '-e', commands, ...words];
  return runPlaybook(lab, PLAYBOOK, { inventory: fleet.inventory, args, env: { KUBECONFIG: cluster.kubeconfig } });
}

const drainSick = (cluster: KubernetesApi, ...words: readonly string[]) =>
  drain(cluster, '--limit', fleet.sick.join(','), ...words);
const isCordoned = (node: string): boolean => api.nodes.get(node)?.spec.unschedulable === true;
const isOurs = (node: string): boolean => Object.hasOwn(api.nodes.get(node)?.metadata.annotations ?? {}, CORDONED_BY);
const resultOf = (run: PlaybookRun, task: string, host: string) =>
  run.report.plays.flatMap(({ tasks }) => tasks).find(({ name }) => name === task)?.hosts[host];

describe('three nodes of fifty whose engine hangs', () => {
  let sick: readonly string[];
  let check: PlaybookRun;
  let refused: PlaybookRun;
  let failed: PlaybookRun;

  beforeAll(async () => {
    const hosts = [lab.host(2), lab.host(3), lab.host(4)] as const;
    fleet = await lab.writeFleet({ size: 50, healthy: lab.host(1), sick: hosts });
    sick = fleet.sick;
    for (const [i, { engine }] of hosts.entries()) {
      const node = sick[i] ?? '';
      await engine.runContainer(`alive-${i}`, '--restart=always', '--label', `io.kubernetes.pod.uid=uid-alive-${i}`);
      api.addPod({ name: `gone-${i}`, node, owner: 'StatefulSet/db', overdueSeconds: 3600 });
      api.addPod({ name: `alive-${i}`, node, owner: 'StatefulSet/db', overdueSeconds: 3600 });
      const alive = api.pods.get(`prod/alive-${i}`);
      if (alive !== undefined) alive.metadata.uid = `uid-alive-${i}`;
      await engine.signal('SIGSTOP');
    }
    for (const cluster of [api, onlooker]) {
      for (const node of [...sick, ...fleet.healthy]) cluster.addNode(node);
      // Somebody else keeps the third one out of use.
      const third = cluster.nodes.get(sick[2] ?? '');
      if (third !== undefined) third.spec.unschedulable = true;
    }
    // Each host has an engine of its own, which the script beside its socket stops and starts.
    const engine = '"$(dirname "$DOCKER_HOST" | cut -c 8-)/engine"';
    commands = JSON.stringify({
      drain_stop_command: `${engine} stop`,
      drain_start_command: `${engine} start`,
      drain_list_timeout: '1s',
      drain_kill_after: '1s',
      drain_stop_timeout: '20s',
      drain_start_timeout: '60s',
    });
    // Most of their time is spent on waiting for engines that hang. The last one is not cured by its run: all are hung or down.
    const broken = { drain_start_command: 'echo no disk >&2; exit 1', drain_diagnostics: `${lab.folder}/diagnostics/` };
    [check, refused, failed] = await Promise.all([
      drainSick(onlooker, '-e', 'drain_serial=100%', '--check'),
      drainSick(onlooker, '-e', 'drain_max_nodes=2', '--lock-wait', 'none'),
      drainSick(api, '-e', JSON.stringify(broken)),
    ]);
  });

  test('are named in check mode with each step, and left alone when more hang than is plausible', () => {
    expect(check.exitCode).toBe(0);
    for (const node of sick.slice(0, 2)) expect(check.stdout).toContain(`cordon node ${node}`);
    for (const node of sick) expect(resultOf(check, 'Restart the engine', node)?.status).toBe('changed');
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toMatch(/3 engines hang .*more than drain_max_nodes \(2\); nothing was changed/);
    expect(onlooker.changes()).toEqual([]);
  });

  test('end the run at the first that cannot be repaired, which stays cordoned', async () => {
    expect(failed.exitCode).toBe(2);
    const [first = '', second = ''] = sick;
    expect(failed.stdout).toMatch(
      new RegExp(`${first} is not repaired and stays cordoned: 'Restart the engine' failed`),
    );
    expect([isCordoned(first), isOurs(first), isCordoned(second)]).toEqual([true, true, false]);
    const packages = await readdir(join(lab.folder, 'diagnostics', failed.report.run.id));
    expect(packages).toEqual([`${first}.tgz`]);
    expect(api.deletions()).toEqual([]);
    expect(resultOf(failed, 'Keep new pods away', second)).toBeUndefined();
  });

  test('are repaired one after the other, stuck pods cleared with proof, and uncordoned where that was ours', async () => {
    const uids = sick.map((_, i) => api.uidOf(`prod/gone-${i}`));
    const cured = await drain(api, '-e', 'drain_serial=2');
    for (const node of fleet.healthy) expect(cured.report.hosts[node]).toMatchObject({ ok: 1, failed: 0 });
    expect(cured.stdout + cured.stderr).not.toContain('Internal error');
    expect(cured.exitCode).toBe(0);
    for (const [i, node] of sick.entries()) {
      expect(resultOf(cured, 'Verify that the engine works', node)?.result.status).toMatch(/^(healthy|slow)$/);
      expect([isCordoned(node), isOurs(node)]).toEqual([i === 2, false]);
      // The kubelet is no part of this lab: the pod with containers stays for it.
      expect(api.pods.has(`prod/gone-${i}`)).toBe(false);
      expect(api.pods.has(`prod/alive-${i}`)).toBe(true);
    }
    const sent = api.deletions().map(({ path, body }) => [path, (body as { preconditions?: object }).preconditions]);
    expect(sent.toSorted()).toEqual(uids.map((uid, i) => [`/api/v1/namespaces/prod/pods/gone-${i}`, { uid }]));
    const again = await drainSick(api);
    expect(again.exitCode).toBe(0);
    expect(resultOf(again, 'Restart the engine', sick[0] ?? '')).toBeUndefined();
  });
});
