import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type DevicemapperHost,
  type DevicemapperLab,
  messageOf,
  nodes,
  type StandInEngine,
  startDevicemapperLab,
} from './devicemapper-host.ts';
import { startDockerEngine } from './docker-engine.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';

const PLAYBOOK = 'playbooks/configure-direct-lvm.yml';
const DIRECT = ['dm.directlvm_device=/dev/xvdf', 'dm.thinp_percent=95', 'dm.thinp_metapercent=1'];
const MADE_BY_HAND = [
  'pvcreate /dev/xvdf',
  'vgcreate docker /dev/xvdf',
  'lvcreate --wipesignatures y -n thinpool docker -l 95%VG',
  'lvcreate --wipesignatures y -n thinpoolmeta docker -l 1%VG',
  'lvconvert -y --zero n -c 512K --thinpool docker/thinpool --poolmetadata docker/thinpoolmeta',
  'lvchange --metadataprofile docker-thinpool docker/thinpool',
  'lvchange --monitor y docker/thinpool',
];

let lab: DevicemapperLab;

beforeAll(async () => {
  lab = await startDevicemapperLab(10);
});

afterAll(() => lab?.stop());

function configure(variables: Readonly<Record<string, unknown>>, ...args: string[]): Promise<PlaybookRun> {
  const common = {
    lvm_device: '/dev/xvdf',
    lvm_stop_command: 'engine stop',
    lvm_start_command: 'engine start',
    lvm_start_timeout: '30s',
    lvm_config: '{{ state }}/daemon.json',
    lvm_profiles: '{{ state }}/profile',
  };
  return runPlaybook(lab, PLAYBOOK, { args: ['-e', JSON.stringify({ ...common, ...variables }), ...args] });
}

describe('a host with loop-lvm', () => {
  let host: DevicemapperHost;
  const only = ['-l', 'node1'];

  beforeEach(async () => {
    host = lab.host(1);
    await host.reset({ containers: { web: '', pod: 'nginx-1' }, images: ['app:1', 'reg.example/db:2'] });
  });

  test('shows what would be done and what would be hidden, and does nothing, unless confirmed', async () => {
    const before = await host.state();
    for (const args of [{}, { confirm: true, lvm_leave_containers: true }]) {
      const shown = await configure(args, ...only, ...('confirm' in args ? ['--check'] : []));
      expect(shown.exitCode, shown.stdout).toBe(0);
      expect(shown.stdout).toContain('containers (2): pod, web; images (2): app:1, reg.example/db:2');
      expect(shown.stdout).toContain('all of /dev/xvdf, which is empty, becomes the volume group docker');
      expect(shown.stdout).toContain(`storage-opts ${DIRECT.join(' ')}`);
      expect(shown.stdout).toContain('nothing was changed; to do it: -e confirm=yes');
      expect(shown.report.hosts.node1).toMatchObject({ changed: 0, failed: 0 });
    }
    expect([await host.changes(), await host.state()]).toEqual([[], before]);
  });

  test('refuses while there are containers that nobody makes again', async () => {
    const before = await host.state();
    const refused = await configure({ confirm: true }, ...only);
    expect(refused.exitCode).toBe(2);
    expect(messageOf(refused, host)).toMatch(/^web: neither Kubernetes .*-e lvm_leave_containers=yes; nothing was/);
    expect([await host.changes(), await host.state()]).toEqual([[], before]);
  });

  test('has the engine make the pool; what was is set aside, volumes stay; a second run does nothing', async () => {
    const done = await configure({ confirm: true, lvm_leave_containers: true }, ...only);
    expect(done.exitCode, done.stdout).toBe(0);
    expect(await host.changes()).toEqual(['engine stop', 'engine start']);
    const settings = JSON.parse(await host.read('daemon.json')) as Record<string, unknown>;
    const growth = ['dm.thinp_autoextend_threshold=80', 'dm.thinp_autoextend_percent=20'];
    const options = [...DIRECT, ...growth, 'dm.directlvm_device_force=false'];
    expect(settings).toEqual({ 'storage-driver': 'devicemapper', 'storage-opts': options, debug: false });
    const aside = join(host.folder, 'data/before-direct-lvm');
    expect((await readdir(aside)).toSorted()).toEqual(['containers', 'devicemapper', 'image']);
    expect((await readdir(join(aside, 'containers'))).toSorted()).toEqual(['pod', 'web']);
    expect(await host.read('data/volumes/kept/_data/file')).toBe('precious');
    expect(done.stdout).toMatch(
      /the engine works with the pool docker-thinpool \(102GB\); daemon.json of before: .*~;/,
    );

    const state = await host.state();
    const again = await configure({ confirm: true, lvm_leave_containers: true }, ...only);
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain('works with the pool docker-thinpool already; nothing to do');
    expect(await host.state()).toEqual(state);
  });

  test('makes the pool by hand, where it is told, with names, sizes and options of its own', async () => {
    const own = {
      ...{ lvm_vg: 'docker-data', lvm_pool: 'pool', lvm_percent: 80, lvm_metadata_percent: 2, lvm_threshold: 70 },
      lvm_storage_opts: ['dm.basesize=20G'],
    };
    const shown = await configure({ ...own, lvm_mode: 'manual' }, ...only);
    const options = 'dm.thinpooldev=/dev/mapper/docker--data-pool dm.use_deferred_removal=true';
    expect(shown.stdout).toContain(`storage-opts ${options} dm.use_deferred_deletion=true dm.basesize=20G`);
    expect(shown.stdout).toContain('lvcreate (80%VG, metadata 2%VG), lvconvert, lvchange --metadataprofile');

    const done = await configure({ confirm: true, lvm_leave_containers: true, lvm_mode: 'manual' }, ...only);
    expect(done.exitCode, done.stdout).toBe(0);
    expect(await host.changes()).toEqual([...MADE_BY_HAND, 'engine stop', 'engine start']);
    const profile = await host.read('profile/docker-thinpool.profile');
    expect(profile).toMatch(
      /^activation \{\n +thin_pool_autoextend_threshold=80\n +thin_pool_autoextend_percent=20\n\}/,
    );
  });
});

