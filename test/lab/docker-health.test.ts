import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerHealth } from '../../src/modules/docker-health.ts';
import { runModule } from '../util/module-runner.ts';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab, type WrittenFleet } from './docker-lab.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';
import { mustRun, startServer, waitUntil } from './process.ts';

const DETECT = 'playbooks/detect-hung-docker.yml';
const COLLECT = 'playbooks/collect-docker-diagnostics.yml';
const CHECK_MOUNT = 'playbooks/check-docker-data-mount.yml';

let lab: DockerLab;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 4 });
});

afterAll(() => lab?.stop());

describe('the incident of the nodes that hang, on a fleet of 50 hosts of which 3 are sick', () => {
  let fleet: WrittenFleet;
  let hung: DockerEngine;
  let down: DockerEngine;
  let shimPid: number;
  const undo: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const sick = [lab.host(2), lab.host(3), lab.host(4)] as const;
    fleet = await lab.writeFleet({ size: 50, healthy: lab.host(1), sick });
    await lab.host(1).engine.runContainer('web');
    hung = sick[0].engine;
    await hung.runContainer('pet');
    await hung.signal('SIGSTOP');
    undo.push(() => hung.signal('SIGCONT'));
    down = sick[1].engine;
    await down.stopDaemon();
    shimPid = await hangContainer(sick[2].engine, undo);
  });

  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  test('the playbook finds the three, says why, and all others are well', async () => {
    const json = join(lab.folder, 'health.json');
    // All healthy names are one machine here, so they are asked a few at a time.
    const events = join(lab.folder, 'events.ndjson');
    const args = [
      '-f',
      '6',
      '-e',
      'health_slow_after=20s',
      '-e',
      `health_json=${json}`,
      '--report',
      `ndjson=${events}`,
    ];
    const found = await runPlaybook(lab, DETECT, { inventory: fleet.inventory, args });
    expect(found.exitCode).toBe(2);
    const statuses = Object.fromEntries([...fleet.sick, ...fleet.healthy].map((host) => [host, statusOf(found, host)]));
    const [hungHost = '', downHost = '', oneHost = ''] = fleet.sick;
    expect(statuses).toEqual({
      ...Object.fromEntries(fleet.healthy.map((host) => [host, 'healthy'])),
      [hungHost]: 'hung',
      [downHost]: 'down',
      [oneHost]: 'container_hung',
    });
    const onHung = health(found, hungHost);
    expect(onHung.daemon).toMatchObject({ pid: await hung.daemonPid(), state: 'T' });
    expect(onHung.reasons).toContain(`the daemon (pid ${await hung.daemonPid()}) is stopped (state T)`);
    expect(health(found, downHost).reasons?.[0]).toContain('Cannot connect to the Docker daemon');
    const onOne = health(found, oneHost);
    expect(onOne.hung_containers).toMatchObject([{ name: 'stuck' }]);
    expect(onOne.reasons?.join()).toContain(`the shim (pid ${shimPid}) of container`);
    expect(onOne.containers).toEqual({ running: 2 });

    // Hosts that stand behind the hung one in the inventory are done before it, though fewer may work at once.
    const early = (await doneBefore(events, hungHost)).filter((host) => host > hungHost);
    expect(early.length).toBeGreaterThan(5);

    const alert = JSON.parse(await readFile(json, 'utf8')) as { host: string; status: string; reasons: string[] }[];
    expect(Object.fromEntries(alert.map(({ host, status }) => [host, status]))).toEqual(statuses);
    const failed = Object.entries(found.report.hosts).filter(([, counts]) => counts.failed === 1);
    expect(failed.map(([host]) => host).toSorted()).toEqual(fleet.sick.toSorted());
  });

  test('diagnostics of the sick ones are fetched, and that a stopped daemon gives no stacks is said', async () => {
    const dest = join(lab.folder, 'packages/');
    const variables = { diagnostics_dest: dest, diagnostics_debug_for: 0, diagnostics_health_budget: '10s' };
    const args = ['-l', [...fleet.sick, fleet.healthy[0]].join(), '-e', JSON.stringify(variables)];
    const collected = await runPlaybook(lab, COLLECT, {
      inventory: fleet.inventory,
      args: [...args, '-e', 'diagnostics_only_sick=true'],
    });
    expect(collected.exitCode).toBe(0);
    const [run = ''] = await readdir(dest);
    expect(await readdir(join(dest, run))).toEqual(fleet.sick.map((host) => `${host}.tgz`).toSorted());
    const [hungHost = '', downHost = '', oneHost = ''] = fleet.sick;
    const packed = async (host: string) =>
      (await mustRun('tar', ['-tzf', join(dest, run, `${host}.tgz`)])).split('\n').map((path) => path.split('/')[1]);
    expect(await packed(hungHost)).toEqual(
      expect.arrayContaining(['dockerd-kernel-stacks.txt', 'containerd-stacks.txt']),
    );
    expect(await packed(hungHost)).not.toContain('dockerd-stacks.txt');
    expect(await packed(oneHost)).toContain('dockerd-stacks.txt');
    const notes = (host: string) => {
      const { result } = collected.result(host, 'docker_diagnostics');
      const items = result.items as readonly { file: string; note?: string }[];
      return Object.fromEntries(items.map(({ file, note }) => [file, note]));
    };
    expect(notes(hungHost)['dockerd-stacks.txt']).toContain('is stopped (state T)');
    expect(notes(hungHost)['docker-info.txt']).toBe('no answer within 10 s');
    expect(notes(downHost)['dockerd-stacks.txt']).toBe('no daemon was found');
    // It collected, and cured nothing.
    expect(await readFile(`/proc/${await hung.daemonPid()}/stat`, 'utf8')).toContain(') T ');
  });

  test('a hung daemon is cured by a restart, and the playbook says so', async () => {
    const playbook = join(lab.folder, 'restart.yml');
    const { stop, start } = hung.commands;
    const restart = { docker_restart: { stop_command: stop, start_command: start, list_timeout: '2s' } };
    const play = { hosts: 'node2', become: true, gather_facts: false, tasks: [restart] };
    await writeFile(playbook, JSON.stringify([play]));
    const cured = await runPlaybook(lab, playbook);
    expect(cured.exitCode, cured.stdout).toBe(0);
    undo.splice(0, 1);
    const found = await runPlaybook(lab, DETECT, { args: ['-l', 'node1:node2'] });
    expect(found.exitCode, found.stdout).toBe(0);
    expect(health(found, 'node2').containers).toEqual({ exited: 1 });
  });
});

