/** The result that a playbook sees; pure. */

import type { Engine } from '../docker/engine.ts';
import { describePort } from '../docker/ports.ts';
import {
  type ContainerName,
  type Findings,
  networksToRecreate,
  type RefusedPort,
  type StaleEndpoint,
  type StalePort,
} from './find.ts';
import type { PortProxy } from './proxies.ts';

/** The worst that was found. */
export type Status = 'clean' | 'conflict' | 'stale_endpoints' | 'stale';

/** `stale`: a port is lost until its network is removed. `conflict`: two containers want one port, and one has it. */
export function statusOf({ stalePorts, refused, staleEndpoints }: Findings): Status {
  if (stalePorts.length > 0 || refused.some(({ heldBy }) => heldBy === 'stale')) return 'stale';
  if (staleEndpoints.length > 0) return 'stale_endpoints';
  return refused.length > 0 ? 'conflict' : 'clean';
}

/** The result data. */
export function resultOf(
  findings: Findings,
  doubtful: readonly PortProxy[],
  engine: Engine,
): Readonly<Record<string, unknown>> {
  return {
    msg: messageOf(findings),
    status: statusOf(findings),
    stale_ports: findings.stalePorts.map(stalePortEntry),
    refused: findings.refused.map(refusedEntry),
    stale_endpoints: findings.staleEndpoints.map(endpointEntry),
    networks: networksToRecreate(findings),
    doubtful: doubtful.map(({ pid, ...proxy }) => ({ pid, port: proxy.hostPort, host_ip: proxy.hostIp })),
    engine: { name: engine.kind, version: engine.version },
  };
}

function messageOf(findings: Findings): string {
  const stale = Map.groupBy(
    findings.stalePorts,
    ({ proxy }) => `${proxy.hostPort}/${proxy.protocol} ${proxy.containerIp}`,
  );
  const told = new Set(findings.stalePorts.flatMap(({ containers }) => containers.map(({ id }) => id)));
  const lines = [
    ...[...stale.values()].map(describeStalePort),
    ...findings.refused.filter(({ container }) => !told.has(container.id)).map(describeRefused),
    ...findings.staleEndpoints.map(describeEndpoint),
  ];
  return lines.length === 0 ? 'no stale port' : lines.join('; ');
}

// One port is held on the addresses of both families, by a process each.
function describeStalePort(ports: readonly StalePort[]): string {
  const [first] = ports;
  if (first === undefined) return '';
  const { proxy, network, containers } = first;
  const held = ports.map((each) => describePort(each.proxy)).join(' and ');
  const pids = ports.map((each) => each.proxy.pid).join(', ');
  const where = network === undefined ? 'whose network is gone' : `in network ${network.name}`;
  const who = containers.map(({ name, state }) => `${name} (${state})`).join(', ');
  return `${held} ${ports.length === 1 ? 'is' : 'are'} held by docker-proxy (pid ${pids}) for ${proxy.containerIp} ${where}, but no running container publishes it${who === '' ? '' : `; asked for by ${who}`}`;
}

function describeRefused({ container, port, holder }: RefusedPort): string {
  const by = holder === undefined ? 'though no running container has it' : `since ${holder.name} has it`;
  return `${container.name} (${container.state}) was refused ${describePort(port)} ${by}`;
}

function describeEndpoint({ name, network, container }: StaleEndpoint): string {
  const whose = container === undefined ? 'whose container is gone' : `whose container is ${container.state}`;
  return `network ${network.name} has an endpoint '${name}' ${whose}`;
}

function stalePortEntry({ proxy, network, endpoint, containers }: StalePort): Readonly<Record<string, unknown>> {
  return {
    port: proxy.hostPort,
    protocol: proxy.protocol,
    host_ip: proxy.hostIp,
    pid: proxy.pid,
    age_seconds: proxy.ageSeconds,
    container_ip: proxy.containerIp,
    container_port: proxy.containerPort,
    network: network ?? null,
    endpoint: endpoint ?? null,
    containers,
  };
}

function refusedEntry(refused: RefusedPort): Readonly<Record<string, unknown>> {
  const { container, port, message, heldBy, holder, networks } = refused;
  return {
    port: port.hostPort,
    protocol: port.protocol,
    host_ip: port.hostIp,
    container,
    networks,
    held_by: heldBy,
    holder: (holder satisfies ContainerName | undefined) ?? null,
    message,
  };
}

function endpointEntry({ id, name, network, address, container }: StaleEndpoint): Readonly<Record<string, unknown>> {
  return { id, name, network, address: address ?? null, container: container ?? null };
}
