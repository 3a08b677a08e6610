import { describe, expect, test } from 'vitest';
import { parseScriptLines } from '../../../src/modules/docker/script.ts';
import { assess } from '../../../src/modules/docker-health/assess.ts';
import { normalizeOptions } from '../../../src/modules/docker-health/options.ts';
import { parseReading } from '../../../src/modules/docker-health/reading.ts';

const ID = '5c4357914778'.padEnd(64, '0');
const ENGINE = 'engine\t/usr/bin/docker\t0\tDocker version 20.10.24+dfsg1, build 297e128';
const HOST = 'host\t4\t0\t0.50 0.40 0.30 2/400 1234\nprocesses\t0\t0\t';
const VERSION =
  'probe\tversion\t0\t160 {"Platform":{"Name":""},"Components":[{"Name":"Engine","Version":"20.10.24+dfsg1"},{"Name":"containerd","Version":"1.6.20~ds1"},{"Name":"runc","Version":"1.1.5+ds1"}],"Version":"20.10.24+dfsg1"}';
const INFO =
  'probe\tinfo\t0\t30 ["20.10.24+dfsg1","overlay2",[["Backing Filesystem","extfs"]],"/var/lib/docker",false]';
const PS =
  'probe\tps\t0\t170 \nstate\tUp\t2\t\nstate\tUp (Paused)\t1\t\nstate\tExited\t5\t\nstate\tRemoval In Progress\t1\t';
const DONE = 'done\t-\t0\t';
const WELL = [ENGINE, HOST, VERSION, INFO, PS, 'probe\tinspect\t0\t50 ', DONE];

const OPTIONS = normalizeOptions({});

describe('status', () => {
  test('an engine that answers all is healthy', () => {
    expect(judge(WELL)).toMatchObject({ status: 'healthy', reasons: [] });
  });

  test('a stopped daemon answers nothing, and its state says why', () => {
    const lines = [
      ENGINE,
      'daemon\t6842\t0\tT 360',
      HOST,
      'probe\tps\t124\t10010 ',
      'probe\tversion\t124\t10020 null ',
      'probe\tinfo\t124\t10010 ["","",null,"",false] ',
      DONE,
    ];
    expect(judge(lines)).toMatchObject({
      status: 'hung',
      reasons: [
        '`ps` did not answer within 10 s',
        '`info` did not answer within 10 s',
        'the daemon (pid 6842) is stopped (state T)',
      ],
    });
  });

  test('a version that answers does not hide that ps hangs', () => {
    const lines = [ENGINE, HOST, VERSION, INFO, 'probe\tps\t124\t10010 ', DONE];
    expect(judge(lines)).toMatchObject({
      status: 'hung',
      reasons: ['`ps` did not answer within 10 s', '`info` and `version` did answer'],
    });
  });

  test('a probe that has no line was cut off, and counts as hung', () => {
    expect(judge([ENGINE, HOST, VERSION, PS])).toMatchObject({
      status: 'hung',
      reasons: ['`info` did not answer within 10 s', '`ps` and `version` did answer'],
    });
  });

  test('one container whose inspection hangs is told apart from the daemon', () => {
    const lines = [
      ...WELL.slice(0, 5),
      'probe\tinspect\t124\t4010 ',
      `name\t${ID}\t0\tweb`,
      `name\t${'1'.repeat(64)}\t0\tdb`,
      `inspect\t${'1'.repeat(64)}\t0\t40 running`,
      `inspect\t${ID}\t124\t2000 `,
      `shim\t7499\t0\tT /usr/bin/containerd-shim-runc-v2 -namespace moby -id ${ID} -address /run/containerd/containerd.sock`,
      DONE,
    ];
    const reading = read(lines);
    expect(reading.hungContainers).toEqual([{ id: ID, name: 'web' }]);
    expect(assess(reading, OPTIONS)).toMatchObject({
      status: 'container_hung',
      reasons: [
        '`inspect` of container web did not answer within 2 s; the daemon did',
        'the shim (pid 7499) of container 5c4357914778 is stopped (state T)',
      ],
    });
  });

  test.each([
    [
      'down',
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    ],
    [
      'not_permitted',
      'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied',
      'no permission to use docker: Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied',
    ],
  ])('%s', (status, text, reason) => {
    const lines = [ENGINE, HOST, `probe\tps\t1\t40 ${text}`, `probe\tinfo\t1\t40 ["","",null,"",false] ${text}`, DONE];
    expect(judge(lines)).toMatchObject({ status, reasons: [reason] });
  });

  test('what takes long is slow', () => {
    const lines = WELL.map((line) => line.replace('ps\t0\t170', 'ps\t0\t7350'));
    expect(judge(lines)).toMatchObject({ status: 'slow', reasons: ['`ps` took 7.3 s'] });
  });

  test('the node of the incident: load, stuck runc init, OOM kills and old versions beside the hang', () => {
    const lines = [
      'engine\t/usr/bin/docker\t0\tDocker version 17.03.2-ce, build f5ec1e2',
      'host\t8\t0\t530.12 500.00 480.00 530/2100 4242\nprocesses\t523\t520\t',
      'probe\tps\t124\t10000 ',
      'probe\tinfo\t124\t10000 ',
      'probe\tversion\t0\t90 {"Version":"17.03.2-ce","ApiVersion":"1.27"}',
      'component\tcontainerd\t0\tcontainerd version 0.2.3 commit:4ab9917febca54791c5f071a9d1f404867857fcc',
      'component\trunc\t0\trunc version 1.0.0-rc2',
      'oom\t2\t0\t',
      'oom-line\t-\t0\t[7993043.926831] Memory cgroup out of memory: Kill process 20357 (runc:[2:INIT]) score 970 or sacrifice child',
      DONE,
    ];
    expect(judge(lines).reasons).toEqual([
      '`ps` did not answer within 10 s',
      '`info` did not answer within 10 s',
      '`version` did answer',
      '520 `runc init` are stuck',
      '523 processes wait for the kernel (state D)',
      'load 530.12 on 8 CPUs',
      '2 OOM kills in the kernel log, the last: [7993043.926831] Memory cgroup out of memory: Kill process 20357 (runc:[2:INIT]) score 970 or sacrifice child',
      expect.stringContaining('engine 17.03.2-ce has a known fault, fixed in 17.07.0'),
      expect.stringContaining('containerd 0.2.3 has a known fault, fixed in 1.0.2'),
      expect.stringContaining('runc 1.0.0-rc2 has a known fault, fixed in 1.0.0-rc5'),
    ]);
  });
});