test('an engine with another driver keeps all its files where they are', async () => {
  const host = lab.host(1);
  await host.reset({ pool: 'overlay2', containers: { pod: 'nginx-1' } });
  const done = await configure({ confirm: true }, '-l', 'node1');
  expect(done.exitCode, done.stdout).toBe(0);
  const state = await host.state();
  for (const kept of ['data/containers/pod', 'data/overlay2', 'data/image/overlay2/app:1'])
    expect(state).toContain(kept);
  expect(state.filter((path) => path.includes('before-direct-lvm'))).toEqual([]);
});

test('refuses engines that have no devicemapper, cannot make a pool, do not answer, or let containers live on', async () => {
  const engines = ['28.5.2', '25.0.0', '24.0.9', '17.03.2-ce', '18.09.9', '18.09.9'];
  for (const [i, version] of engines.entries())
    await lab.host(i + 1).reset({ version, containers: { pod: 'nginx-1' } });
  await lab.host(5).fail('docker info', 'Cannot connect to the Docker daemon. Is the docker daemon running?');
  await lab.host(6).write('live-restore', 'true');
  const made = await configure({ confirm: true, lvm_serial: '100%' }, '-l', nodes(6));
  expect(made.exitCode).toBe(2);
  const removed =
    /has no storage driver devicemapper, which was removed in version 25; use overlay2.*nothing was changed/;
  for (const number of [1, 2]) expect(messageOf(made, lab.host(number))).toMatch(removed);
  expect(made.report.hosts.node3).toMatchObject({ failed: 0 });
  expect(messageOf(made, lab.host(4))).toMatch(/engine 17.03.2-ce cannot make the pool itself.*-e lvm_mode=manual/);
  expect(messageOf(made, lab.host(5))).toMatch(/the engine does not answer.*Cannot connect/);
  expect(messageOf(made, lab.host(6))).toMatch(/with live-restore, pod would run on without an engine/);
  for (const number of [1, 2, 4, 5, 6]) expect(await lab.host(number).changes()).toEqual([]);
});

