import { describe, expect, test } from 'vitest';
import { dateTime } from '../../src/facts/date-time.ts';
import { distribution } from '../../src/facts/distribution.ts';
import type { Gatherer } from '../../src/facts/gatherer.ts';
import { parseAssignments, parseSections } from '../../src/facts/gatherer.ts';
import { memory, processor } from '../../src/facts/hardware.ts';
import { mounts } from '../../src/facts/mounts.ts';
import { network } from '../../src/facts/network.ts';
import { platform } from '../../src/facts/platform.ts';
import { security, serviceManager } from '../../src/facts/services.ts';
import { env, user } from '../../src/facts/user.ts';
import { virtualization } from '../../src/facts/virtualization.ts';

function parse(gatherer: Gatherer, sections: Readonly<Record<string, string>>) {
  const output = Object.entries(sections).map(([name, text]) => `\n#fleetmend ${name}\n${text}`);
  return gatherer.parse(parseSections(output.join('')));
}

describe('parseSections', () => {
  test('gives each section its text, and none for what was not printed', () => {
    const sections = parseSections('noise\n#fleetmend a\n1\n\n2\n\n#fleetmend b\n\n#fleetmend c\nlast\n');
    expect([sections.text('a'), sections.text('b'), sections.text('c'), sections.text('d')]).toEqual([
      '1\n\n2\n',
      '',
      'last',
      '',
    ]);
    expect(sections.lines('a')).toEqual(['1', '2']);
    expect(sections.line('d')).toBeUndefined();
  });
});

test('parseAssignments removes quotes and escapes', () => {
  const values = parseAssignments('# A=1\nA="x \\"y\\" \\$z"\nB=\'q\'\nC=plain\nnothing\n');
  expect([...values]).toEqual([
    ['A', 'x "y" $z'],
    ['B', 'q'],
    ['C', 'plain'],
  ]);
});

