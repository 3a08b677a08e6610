import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DevicemapperHost,
  type DevicemapperLab,
  messageOf,
  nodes,
  type StandInEngine,
  startDevicemapperLab,
} from './devicemapper-host.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';

const PLAYBOOK = 'playbooks/rebuild-devicemapper-pool.yml';
const CONTAINERS = { web: '', pod: 'nginx-1' };
const DIRECT: StandInEngine = { pool: 'direct', containers: CONTAINERS, images: ['app:1', 'reg.example/db:2'] };
const TOLD = { confirm: true, rebuild_lose_containers: true };
const SAME_SIZE = [
  'lvremove -f docker/thinpool',
  'lvcreate --wipesignatures y -n thinpool docker -L 199229440s',
  'lvcreate --wipesignatures y -n thinpoolmeta docker -L 2097152s',
  'lvconvert -y --zero n -c 512K --thinpool docker/thinpool --poolmetadata docker/thinpoolmeta',
  'lvchange --metadataprofile docker-thinpool docker/thinpool',
  'lvchange --monitor y docker/thinpool',
];
const BEFORE = 'the host is as it was, and the engine runs with its old pool';
const AFTER = 'the point of no return was passed: the old pool is gone';

let lab: DevicemapperLab;

beforeAll(async () => {
  lab = await startDevicemapperLab(9);
});

afterAll(() => lab?.stop());

function rebuild(variables: Readonly<Record<string, unknown>>, ...args: string[]): Promise<PlaybookRun> {
  const common = {
    rebuild_stop_command: 'engine stop',
    rebuild_start_command: 'engine start',
    rebuild_start_timeout: '30s',
    rebuild_config: '{{ state }}/daemon.json',
    rebuild_data_root: '{{ state }}/data',
    rebuild_profiles: '{{ state }}/profile',
    rebuild_backups: '{{ state }}/backups',
  };
  return runPlaybook(lab, PLAYBOOK, { args: ['-e', JSON.stringify({ ...common, ...variables }), ...args] });
}