test('refuses a device on which there is anything, a volume group of the name, and files that were set aside', async () => {
  const disk = 'NAME="xvdf" TYPE="disk" SIZE="100G" FSTYPE="" MOUNTPOINT=""';
  const found: [file: string, text: string, message: RegExp][] = [
    ['on-device', disk.replace('FSTYPE=""', 'FSTYPE="xfs"'), /FSTYPE="xfs"/],
    ['on-device', `${disk}\n${disk.replace('xvdf', 'xvdf1').replace('disk', 'part')}\n`, /NAME="xvdf1" TYPE="part"/],
    ['on-device', disk.replace('MOUNTPOINT=""', 'MOUNTPOINT="/srv"'), /MOUNTPOINT="\/srv"/],
    ['on-device', disk.replace('disk', 'lvm'), /TYPE="lvm"/],
    [
      'signature',
      'offset               type\n0x1fe                dos   [partition table]\n',
      /dos {3}\[partition table\]/,
    ],
    ['lvm/xvdf.pv', 'other\n', /LVM2_member.*physical volume \/dev\/xvdf other/],
    ['lvm/docker.vg', '/dev/xvdg', /there is a volume group docker already/],
    ['data/before-direct-lvm', '', /before-direct-lvm holds files that an earlier run set aside/],
  ];
  for (const [i, [file, text]] of found.entries()) {
    await lab.host(i + 1).reset();
    await lab.host(i + 1).write(file, text);
  }
  const states = await Promise.all(lab.hosts.map((host) => host.state().catch(() => [])));
  const made = await configure({ confirm: true, lvm_serial: '100%' }, '-l', nodes(8));
  expect(made.exitCode).toBe(2);
  for (const [i, [, , message]] of found.entries()) {
    const host = lab.host(i + 1);
    expect(messageOf(made, host)).toMatch(message);
    expect(messageOf(made, host)).toContain('nothing was changed');
    expect([await host.changes(), await host.state()]).toEqual([[], states[i]]);
  }
  const wrong = await configure({ lvm_device: 'xvdf', lvm_percent: 99, lvm_metadata_percent: 2 }, '-l', 'node1');
  expect(messageOf(wrong, lab.host(1))).toMatch(/expected lvm_device to be the path.*found xvdf; .*99 and 2; nothing/);
  const none = await configure({ lvm_device: '/dev/sdq' }, '-l', 'node1');
  expect(messageOf(none, lab.host(1))).toMatch(/found lsblk: \/dev\/sdq: not a block device; nothing was changed/);
});