describe('distribution', () => {
  test.each([
    [
      'Debian, whose minor version is in its own file',
      {
        os_release:
          'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm',
        debian_version: '12.11',
        commands: '/usr/bin/apt-get',
      },
      {
        distribution: 'Debian',
        distribution_version: '12.11',
        distribution_major_version: '12',
        distribution_minor_version: '11',
        distribution_release: 'bookworm',
        os_family: 'Debian',
        pkg_mgr: 'apt',
      },
    ],
    [
      'Debian testing, whose own file has a name',
      { os_release: 'ID=debian\nVERSION_CODENAME=trixie\nVERSION_ID="13"', debian_version: 'trixie/sid' },
      { distribution_version: '13', distribution_release: 'trixie' },
    ],
    [
      'Ubuntu',
      {
        os_release: 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy',
        debian_version: 'bookworm/sid',
        commands: '/usr/bin/apt-get',
      },
      {
        distribution: 'Ubuntu',
        distribution_version: '22.04',
        distribution_major_version: '22',
        distribution_release: 'jammy',
        os_family: 'Debian',
      },
    ],
    [
      'CentOS 7',
      {
        os_release: 'ID="centos"\nVERSION_ID="7"\nVERSION="7 (Core)"',
        redhat_release: 'CentOS Linux release 7.9.2009 (Core)',
        commands: '/usr/bin/yum',
      },
      {
        distribution: 'CentOS',
        distribution_version: '7.9',
        distribution_major_version: '7',
        distribution_release: 'Core',
        os_family: 'RedHat',
        pkg_mgr: 'yum',
      },
    ],
    [
      'CentOS 6, which has no os-release',
      { redhat_release: 'CentOS release 6.10 (Final)', commands: '/usr/bin/yum' },
      { distribution: 'CentOS', distribution_version: '6.10', os_family: 'RedHat' },
    ],
    [
      'Red Hat 8, which has yum as another name of dnf',
      { os_release: 'ID="rhel"\nVERSION_ID="8.6"\nVERSION="8.6 (Ootpa)"', commands: '/usr/bin/dnf\n/usr/bin/yum' },
      { distribution: 'RedHat', distribution_version: '8.6', distribution_release: 'Ootpa', pkg_mgr: 'dnf' },
    ],
    [
      'Alpine',
      { os_release: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.18.4', commands: '/sbin/apk' },
      {
        distribution: 'Alpine',
        distribution_version: '3.18.4',
        distribution_major_version: '3',
        distribution_release: 'NA',
        os_family: 'Alpine',
        pkg_mgr: 'apk',
      },
    ],
    [
      'one that is not known, by what it is like',
      { os_release: 'NAME="Nobara Linux"\nID=nobara\nID_LIKE="rhel centos fedora"\nVERSION_ID=39' },
      { distribution: 'Nobara Linux', os_family: 'RedHat', pkg_mgr: 'unknown' },
    ],
    [
      'a host that tells nothing',
      {},
      { distribution: 'Linux', distribution_version: 'NA', os_family: 'Linux', lsb: {} },
    ],
  ])('%s', (_, sections, facts) => {
    expect(parse(distribution, sections)).toMatchObject(facts);
  });
});

describe('platform', () => {
  test('takes the domain from the full name', () => {
    const facts = parse(platform, {
      kernel: 'Linux\n6.1.0\ni686\nweb1.example.org',
      kernel_version: '#1 SMP',
      fqdn: 'web1.example.org',
      bits: '32',
    });
    expect(facts).toMatchObject({
      hostname: 'web1',
      nodename: 'web1.example.org',
      domain: 'example.org',
      architecture: 'i386',
      machine: 'i686',
      userspace_bits: '32',
    });
  });

  test('takes the node name where there is no full name', () => {
    expect(parse(platform, { kernel: 'Linux\n6.1\nx86_64\nweb1' })).toMatchObject({ fqdn: 'web1', domain: '' });
  });
});

describe('processor', () => {
  const cpu = (n: number, socket: number) =>
    `processor\t: ${n}\nvendor_id\t: V\nmodel name\t: M\nphysical id\t: ${socket}\nsiblings\t: 4\ncpu cores\t: 2`;

  test('counts sockets, cores and threads', () => {
    const cpuinfo = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => cpu(n, n >> 2)).join('\n');
    expect(parse(processor, { cpuinfo, nproc: '6' })).toMatchObject({
      processor_count: 2,
      processor_cores: 2,
      processor_threads_per_core: 2,
      processor_vcpus: 8,
      processor_nproc: 6,
    });
  });

  test('counts each processor as one where the kernel tells no sockets', () => {
    const facts = parse(processor, { cpuinfo: 'processor\t: 0\nprocessor\t: 1\nprocessor\t: 2\nprocessor\t: 3' });
    expect(facts).toMatchObject({ processor_count: 4, processor_cores: 1, processor_vcpus: 4, processor_nproc: 4 });
  });
});

test('memory is in whole MiB', () => {
  const meminfo =
    'MemTotal:  2097152 kB\nMemFree:  1048576 kB\nBuffers: 1024 kB\nCached: 2048 kB\nSwapTotal: 1023 kB\nSwapFree: 0 kB';
  expect(parse(memory, { meminfo })).toMatchObject({
    memtotal_mb: 2048,
    memfree_mb: 1024,
    swaptotal_mb: 0,
    memory_mb: { real: { used: 1024 }, nocache: { free: 1027, used: 1021 } },
  });
});