async function imagesOf(host: DevicemapperHost): Promise<string[]> {
  const names = await readdir(join(host.folder, 'data/image/devicemapper'));
  return names.filter((name) => !name.endsWith('.json')).map((name) => name.replace('!', '/'));
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a pool that was made by hand', () => {
  test('what would be lost, saved and done is shown, and nothing is done, unless confirmed', async () => {
    const host = lab.host(1);
    await host.reset(DIRECT);
    const before = await host.state();
    for (const args of [{}, TOLD]) {
      const shown = await rebuild(args, '-l', 'node1', ...('confirm' in args ? ['--check'] : []));
      expect(shown.exitCode, shown.stdout).toBe(0);
      expect(shown.stdout).toContain('containers (2): pod, web; images (2): app:1, reg.example/db:2; volumes stay');
      expect(shown.stdout).toMatch(/in \S+\/backups: what docker inspect says.*images: app:1, reg.example\/db:2/);
      expect(shown.stdout).toContain('lvremove docker/thinpool: this is the point of no return; lvcreate (199229440s');
      expect(shown.stdout).toContain('nothing was changed; to do it: -e confirm=yes');
      expect(shown.report.hosts.node1).toMatchObject({ changed: 0, failed: 0 });
    }
    const refused = await rebuild({ confirm: true }, '-l', 'node1');
    expect(messageOf(refused, host)).toMatch(/^web: neither Kubernetes .*-e rebuild_lose_containers=yes; nothing was/);
    expect([await host.changes(), await host.state()]).toEqual([[], before]);
  });

  test('is made again as large as it was; images are there again, pets too, and volumes were never gone', async () => {
    const host = lab.host(1);
    await host.reset(DIRECT);
    const config = await host.read('daemon.json');
    const done = await rebuild({ ...TOLD, rebuild_pet_names: ['web'] }, '-l', 'node1');
    expect(done.exitCode, done.stdout).toBe(0);
    const [stamp = ''] = await readdir(join(host.folder, 'backups'));
    const folder = join(host.folder, 'backups', stamp);
    const calls = await host.changes();
    const [commit, save] = calls;
    expect(commit).toMatch(/^docker commit --pause=true .* web:\d+T\d+Z$/);
    const pet = commit?.split(' ').at(-1);
    expect(save).toBe(`docker save -o ${folder}/images.tar app:1 reg.example/db:2 ${pet}`);
    const load = `docker load -i ${folder}/images.tar`;
    expect(calls.slice(2)).toEqual(['engine stop', ...SAME_SIZE, 'engine start', load]);
    expect(await imagesOf(host)).toEqual(['app:1', 'reg.example/db:2', pet].toSorted());
    expect(await host.read('data/volumes/kept/_data/file')).toBe('precious');
    expect(await host.read(`backups/${stamp}/containers.json`)).toContain('web');
    expect([await host.read('daemon.json'), await host.read('up')]).toEqual([config, config]);
    const left = await host.state();
    for (const gone of ['data/before-rebuild', 'data/containers/web']) expect(left).not.toContain(gone);
    expect(done.stdout).toMatch(/a new pool \(102GB\) and 3 images; to be made again: pod, web/);
  });

  test('gets other options and another size where it is told', async () => {
    const host = lab.host(1);
    await host.reset({ ...DIRECT, containers: {} });
    const options = ['dm.thinpooldev=/dev/mapper/docker-thinpool', 'dm.basesize=20G'];
    const own = {
      rebuild_storage_opts: options,
      rebuild_size: '50g',
      rebuild_metadata_size: '256m',
      rebuild_save: 'none',
    };
    const done = await rebuild({ confirm: true, ...own }, '-l', 'node1');
    expect(done.exitCode, done.stdout).toBe(0);
    const sizes = (await host.changes())
      .filter((call) => call.startsWith('lvcreate'))
      .map((call) => call.split(' ').at(-1));
    expect(sizes).toEqual(['50g', '256m']);
    expect(JSON.parse(await host.read('up'))).toMatchObject({ 'storage-opts': options });
    expect(await imagesOf(host)).toEqual([]);
  });
});

test('the incident: an engine that does not find its pool, and is down', async () => {
  const host = lab.host(1);
  await host.reset(DIRECT);
  for (const call of ['engine stop', 'lvremove -f docker/thinpool']) await host.shell(call);
  expect(await host.shell('engine start')).toContain('devicemapper: Non existing device docker-thinpool');
  const refused = await rebuild({ confirm: true }, '-l', 'node1');
  expect(refused.stdout).toContain('containers (2): pod, web; images (2): app:1, reg.example/db:2');
  expect(messageOf(refused, host)).toMatch(/the engine is down, so nothing can be saved.*rebuild_without_backup=yes/);
  await host.write('calls', '');
  const cured = await rebuild({ confirm: true, rebuild_without_backup: true }, '-l', 'node1');
  expect(cured.exitCode, cured.stdout).toBe(0);
  const calls = await host.changes();
  expect(calls.slice(0, 2)).toEqual([
    'lvcreate --wipesignatures y -n thinpool docker -l 95%VG',
    'lvcreate --wipesignatures y -n thinpoolmeta docker -l 1%VG',
  ]);
  expect(await host.shell('docker info')).toContain('"Pool Name","docker-thinpool"');
  expect(await host.read('data/volumes/kept/_data/file')).toBe('precious');
});

test('a pool that the engine made: it makes the next one too; and the files of loop-lvm', async () => {
  const [made, loop] = [lab.host(1), lab.host(2)];
  await made.reset({ ...DIRECT, pool: 'by-engine' });
  await loop.reset({ ...DIRECT, pool: 'loop' });
  const done = await rebuild({ ...TOLD, rebuild_serial: 2 }, '-l', nodes(2));
  expect(done.exitCode, done.stdout).toBe(0);
  const engineCalls = async (host: DevicemapperHost) =>
    (await host.changes()).filter((call) => !call.startsWith('docker '));
  expect(await engineCalls(made)).toEqual(['engine stop', 'vgremove -f docker', 'pvremove /dev/xvdf', 'engine start']);
  expect(await engineCalls(loop)).toEqual(['engine stop', 'engine start']);
  expect(await loop.read('data/devicemapper/devicemapper/data')).toBe('new\n');
  for (const host of [made, loop]) {
    expect(await imagesOf(host)).toEqual(['app:1', 'reg.example/db:2']);
    expect(await exists(join(host.folder, 'data/before-rebuild'))).toBe(false);
  }
});

