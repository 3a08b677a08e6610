import { describe, expect, test } from 'vitest';
import type { ContainerDetails } from '../../../src/modules/docker/details.ts';
import { parseScriptLines } from '../../../src/modules/docker/script.ts';
import {
  confirmFindings,
  findStale,
  networksToRecreate,
  type PortReading,
} from '../../../src/modules/docker-stale-ports/find.ts';
import { resultOf, statusOf } from '../../../src/modules/docker-stale-ports/outcome.ts';
import { parseProxies } from '../../../src/modules/docker-stale-ports/proxies.ts';
import { readRecorded } from '../docker/recorded.ts';

const recorded = readRecorded('stale-port');
const reading: PortReading = { ...recorded, proxies: parseProxies(recorded.proxies).proxies };
const ALL = new Set<number>();

describe('what an engine says whose daemon was killed', () => {
  const findings = findStale(reading, ALL);

  test('the port held for no running container is stale, with its process, network and container', () => {
    expect(findings.stalePorts.map(({ proxy }) => `${proxy.pid} ${proxy.hostIp} ${proxy.hostPort}`)).toEqual([
      '23756 0.0.0.0 18080',
      '23762 :: 18080',
    ]);
    expect(findings.stalePorts[0]?.network?.name).toBe('br-x3');
    expect(findings.stalePorts[0]?.containers).toMatchObject([{ name: 'proxy', state: 'exited' }]);
    expect(statusOf(findings)).toBe('stale');
    expect(networksToRecreate(findings)).toEqual(['br-x3']);
  });

  test('the container that was refused its port is named, though another has its address now', () => {
    expect(findings.refused).toMatchObject([
      {
        container: { name: 'proxy', state: 'exited' },
        port: { protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 18080 },
        heldBy: 'stale',
        networks: ['br-x3'],
      },
    ]);
  });

  test('members that run are no stale endpoints, and the port of a running container is not stale', () => {
    expect(findings.staleEndpoints).toEqual([]);
    expect(findings.stalePorts.map(({ proxy }) => proxy.hostPort)).not.toContain(8090);
  });

  test('the message says all of it in one line, both addresses together', () => {
    expect(resultOf(findings, [], { kind: 'docker', path: 'docker', version: '20.10.24' }).msg).toBe(
      '0.0.0.0:18080/tcp and [::]:18080/tcp are held by docker-proxy (pid 23756, 23762) for 172.42.0.2 in network br-x3, but no running container publishes it; asked for by proxy (exited)',
    );
  });

  test('ports that were not asked for are left out', () => {
    expect(statusOf(findStale(reading, new Set([443])))).toBe('clean');
    expect(statusOf(findStale(reading, new Set([18080])))).toBe('stale');
  });
});

test('the port is not stale once its container runs', () => {
  const proxy = { ...recorded.container('proxy'), state: 'running' as const };
  const running = { ...proxy, published: recorded.container('proxy').declared };
  expect(statusOf(findStale(withContainer(running), ALL))).toBe('clean');
});

test('a port that a running container has rightly is a conflict, not stale', () => {
  const holder: ContainerDetails = {
    ...recorded.container('cms'),
    published: recorded.container('proxy').declared,
  };
  const findings = findStale(withContainer(holder), ALL);
  expect(findings.refused).toMatchObject([{ heldBy: 'container', holder: { name: 'cms' } }]);
  expect(statusOf(findings)).toBe('conflict');
  expect(networksToRecreate(findings)).toEqual([]);
});

test('an endpoint whose container is gone is found', () => {
  const findings = findStale({ ...reading, containers: reading.containers.filter(({ name }) => name !== 'once') }, ALL);
  expect(findings.staleEndpoints).toMatchObject([
    { name: 'once', network: { name: 'br-x3' }, address: '172.42.0.3', container: undefined },
  ]);
});

test('without a docker-proxy (userland-proxy is off) the refusal tells', () => {
  const findings = findStale({ ...reading, proxies: [] }, ALL);
  expect(statusOf(findings)).toBe('stale');
  expect(networksToRecreate(findings)).toEqual(['br-x3']);
});

test('what was stale for a moment only does not count', () => {
  const later = findStale(
    { ...reading, proxies: reading.proxies.map((each) => ({ ...each, pid: each.pid + 9 })) },
    ALL,
  );
  expect(confirmFindings(findStale(reading, ALL), later).stalePorts).toEqual([]);
});

describe('whose a docker-proxy is', () => {
  const lines = (...owners: string[]) =>
    parseScriptLines(
      [
        'proxy\t10\t5\t1000 docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 80 -container-ip 172.18.0.2 -container-port 80 -use-listen-fd',
        'proxy\t11\t5\t2000 docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 81 -container-ip 172.18.0.2 -container-port 80',
        ...owners,
      ].join('\n'),
    );

  test('that of an engine in a container is left out', () => {
    const { proxies, doubtful } = parseProxies(lines('daemon\t1000\t0\tours', 'daemon\t2000\t0\tother'));
    expect([proxies, doubtful].map((list) => list.map(({ hostPort }) => hostPort))).toEqual([[80], []]);
  });

  test('where it cannot be told, all are those of the only daemon, and of several it is said', () => {
    const { proxies, doubtful } = parseProxies(lines('daemon\t1000\t0\tours', 'daemon\t2000\t0\tunknown'));
    expect([proxies, doubtful].map((list) => list.map(({ hostPort }) => hostPort))).toEqual([[80], [81]]);
    const only = parseProxies(lines('daemon\t1000\t0\tunknown').filter(({ text }) => !text.startsWith('2000')));
    expect(only.proxies.map(({ hostPort }) => hostPort)).toEqual([80]);
  });
});

function withContainer(changed: ContainerDetails): PortReading {
  return { ...reading, containers: reading.containers.map((each) => (each.id === changed.id ? changed : each)) };
}