describe('network', () => {
  const links =
    'lo 00:00:00:00:00:00 65536 unknown 772 0x9 -\neth0 02:00:00:00:00:01 1500 up 1 0x1103 1000\nbr-1 02:00:00:00:00:02 1500 down bridge 0x1003 -';

  test('reads what ip says', () => {
    const facts = parse(network, {
      links,
      addresses: [
        '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever',
        '1: lo    inet6 ::1/128 scope host \\       valid_lft forever',
        '2: eth0    inet 10.1.2.3/20 brd 10.1.15.255 scope global eth0\\       valid_lft forever',
        '2: eth0    inet 10.9.0.1 peer 10.9.0.2/32 scope global eth0\\       valid_lft forever',
        '2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever',
      ].join('\n'),
      route4: '8.8.8.8 via 10.1.0.1 dev eth0 src 10.1.2.3 uid 0 \n    cache ',
      route6: '2404:6800:400a:800::1012 via fe80::9 dev eth0 src fe80::1 metric 1024',
    });
    expect(facts).toMatchObject({
      interfaces: ['lo', 'eth0', 'br-1'],
      all_ipv4_addresses: ['10.1.2.3', '10.9.0.1'],
      all_ipv6_addresses: ['fe80::1'],
      default_ipv4: {
        address: '10.1.2.3',
        alias: 'eth0',
        broadcast: '10.1.15.255',
        gateway: '10.1.0.1',
        interface: 'eth0',
        macaddress: '02:00:00:00:00:01',
        mtu: 1500,
        netmask: '255.255.240.0',
        network: '10.1.0.0',
        prefix: '20',
        type: 'ether',
      },
      default_ipv6: { address: 'fe80::1', gateway: 'fe80::9', interface: 'eth0', prefix: '64', scope: 'link' },
      eth0: { active: true, promisc: true, speed: 1000, ipv4_secondaries: [{ address: '10.9.0.1', prefix: '32' }] },
      br_1: { device: 'br-1', active: false, type: 'bridge', promisc: false },
    });
    expect(facts.lo).not.toHaveProperty('macaddress');
  });

  test('reads the kernel and ifconfig where there is no ip', () => {
    const facts = parse(network, {
      links,
      routes4:
        'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nbr-1\t00000000\t02000A0A\t0003\t0\t0\t900\t00000000\neth0\t00000000\t0100010A\t0003\t0\t0\t100\t00000000',
      ifconfig:
        'eth0      Link encap:Ethernet\n          inet addr:10.1.2.3  Bcast:10.1.15.255  Mask:255.255.240.0\n\nlo        Link encap:Local\n          inet addr:127.0.0.1  Mask:255.0.0.0\n',
    });
    expect(facts).toMatchObject({
      default_ipv4: {
        interface: 'eth0',
        gateway: '10.1.0.1',
        address: '10.1.2.3',
        broadcast: '10.1.15.255',
        prefix: '20',
      },
      lo: { ipv4: { address: '127.0.0.1', prefix: '8', network: '127.0.0.0' } },
    });
  });

  test('has empty defaults on a host without a network', () => {
    expect(parse(network, {})).toMatchObject({
      interfaces: [],
      default_ipv4: {},
      default_ipv6: {},
      all_ipv4_addresses: [],
    });
  });
});

test('a part of a file system that is mounted by itself says so, as in Ansible', () => {
  const facts = parse(mounts, {
    mounts: '/dev/sda1 / ext4 rw 0 0\n/dev/sda1 /mnt/a\\040b ext4 rw 0 0',
    binds: '/mnt/a\\040b',
  });
  expect(facts.mounts).toMatchObject([
    { mount: '/', options: 'rw' },
    { mount: '/mnt/a b', options: 'rw,bind' },
  ]);
});

test('mounts have sizes where the host gave them, and their names unescaped', () => {
  const facts = parse(mounts, {
    mounts: 'proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw,relatime 0 0\nnas:/x /mnt/a\\040b nfs4 rw 0 0',
    sizes: '2 4096 100 40 10 7',
  });
  expect(facts.mounts).toEqual([
    {
      mount: '/',
      device: '/dev/sda1',
      fstype: 'ext4',
      options: 'rw,relatime',
      uuid: 'N/A',
      size_total: 409600,
      size_available: 163840,
      block_size: 4096,
      block_total: 100,
      block_available: 40,
      block_used: 60,
      inode_total: 10,
      inode_available: 7,
      inode_used: 3,
    },
    { mount: '/mnt/a b', device: 'nas:/x', fstype: 'nfs4', options: 'rw', uuid: 'N/A' },
  ]);
});