describe('figures', () => {
  test('states are those of the engine, with what is paused apart', () => {
    expect(read(WELL).containers).toEqual({ running: 2, paused: 1, exited: 5, removing: 1 });
  });

  test('versions are those of the daemon', () => {
    expect(read(WELL).versions).toEqual({
      client: '20.10.24+dfsg1',
      engine: '20.10.24+dfsg1',
      containerd: '1.6.20~ds1',
      runc: '1.1.5+ds1',
    });
  });

  test('a thin pool is read from the status of its driver', () => {
    const status = JSON.stringify([
      ['Pool Name', 'docker-thinpool'],
      ['Data Space Used', '91.72 GB'],
      ['Data Space Total', '102 GB'],
      ['Metadata Space Used', '17.22 MB'],
      ['Metadata Space Total', '1.07 GB'],
    ]);
    const info = `probe\tinfo\t0\t30 ["17.03.2-ce","devicemapper",${status},"/var/lib/docker",false]`;
    const lines = [ENGINE, HOST, VERSION, info, PS, DONE];
    expect(read(lines).thinPool).toEqual({ dataPercent: 89.9, metadataPercent: 1.6 });
    expect(judge(lines)).toMatchObject({
      status: 'healthy',
      reasons: ['the data of the thin pool is 89.9 % full'],
    });
  });

  test.each([
    ['a mount of its own', '/var/lib/docker', 'xfs / /var/lib/docker', '/var/lib/docker'],
    ['the root file system', '/', 'ext4 / /', '/'],
    ['a bind of the root on itself, as dockerd makes it', '/var/lib/docker', 'ext4 /var/lib/docker /', '/'],
    ['a bind of a folder of another disk', '/var/lib/docker', 'ext4 /docker /mnt', '/var/lib/docker'],
    ['a self-bind on another disk', '/mnt/docker', 'ext4 /docker /mnt', '/mnt'],
  ])('the mount of a data root: %s', (_, mount, mountinfo, expected) => {
    const lines = [
      ...WELL,
      'root\t/var/lib/docker\t0\t',
      `space\t-\t0\t/dev/sdb1 264212084 24471096 81919816 93% ${mount}`,
      'inodes\t-\t0\t/dev/sdb1 16777216 480884 16296332 3% /var/lib/docker',
      `mount\t${mount}\t0\t${mountinfo}`,
    ];
    expect(read(lines).dataRoot).toEqual({
      path: '/var/lib/docker',
      mount: expected,
      device: '/dev/sdb1',
      fstype: mountinfo.split(' ')[0],
      sizeBytes: 264212084 * 1024,
      usedPercent: 93,
      inodesUsedPercent: 3,
    });
    expect(judge(lines).reasons).toEqual([`${expected}, which holds /var/lib/docker, is 93 % full`]);
  });

  test('podman has no daemon; its parts are read all the same', () => {
    const lines = [
      'engine\t/usr/bin/podman\t0\tpodman version 4.3.1',
      HOST,
      'probe\tinfo\t0\t90 ["4.3.1","overlay",{"Backing Filesystem":"extfs"},"/var/lib/containers/storage",false]',
      'probe\tps\t0\t80 ',
      'state\trunning\t2\t',
      DONE,
    ];
    expect(read(lines)).toMatchObject({
      storageDriver: 'overlay',
      containers: { running: 2 },
      versions: { engine: '4.3.1' },
    });
    expect(judge(lines).status).toBe('healthy');
  });
});

function read(lines: readonly string[]) {
  const reading = parseReading(parseScriptLines(lines.join('\n')));
  if (reading === undefined) throw new Error('no reading');
  return reading;
}

function judge(lines: readonly string[]) {
  return assess(read(lines), OPTIONS);
}