test('refuses what has no such pool, pools with volumes of others, and places that cannot be', async () => {
  const engines: StandInEngine[] = [
    { ...DIRECT, version: '28.5.2' },
    { ...DIRECT, pool: 'overlay2' },
    ...Array.from({ length: 6 }, () => DIRECT),
  ];
  for (const [i, engine] of engines.entries()) await lab.host(i + 1).reset(engine);
  await lab.host(3).write('lvm/docker/data', 'in thinpool');
  await lab.host(4).write('live-restore', 'true');
  await lab.host(5).write('lvm/docker/thinpool', 'linear');
  await lab.host(6).write('data/before-rebuild', '');
  await lab.host(7).fail('engine stop', 'Job for docker.service canceled.');
  await lab.host(8).reset({ ...DIRECT, pool: 'by-engine' });
  await lab.host(8).write('lvm/docker/backups', 'linear');
  const before = await Promise.all(lab.hosts.slice(0, 8).map((host) => host.state()));
  const made = await rebuild({ ...TOLD, rebuild_serial: '100%' }, '-l', nodes(8));
  expect(made.exitCode).toBe(2);
  const expected = [
    /has no storage driver devicemapper, which was removed in version 25; use overlay2.*nothing was changed/,
    /expected the storage driver devicemapper, found overlay2.*nothing was changed/,
    /others have volumes in the pool too: data; nothing was changed/,
    /with live-restore, pod, web would run on without a disk; .*nothing was changed/,
    /expected docker\/thinpool to be a thin pool, found attributes -wi-a-----; nothing was changed/,
    /before-rebuild holds files of a run that was broken off; .*nothing was changed/,
    /^'Stop the engine' failed: .*canceled.*; the host is as it was/s,
    /the volume group docker has to be removed for the engine, but holds more than the pool: backups/,
  ];
  for (const [i, message] of expected.entries()) {
    const host = lab.host(i + 1);
    expect(messageOf(made, host)).toMatch(message);
    expect(await host.state(), host.name).toEqual(before[i]);
  }
  const inside = { ...TOLD, rebuild_backups: '{{ state }}/data/backups', rebuild_load: '/nowhere/images.tar' };
  await lab.host(1).reset(DIRECT);
  const wrong = await rebuild(inside, '-l', 'node1');
  expect(messageOf(wrong, lab.host(1))).toMatch(
    /is in the data root; .*found nothing at \/nowhere\/images.tar; nothing/,
  );
});