describe('date_time', () => {
  test('is local where the clock is, and UTC in the ISO forms', () => {
    expect(parse(dateTime, { date: '1767225599 -0330 NST 123456789' }).date_time).toEqual({
      year: '2025',
      month: '12',
      day: '31',
      hour: '20',
      minute: '29',
      second: '59',
      date: '2025-12-31',
      time: '20:29:59',
      weekday: 'Wednesday',
      weekday_number: '3',
      weeknumber: '52',
      epoch: '1767225599',
      epoch_int: '1767225599',
      iso8601: '2025-12-31T23:59:59Z',
      iso8601_micro: '2025-12-31T23:59:59.123456Z',
      iso8601_basic: '20251231T202959123456',
      iso8601_basic_short: '20251231T202959',
      tz: 'NST',
      tz_offset: '-0330',
    });
  });

  // strftime's %W: 2023-01-01 was a Sunday, 2024-01-01 a Monday.
  test.each([
    ['1672531200', '00'],
    ['1672617600', '01'],
    ['1704067200', '01'],
  ])('week of %s is %s', (epoch, week) => {
    const facts = parse(dateTime, { date: `${epoch} +0000 UTC %N` });
    expect(facts.date_time).toMatchObject({ weeknumber: week, iso8601_micro: expect.stringMatching(/\.000000Z$/) });
  });
});

test('user and environment, with line ends in a value', () => {
  expect(parse(user, { ids: '1000\n1001\n0\n0\nroot', passwd: 'root:x:0:0:The Root:/root:/bin/ash' })).toEqual({
    user_id: 'root',
    user_uid: 0,
    user_gid: 0,
    real_user_id: 1000,
    real_group_id: 1001,
    effective_user_id: 0,
    effective_group_id: 0,
    user_gecos: 'The Root',
    user_dir: '/root',
    user_shell: '/bin/ash',
  });
  expect(parse(env, { env: 'A=1\nB=two\u0001lines=x\n_=/bin/sh\nEMPTY=\n' }).env).toEqual({
    A: '1',
    B: 'two\nlines=x',
    EMPTY: '',
  });
});

test.each([
  [{ comm: 'systemd' }, 'systemd'],
  [{ comm: 'init', marks: '/run/systemd/system\nsystemctl' }, 'systemd'],
  [{ comm: 'init', marks: '/sbin/openrc\n/etc/init.d' }, 'openrc'],
  [{ comm: 'bash', marks: '/etc/init.d' }, 'sysvinit'],
  [{ comm: 'runit-init' }, 'runit'],
  [{}, 'service'],
])('service manager of %j is %s', (sections, name) => {
  expect(parse(serviceManager, sections)).toEqual({ service_mgr: name });
});

test('SELinux is described when it is there', () => {
  const selinux_config = 'SELINUX=enforcing\nSELINUXTYPE=targeted';
  expect(parse(security, { selinux: 'present\n0\n33', selinux_config }).selinux).toEqual({
    status: 'enabled',
    mode: 'permissive',
    config_mode: 'enforcing',
    type: 'targeted',
    policyvers: 33,
  });
  expect(parse(security, { selinux_config }).selinux).toEqual({ status: 'disabled' });
});

test.each([
  [{ marks: '/.dockerenv', hypervisor: 'hypervisor' }, 'docker', 'guest'],
  [{ container: 'container=lxc' }, 'lxc', 'guest'],
  [{ product: 'VMware Virtual Platform' }, 'VMware', 'guest'],
  [{ product: 'Virtual Machine', vendor: 'Microsoft Corporation' }, 'VirtualPC', 'guest'],
  [{ vendor: 'QEMU', product: 'x' }, 'kvm', 'guest'],
  [{ product: 'PowerEdge R640', vendor: 'Dell Inc.', modules: 'kvm' }, 'kvm', 'host'],
  [{ product: 'PowerEdge R640' }, 'NA', 'NA'],
])('virtualization of %j is %s, %s', (sections, type, role) => {
  expect(parse(virtualization, sections)).toEqual({ virtualization_type: type, virtualization_role: role });
});