describe('whatever fails, the host is as it was', () => {
  const containers = { web: '', pod: 'nginx-1' };
  const told = { confirm: true, lvm_leave_containers: true, lvm_serial: '100%' };
  const START = 'Error starting daemon: error initializing graphdriver';

  async function failing(
    steps: readonly (readonly [call: string, task: string])[],
    engine: StandInEngine,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const hosts = steps.map((_, i) => lab.host(i + 1));
    await Promise.all(hosts.map((host) => host.reset(engine)));
    const before = await Promise.all(hosts.map((host) => host.state()));
    // The start is tried twice.
    for (const [i, [call]] of steps.entries()) await lab.host(i + 1).fail(call, START, call === 'engine start' ? 2 : 1);
    const made = await configure({ ...told, ...variables }, '-l', hosts.map(({ name }) => name).join(','));
    expect(made.exitCode).toBe(2);
    for (const [i, host] of hosts.entries()) {
      expect(messageOf(made, host)).toMatch(new RegExp(`^'${steps[i]?.[1]}' failed: .*; the host is as it was`, 's'));
      expect(await host.state(), host.name).toEqual(before[i]);
    }
  }

  test('each step of the pool that is made by hand', async () => {
    const steps = [
      ['pvcreate', 'Make the device a physical volume'],
      ['vgcreate', 'Make the volume group'],
      ['lvcreate', 'Make the data volume'],
      ['lvcreate thinpoolmeta', 'Make the metadata volume'],
      ['lvconvert', 'Make them a thin pool'],
      ['lvchange --metadataprofile', 'Let it grow'],
      ['lvchange --monitor', 'Watch it'],
      ['engine stop', 'Stop the engine'],
      ['mv data/containers', 'Set the files of the driver aside'],
      ['engine start', 'Start the engine'],
    ] as const;
    await failing(steps, { containers }, { lvm_mode: 'manual' });
  });

  test('an engine that does not start, or that makes half a pool', async () => {
    await failing([['engine start', 'Start the engine']], { containers, pool: 'overlay2' }, {});
    const host = lab.host(1);
    await host.reset({ containers });
    const before = await host.state();
    await host.write('half', '2');
    const made = await configure(told, '-l', 'node1');
    expect(messageOf(made, host)).toMatch(/^'Start the engine' failed: .*; the host is as it was/s);
    expect(await host.changes()).toEqual(expect.arrayContaining(['vgremove -f docker', 'pvremove /dev/xvdf']));
    expect(await host.state()).toEqual(before);
  });

  test('what cannot be undone is said: an engine that does not come up again', async () => {
    const host = lab.host(1);
    await host.reset({ containers });
    await host.fail('engine start', START, 4);
    const made = await configure({ ...told, lvm_mode: 'manual' }, '-l', 'node1');
    expect(made.exitCode).toBe(2);
    expect(messageOf(made, host)).toMatch(
      /^'Start the engine' failed: .*; the engine does not work as before.*Cannot connect/s,
    );
    expect(JSON.parse(await host.read('daemon.json'))).toEqual({ 'storage-driver': 'devicemapper', debug: false });
    expect(await host.state()).toContain('data/containers/web/own');
    expect(await host.state()).not.toContain('lvm/docker.vg');
  });

  test('ends the run at the first host; a pool that cannot be taken away is said', async () => {
    for (const number of [1, 2, 3]) await lab.host(number).reset();
    await lab.host(1).fail('lvconvert', 'reload ioctl failed');
    await lab.host(1).fail('vgremove', 'Logical volume docker/thinpool in use.');
    const made = await configure({ confirm: true, lvm_mode: 'manual' }, '-l', nodes(3));
    expect(made.exitCode).toBe(2);
    expect(messageOf(made, lab.host(1))).toMatch(
      /reload ioctl failed; the engine runs with its old driver, but \/dev\/xvdf is not empty: .*in use/,
    );
    for (const number of [2, 3]) expect(await lab.host(number).changes()).toEqual([]);
  });
});

test('a real engine that does not start with the driver, as none does here, is back with its containers', async () => {
  const host = lab.host(10);
  await host.reset({ pool: 'overlay2', containers: {}, images: [] });
  for (const part of ['data', 'daemon.json', 'up']) await rm(join(host.folder, part), { recursive: true, force: true });
  for (const tool of ['docker', 'dockerd', 'engine', 'mv']) await rm(join(host.folder, 'bin', tool));
  // Its socket is where the host's sessions look for it.
  const engine = await startDockerEngine(host.folder);
  try {
    await engine.writeConfig({ debug: true });
    await engine.runContainer('web');
    await engine.runContainer('always', '--restart', 'always');
    await engine.runContainer('pod', '--label', 'io.kubernetes.pod.name=nginx-1');
    const { start: lvm_start_command, stop: lvm_stop_command } = engine.commands;
    const own = { lvm_start_command, lvm_stop_command, lvm_mode: 'manual' };
    const shown = await configure(own, '-l', 'node10');
    expect(shown.stdout).toMatch(/containers \(3\): pod, always, web; images \(1\): bb:1; driver of both: \w+/);
    const refused = await configure({ ...own, confirm: true }, '-l', 'node10');
    expect(messageOf(refused, host)).toMatch(/^always, web: neither Kubernetes/);

    const failed = await configure({ ...own, confirm: true, lvm_leave_containers: true }, '-l', 'node10');
    expect(messageOf(failed, host), failed.stdout).toMatch(/^'Start the engine' failed: .*; the host is as it was/s);
    expect(await engine.readConfig()).toEqual({ debug: true });
    for (const name of ['web', 'always', 'pod']) expect(await engine.stateOf(name)).toBe('running');
    expect((await host.changes()).slice(-2)).toEqual(['vgremove -f docker', 'pvremove /dev/xvdf']);
    expect(await readdir(join(host.folder, 'data'))).not.toContain('before-direct-lvm');
  } finally {
    await engine.stop();
  }
});
