import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { type EngineRepository, makeEngineRepository, type PackageRoot } from './engine-packages.ts';
import { KubernetesApi } from './kubernetes-api.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';
import { mustRun, run, startServer, waitUntil } from './process.ts';

const PLAYBOOK = 'playbooks/upgrade-docker-engine.yml';

let lab: DockerLab;
let api: KubernetesApi;
let repository: EngineRepository;
let roots: readonly PackageRoot[];
let inventory: string;
const fleet = Array.from({ length: 50 }, (_, index) => `fleet${String(index + 1).padStart(2, '0')}`);
const sick = ['fleet13', 'fleet26', 'fleet39'];

beforeAll(async () => {
  [lab, api] = await Promise.all([startDockerLab({ hosts: 5 }), KubernetesApi.start()]);
  repository = await makeEngineRepository(join(lab.folder, 'packages'));
  const { old, next } = repository.versions;
  roots = await Promise.all(lab.hosts.map((host, index) => repository.makeRoot(host, index === 4 ? next : old)));
  const { engine: current } = lab.host(5);
  await current.stopDaemon();
  await mustRun('sh', ['-c', String(roots[4]?.variables.upgrade_start_command)]);
  for (const { engine } of lab.hosts.slice(0, 3)) {
    await engine.runContainer('web', '--restart=always');
    await engine.runContainer('batch');
    await engine.exitContainer('done');
  }
  await roots[0]?.run('apt-mark', 'hold', 'docker-ce');
  await lab.host(4).engine.signal('SIGSTOP');
  inventory = await writeInventory();
  for (const name of [...fleet, 'node1', 'node2', 'node3', 'node4']) api.addNode(name);
});

afterAll(async () => {
  await api?.stop();
  await lab?.stop();
});