describe('the incident of the data root on the wrong disk', () => {
  test('hosts whose data is not on its own mount are named with where it is', async () => {
    const { engine } = lab.host(1);
    await engine.stopDaemon();
    await mustRun('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'data-disk', engine.dataRoot]);
    try {
      await engine.start();
      const args = ['-l', 'node1:node2'];
      const found = await runPlaybook(lab, CHECK_MOUNT, { args });
      expect(found.exitCode).toBe(2);
      expect(found.report.hosts).toMatchObject({ node1: { failed: 0 }, node2: { failed: 1 } });
      expect(health(found, 'node1').data_root).toMatchObject({
        path: engine.dataRoot,
        mount: engine.dataRoot,
        device: 'data-disk',
        fstype: 'tmpfs',
      });
      expect(found.stdout).toMatch(/node2 => \S+ is on \/ \(\S+, \d+ % full\), expected any but \//);

      const wanted = [...args, '-e', 'data_device=data-disk'];
      expect((await runPlaybook(lab, CHECK_MOUNT, { args: wanted })).report.hosts).toMatchObject({
        node1: { failed: 0 },
        node2: { failed: 1 },
      });
    } finally {
      await engine.stopDaemon();
      await mustRun('umount', ['-l', engine.dataRoot]);
    }
  });
});

test('needs nothing but busybox on the host', async () => {
  const tools = join(lab.folder, 'tools');
  await mkdir(tools);
  const applets = 'sh timeout true sleep tr date cat grep ls sed sort head tail readlink printf awk wc df cut dmesg';
  for (const applet of applets.split(' ')) await symlink('/bin/busybox', join(tools, applet));
  const ids = ['a', 'b'].map((digit) => digit.repeat(64));
  const answers = [
    "--version) echo 'Docker version 20.10.5, build 55c4c88' ;;",
    `ps) printf '${ids[0]}\\tweb\\tUp 3 hours\\n${ids[1]}\\tdb\\tUp 3 hours\\n' ;;`,
    `info) echo '["20.10.5","overlay2",[],"${lab.folder}",true]' ;;`,
    `version) echo '{"Version":"20.10.5"}' ;;`,
    `inspect) case $* in *${ids[1]}*) exec sleep 600 ;; *) echo running ;; esac ;;`,
  ];
  await writeFile(join(tools, 'docker'), `#!/bin/sh\ncase $1 in\n${answers.join('\n')}\nesac\n`, { mode: 0o755 });
  const options = { shell: ['/bin/busybox', 'sh'], env: { PATH: tools } };
  const { result } = await runModule(dockerHealth, { budget: '10s', docker_host: 'unix:///no.sock' }, options);
  expect(result).toMatchObject({
    status: 'container_hung',
    hung_containers: [{ id: ids[1], name: 'db' }],
    containers: { running: 2 },
    data_root: { path: lab.folder, used_percent: expect.any(Number) as number },
    live_restore: true,
  });
  expect(result.load).toHaveLength(3);
});

// A shim that is stopped keeps a `docker kill` of its container waiting, and with it the container's lock.
async function hangContainer(engine: DockerEngine, undo: (() => Promise<unknown>)[]): Promise<number> {
  await engine.runContainer('fine');
  const id = await engine.runContainer('stuck');
  const pid = Number(await mustRun('pgrep', ['-f', `containerd-shim.*-id ${id}`]));
  process.kill(pid, 'SIGSTOP');
  undo.push(async () => process.kill(pid, 'SIGCONT'));
  const killing = startServer('docker', ['-H', `unix://${engine.socket}`, 'kill', id]);
  undo.push(() => killing.stop());
  await waitUntil(
    async () => (await engine.docker('inspect', '-f', 'x', 'fine')).exitCode === 0 && (await hangs(engine, id)),
    () => 'the container does not hang',
  );
  return pid;
}

async function hangs(engine: DockerEngine, id: string): Promise<boolean> {
  const words = ['2', 'docker', '-H', `unix://${engine.socket}`, 'inspect', '-f', 'x', id];
  return mustRun('timeout', words).then(
    () => false,
    () => true,
  );
}

// The hosts whose first task ended before that of a host.
async function doneBefore(events: string, host: string): Promise<string[]> {
  const parsed = (await readFile(events, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TaskEvent);
  const results = parsed.filter(({ taskId, type }) => taskId === 'p1.1' && type === 'host:result');
  const hosts = results.map((event) => event.host);
  return hosts.slice(0, hosts.indexOf(host));
}

interface TaskEvent {
  readonly type: string;
  readonly taskId?: string;
  readonly host: string;
}

interface Health {
  readonly status?: string;
  readonly reasons?: readonly string[];
  readonly daemon?: unknown;
  readonly containers?: unknown;
  readonly hung_containers?: unknown;
  readonly data_root?: unknown;
}

function health(found: PlaybookRun, host: string): Health {
  return found.result(host, 'docker_health').result;
}

function statusOf(found: PlaybookRun, host: string): string | undefined {
  return health(found, host).status;
}