describe('a step that fails', () => {
  async function failing(
    calls: readonly string[],
    engine: StandInEngine,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<{ made: PlaybookRun; hosts: readonly DevicemapperHost[]; before: readonly (readonly string[])[] }> {
    const hosts = calls.map((_, i) => lab.host(i + 1));
    await Promise.all(hosts.map((host) => host.reset(engine)));
    // Of each image, in bytes.
    for (const [i, call] of calls.entries()) if (call === 'no room') await hosts[i]?.write('size', String(2 ** 60));
    const before = await Promise.all(hosts.map((host) => host.state()));
    // The start is tried twice.
    for (const [i, call] of calls.entries()) await hosts[i]?.fail(call, 'no luck', call === 'engine start' ? 2 : 1);
    const made = await rebuild({ ...TOLD, rebuild_serial: '100%', ...variables }, '-l', nodes(calls.length));
    expect(made.exitCode).toBe(2);
    return { made, hosts, before };
  }

  test('before the point of no return leaves the host as it was, with its engine started again', async () => {
    const calls = ['docker commit', 'docker save', 'no room', 'engine stop', 'mv data/containers', 'lvremove'];
    const { made, hosts, before } = await failing(calls, DIRECT, { rebuild_pet_names: ['web'] });
    for (const [i, host] of hosts.entries()) {
      expect(messageOf(made, host), made.stdout).toContain(BEFORE);
      // A pet that was committed stays committed.
      const state = (await host.state()).filter((path) => !/image\/devicemapper\/web:/.test(path));
      expect(state, host.name).toEqual(before[i]);
    }
    expect(messageOf(made, lab.host(3))).toMatch(
      /the images need up to \d+ KiB, .* name another folder with -e rebuild_backups/,
    );
    const { made: loop, hosts: loops, before: files } = await failing(['engine start'], { ...DIRECT, pool: 'loop' });
    for (const [i, host] of loops.entries()) {
      expect(messageOf(loop, host)).toContain(BEFORE);
      expect(await host.state()).toEqual(files[i]);
    }
  });

  test('after it says so, what was saved, and how to go on; and that works', async () => {
    const calls = ['lvcreate', 'lvcreate thinpoolmeta', 'lvconvert', 'lvchange --metadataprofile', 'engine start'];
    const { made, hosts } = await failing([...calls, 'docker load'], DIRECT);
    const volumes = await Promise.all(hosts.map((host) => host.read('data/volumes/kept/_data/file')));
    expect(new Set(volumes)).toEqual(new Set(['precious']));
    const load = hosts.map((host) => /Saved: (\S+)\. /.exec(messageOf(made, host))?.[1] ?? '');
    for (const [i, host] of hosts.entries()) {
      expect(messageOf(made, host)).toContain(AFTER);
      expect(await exists(`${load[i]}/images.tar`)).toBe(true);
    }
    expect(messageOf(made, lab.host(6))).toContain(
      `The new pool works; mend the cause, then: docker load -i ${load[5]}`,
    );
    const [first = ''] = load;
    const size = '-e rebuild_size=199229440s -e rebuild_metadata_size=2097152s';
    const way = `run this again with -e rebuild_without_backup=yes -e rebuild_load=${first}/images.tar ${size}`;
    expect(messageOf(made, lab.host(1))).toContain(way);

    const again = {
      ...{ confirm: true, rebuild_without_backup: true, rebuild_size: '199229440s', rebuild_metadata_size: '2097152s' },
      ...{ rebuild_load: '{{ load[inventory_hostname] }}', rebuild_serial: '100%' },
      load: Object.fromEntries(hosts.map(({ name }, i) => [name, `${load[i]}/images.tar`])),
    };
    const cured = await rebuild(again, '-l', nodes(calls.length));
    expect(cured.exitCode, cured.stdout).toBe(0);
    for (const host of hosts.slice(0, calls.length)) {
      expect(await imagesOf(host)).toEqual(['app:1', 'reg.example/db:2']);
      expect(await host.changes()).toContain('lvcreate --wipesignatures y -n thinpool docker -L 199229440s');
    }
  });

  test('says so when the engine does not come up again either', async () => {
    const host = lab.host(1);
    await host.reset({ ...DIRECT, pool: 'loop' });
    await host.fail('engine start', 'no luck', 4);
    const made = await rebuild(TOLD, '-l', 'node1');
    expect(messageOf(made, host)).toMatch(
      /^'Start the engine' failed: .*; the engine does not work as before.*Cannot connect/s,
    );
    expect(await host.read('data/devicemapper/devicemapper/data')).toBe('old');
  });

  test('ends the run: the hosts after it are left alone', async () => {
    for (const number of [1, 2]) await lab.host(number).reset(DIRECT);
    await lab.host(1).fail('lvremove', 'Logical volume docker/thinpool in use.');
    const made = await rebuild(TOLD, '-l', nodes(2));
    expect(made.exitCode).toBe(2);
    expect(messageOf(made, lab.host(1))).toMatch(/Logical volume docker\/thinpool in use.; the host is as it was/);
    expect(await lab.host(2).changes()).toEqual([]);
  });
});