// The fleet's first three names are machines of their own, the sick ones a fourth. The next twelve are the first again, which is
// done when their turn comes; all others a fifth, which has the version already.
async function writeInventory(): Promise<string> {
  const hostOf = (index: number): number => {
    if (sick.includes(fleet[index] ?? '')) return 4;
    if (index < 3) return index + 1;
    return index < 15 ? 1 : 5;
  };
  const entry = (number: number) => ({
    ansible_host: '127.0.0.1',
    ansible_port: lab.host(number).port,
    ...roots[number - 1]?.variables,
  });
  const entries = [
    ...lab.hosts.map(({ name }, index) => [name, entry(index + 1)]),
    ...fleet.map((name, index) => [name, entry(hostOf(index))]),
  ];
  const vars = {
    ansible_user: lab.user,
    ansible_ssh_private_key_file: lab.keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.knownHosts}`,
  };
  const file = join(lab.folder, 'upgrade.yml');
  await writeFile(file, JSON.stringify({ all: { vars, hosts: Object.fromEntries(entries) } }));
  return file;
}

function upgrade(version: string, limit: readonly string[], ...words: readonly string[]): Promise<PlaybookRun> {
  const hung = JSON.stringify([...sick, 'node4']);
  const quick = {
    // Half of it is waited for each answer that does not come. Those that answer have plenty on a busy machine.
    upgrade_budget: `{{ '5s' if inventory_hostname in ${hung} else '15s' }}`,
    upgrade_poll: 1,
    upgrade_verify_delay: 1,
    upgrade_start_timeout: '60s',
  };
  const args = ['-f', '6', '-e', JSON.stringify(quick), '--limit', limit.join(',')];
  if (version !== '') args.push('-e', `upgrade_version=${version}`);
  return runPlaybook(lab, PLAYBOOK, { inventory, args: [...args, ...words], env: { KUBECONFIG: api.kubeconfig } });
}

const CONFIRMED = ['-e', 'confirm=yes'];
const IN_CLUSTER = ['-e', 'kube_context=prod'];
const runningVersion = (number: number) =>
  lab.host(number).engine.mustDocker('version', '--format', '{{.Server.Version}}');
const runs = async (number: number) => {
  const names = await lab.host(number).engine.mustDocker('ps', '--format', '{{.Names}}');
  return names.split('\n').toSorted();
};
const patchesOf = (node: string) => api.changes().filter((change) => change === `PATCH /api/v1/nodes/${node}`);
const isCordoned = (node: string) => api.nodes.get(node)?.spec.unschedulable === true;
const untouched = async (number: number) => {
  const { old } = repository.versions;
  expect(await runningVersion(number)).toContain(old);
  expect(await roots[number - 1]?.installed('docker-ce')).toBe(repository.packageVersion(old));
  expect(await runs(number)).toEqual(['batch', 'web']);
  await staysOnHold();
};
// What was on hold when the tests began.
const staysOnHold = async () =>
  expect(await roots[0]?.run('apt-mark', 'showhold')).toMatchObject({ stdout: 'docker-ce\n' });

describe('before anything is touched', () => {
  test('a version must be given, with all its numbers', async () => {
    const [none, short] = await Promise.all([
      upgrade('', ['node1'], '--lock-wait', 'none'),
      upgrade('24.0', ['node1'], '--lock-wait', 'none'),
    ]);
    expect(none.exitCode).toBe(2);
    expect(none.stdout).toContain('for example -e upgrade_version=24.0.7, found none; nothing was changed');
    expect(short.stdout).toContain("found '24.0'");
  });

  test('a version that is not on offer is refused, with those that are', async () => {
    const { old, next, broken } = repository.versions;
    const refused = await upgrade('99.0.1', ['node1'], ...CONFIRMED);
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toContain('apt does not offer 99.0.1 of docker-ce, docker-ce-cli; nothing was changed');
    for (const version of [old, next, broken]) expect(refused.stdout).toContain(repository.packageVersion(version));
    await untouched(1);
  });

  test('protected containers refuse it', async () => {
    const protect = ['-e', '{"upgrade_protect": {"names": ["batch"]}}'];
    const refused = await upgrade(repository.versions.next, ['node1'], ...CONFIRMED, ...protect);
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toMatch(/would stop 1 protected container: .*batch/);
    await untouched(1);
  });

  test('without confirm, and in check mode, the plan is shown and no host is changed', async () => {
    const { old, next } = repository.versions;
    const nodes = ['node1', 'node2'];
    const [plan, check] = await Promise.all([upgrade(next, nodes), upgrade(next, nodes, '--check', ...IN_CLUSTER)]);
    expect(plan.exitCode, plan.stdout).toBe(0);
    const [from, to] = [repository.packageVersion(old), repository.packageVersion(next)];
    expect(plan.stdout).toContain(
      `engine ${await runningVersion(1)} -> ${to} (docker-ce ${from} -> ${to}, stays on hold; docker-ce-cli`,
    );
    expect(plan.stdout).toContain('live-restore is off, stops batch, web');
    expect(plan.stdout).toContain('nothing was changed; to do it: -e confirm=yes');
    expect(check.exitCode, check.stdout).toBe(0);
    for (const node of nodes) {
      expect(check.stdout).toContain(`cordon node ${node}`);
      expect(check.result(node, 'k8s_node').status).toBe('changed');
      for (const host of Object.values(plan.report.hosts)) expect(host).toMatchObject({ changed: 0, failed: 0 });
    }
    expect(check.stdout).toMatch(/stop container \w+ \(batch, bb:1\)/);
    expect(api.changes()).toEqual([]);
    for (const number of [1, 2]) await untouched(number);
    expect(await readdir(join(lab.folder, 'packages/roots/node1'))).not.toContain('records');
  });
});

describe('a canary that fails ends the run', () => {
  test('before the point of no return: the host is as it was', async () => {
    const failed = await upgrade(repository.versions.refusing, ['node1', 'node2'], ...CONFIRMED, ...IN_CLUSTER);
    expect(failed.exitCode).toBe(2);
    const why = "the host is as it was; 'Install the packages' failed: this kernel is too old; dpkg: error";
    expect(failed.stdout).toContain(`before the point of no return, the installation: ${why}`);
    expect([patchesOf('node1').length, isCordoned('node1')]).toEqual([2, false]);
    expect(patchesOf('node2')).toEqual([]);
    for (const number of [1, 2]) await untouched(number);
  });

  test('after it: the node stays cordoned, and the printed command rolls the host back', async () => {
    const failed = await upgrade(repository.versions.broken, ['node1', 'node2'], ...CONFIRMED, ...IN_CLUSTER);
    expect(failed.exitCode).toBe(2);
    expect(failed.stdout).toContain(
      'past the point of no return, the installation: the engine does not answer, node node1 stays',
    );
    expect([isCordoned('node1'), isCordoned('node2')]).toEqual([true, false]);
    expect(failed.report.hosts.node2).toMatchObject({ changed: 0, failed: 0 });
    await untouched(2);

    // As the message says.
    const [, file = ''] = /to roll back on this host: sh (\S+\/rollback);/.exec(failed.stdout) ?? [];
    const env = { ...process.env, ...(roots[0]?.variables.upgrade_environment as Record<string, string>) };
    const rolledBack = await run('sh', [file], { env });
    expect(rolledBack.exitCode, rolledBack.stderr).toBe(0);
    expect(rolledBack.stdout).toContain('docker-ce');
    await lab.host(1).engine.mustDocker('start', 'batch');
    await untouched(1);
  });
});

describe('fifty hosts, three of which hang', () => {
  test('the others are upgraded, the canary first, and the sick are refused and left alone', async () => {
    const { next } = repository.versions;
    const serial = ['-e', '{"upgrade_serial": [{"canary": 1}, "50%"]}'];
    const done = await upgrade(next, fleet, ...CONFIRMED, ...IN_CLUSTER, ...serial);
    expect(done.exitCode, done.stdout).toBe(2);
    for (const host of fleet) {
      const isSick = sick.includes(host);
      expect(done.report.hosts[host], host).toMatchObject({ failed: isSick ? 1 : 0, unreachable: 0 });
    }
    expect(done.stdout).toMatch(/refused: the engine is hung/);
    for (const number of [1, 2, 3]) {
      expect(await runningVersion(number)).toContain(next);
      expect(await roots[number - 1]?.installed('docker-ce-cli')).toBe(repository.packageVersion(next));
      expect(await runs(number)).toEqual(['batch', 'web']);
    }
    await staysOnHold();
    expect(await roots[3]?.installed('docker-ce')).toBe(repository.packageVersion(repository.versions.old));
    // Cordoned and uncordoned where something was done, the canary before all others.
    const patched = api.changes().filter((change) => change.includes('/fleet'));
    const order = ['fleet01', 'fleet02', 'fleet03'].map((node) => patched.indexOf(`PATCH /api/v1/nodes/${node}`));
    expect(patched.slice(0, 2)).toEqual(Array(2).fill('PATCH /api/v1/nodes/fleet01'));
    expect([patched.length, order.includes(-1)]).toEqual([6, false]);
    expect(fleet.filter(isCordoned)).toEqual([]);
  });

  test('what runs the version is left alone', async () => {
    const again = await upgrade(repository.versions.next, ['node1', 'node2', 'node3'], ...CONFIRMED);
    expect(again.exitCode).toBe(0);
    for (const host of Object.values(again.report.hosts)) expect(host).toMatchObject({ changed: 0, failed: 0 });
  });

  test('more sick hosts than allowed, and no host is touched', async () => {
    const { old } = repository.versions;
    const back = ['-e', 'upgrade_allow_downgrade=yes', '-e', 'upgrade_max_refused=0'];
    const ended = await upgrade(old, ['node3', 'node4'], ...CONFIRMED, ...back);
    expect(ended.exitCode).toBe(2);
    expect(await runningVersion(3)).toContain(repository.versions.next);
  });
});

describe('the way back', () => {
  test('is refused unless it is asked for', async () => {
    const { old, next } = repository.versions;
    const refused = await upgrade(old, ['node2'], ...CONFIRMED);
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toContain('To go back: -e upgrade_allow_downgrade=yes');
    expect(await runningVersion(2)).toContain(next);
    const back = await upgrade(old, ['node2'], ...CONFIRMED, '-e', 'upgrade_allow_downgrade=yes');
    expect(back.exitCode, back.stdout).toBe(0);
    await untouched(2);
  });

  test('a given command installs it where there is no package manager', async () => {
    const { next } = repository.versions;
    const target = `${lab.folder}/packages/versions/$VERSION/dockerd`;
    const command = `ln -sfn "${target}" ${lab.folder}/packages/roots/node2/usr/sbin/dockerd`;
    const done = await upgrade(next, ['node2'], ...CONFIRMED, '-e', JSON.stringify({ upgrade_command: command }));
    expect(done.exitCode, done.stdout).toBe(0);
    expect(await runningVersion(2)).toContain(next);
    expect(await runs(2)).toEqual(['batch', 'web']);
  });

  test('an installation that was begun goes on when the run is interrupted, and starts the engine', async () => {
    const { old } = repository.versions;
    const command = `touch ${lab.folder}/begun; sleep 2; ln -sfn /usr/sbin/dockerd ${lab.folder}/packages/roots/node2/usr/sbin/dockerd`;
    const variables = { upgrade_version: old, upgrade_command: command, confirm: true, upgrade_allow_downgrade: true };
    const words = ['run', PLAYBOOK, '-i', inventory, '-l', 'node2', '-e', JSON.stringify(variables)];
    const home = ['HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'].map((name) => `${name}=${lab.folder}`);
    const interrupted = startServer('env', [...home, process.execPath, 'src/cli/main.ts', ...words]);
    await waitUntil(() => existsSync(join(lab.folder, 'begun')), interrupted.log, 60_000);
    process.kill(interrupted.pid, 'SIGINT');
    await interrupted.stop();
    await waitUntil(
      async () => (await lab.host(2).engine.docker('version', '--format', '{{.Server.Version}}')).stdout.includes(old),
      interrupted.log,
      60_000,
    );
  });
});
