/** What is stale: pure, from what the host's processes and its engine say. */

import { BlockList, isIPv4 } from 'node:net';
import type { ContainerState } from '../docker/container.ts';
import { type ContainerDetails, isUp } from '../docker/details.ts';
import { isPredefined, type Network } from '../docker/networks.ts';
import { bindingTakes, type HostPort } from '../docker/ports.ts';
import type { PortProxy } from './proxies.ts';

/** All that is read of a host. */
export interface PortReading {
  /** Those that were there both before and after the containers were read. */
  readonly proxies: readonly PortProxy[];
  readonly containers: readonly ContainerDetails[];
  readonly networks: readonly Network[];
}

export interface ContainerName {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
}

/** A port held by a process for a container that does not run. */
export interface StalePort {
  readonly proxy: PortProxy;
  /** The network that its container's address is of; undefined when that network is gone. */
  readonly network?: Pick<Network, 'id' | 'name'>;
  /** The endpoint with that address, when the engine still knows it. */
  readonly endpoint?: { readonly id: string; readonly name: string };
  /** Containers that ask for this port: the one that had it is among them, unless it was removed. */
  readonly containers: readonly ContainerName[];
}

/** A container that could not be started because the engine says its port is taken. */
export interface RefusedPort {
  readonly container: ContainerName;
  readonly port: HostPort;
  /** The engine's words. */
  readonly message: string;
  /** `stale`: nobody who runs has it. `container`: {@link holder} has it, rightly. */
  readonly heldBy: 'stale' | 'container';
  readonly holder?: ContainerName;
  /** Networks that the container is in. */
  readonly networks: readonly string[];
}

/** An endpoint of a network whose container does not run or is gone. */
export interface StaleEndpoint {
  readonly id: string;
  readonly name: string;
  readonly network: Pick<Network, 'id' | 'name'>;
  readonly address?: string;
  /** Undefined: there is no such container any more. */
  readonly container?: ContainerName;
}

export interface Findings {
  readonly stalePorts: readonly StalePort[];
  readonly refused: readonly RefusedPort[];
  readonly staleEndpoints: readonly StaleEndpoint[];
}

/**
 * Finds what is stale.
 *
 * @param ports - only these host ports; empty: all
 */
export function findStale(reading: PortReading, ports: ReadonlySet<number>): Findings {
  const isMeant = ({ hostPort }: HostPort) => ports.size === 0 || ports.has(hostPort);
  const stalePorts = reading.proxies
    .filter((proxy) => isMeant(proxy) && holderOf(proxy, reading) === undefined)
    .map((proxy) => stalePortOf(proxy, reading));
  const refused = reading.containers.flatMap((container) => {
    const found = refusalOf(container, reading);
    return found !== undefined && isMeant(found.port) ? [found] : [];
  });
  return { stalePorts, refused, staleEndpoints: ports.size === 0 ? staleEndpointsOf(reading) : [] };
}

/** What was found both times: what was just being started or stopped is not stale. */
export function confirmFindings(first: Findings, second: Findings): Findings {
  const ports = new Set(first.stalePorts.map(({ proxy }) => proxy.pid));
  const refused = new Set(first.refused.map(({ container }) => container.id));
  const endpoints = new Set(first.staleEndpoints.map(({ id }) => id));
  return {
    stalePorts: second.stalePorts.filter(({ proxy }) => ports.has(proxy.pid)),
    refused: second.refused.filter(({ container }) => refused.has(container.id)),
    staleEndpoints: second.staleEndpoints.filter(({ id }) => endpoints.has(id)),
  };
}

/** Whether anything was found. */
export function isClean({ stalePorts, refused, staleEndpoints }: Findings): boolean {
  return stalePorts.length + refused.length + staleEndpoints.length === 0;
}

/** Names of the networks whose recreation frees the stale ports, sorted; the engine's own cannot be recreated. */
export function networksToRecreate({ stalePorts, refused }: Findings): string[] {
  const names = [
    ...stalePorts.map(({ network }) => network?.name),
    ...refused.filter(({ heldBy }) => heldBy === 'stale').flatMap(({ networks }) => networks),
  ];
  return [...new Set(names)].filter((name) => name !== undefined && !isPredefined({ name })).toSorted() as string[];
}

function holderOf(port: HostPort, { containers }: PortReading): ContainerDetails | undefined {
  return containers.find(
    (container) => isUp(container) && container.published.some((binding) => bindingTakes(binding, port)),
  );
}

function stalePortOf(proxy: PortProxy, { containers, networks }: PortReading): StalePort {
  const network = networks.find((each) => holdsAddress(each, proxy.containerIp));
  const endpoint = network?.members.find(({ ipv4, ipv6 }) => ipv4 === proxy.containerIp || ipv6 === proxy.containerIp);
  return {
    proxy,
    network: network && { id: network.id, name: network.name },
    endpoint: endpoint && { id: endpoint.endpointId, name: endpoint.name },
    containers: containers
      .filter((container) => !isUp(container) && container.declared.some((binding) => bindingTakes(binding, proxy)))
      .map(nameOf),
  };
}

// "driver failed programming external connectivity on endpoint proxy (e2dd…): Bind for 192.0.2.1:443 failed: port is already
// allocated": the engine's own table, so it is one of its containers or nobody.
const REFUSAL = /Bind for (\S+):(\d+) failed: port is already allocated/;

function refusalOf(container: ContainerDetails, reading: PortReading): RefusedPort | undefined {
  const match = isUp(container) ? null : REFUSAL.exec(container.error);
  if (match === null) return undefined;
  const address = { hostIp: match[1] ?? '', hostPort: Number(match[2]) };
  const asked = container.declared.find((binding) => bindingTakes(binding, { ...address, protocol: binding.protocol }));
  const port = { ...address, protocol: asked?.protocol ?? 'tcp' };
  const holder = holderOf(port, reading);
  return {
    container: nameOf(container),
    port,
    message: container.error,
    heldBy: holder === undefined ? 'stale' : 'container',
    holder: holder && nameOf(holder),
    networks: container.endpoints.map(({ network }) => network),
  };
}

function staleEndpointsOf({ networks, containers }: PortReading): StaleEndpoint[] {
  const byId = new Map(containers.map((container) => [container.id, container]));
  return networks.flatMap((network) => {
    // Members on other hosts, and what swarm itself puts there, are no containers of this engine.
    if (network.scope !== 'local' || network.name === 'docker_gwbridge') return [];
    return network.members.flatMap(({ key, name, endpointId, ipv4, ipv6 }) => {
      const container = byId.get(key);
      if (container !== undefined && isUp(container)) return [];
      return [
        {
          id: endpointId,
          name,
          network: { id: network.id, name: network.name },
          address: ipv4 ?? ipv6,
          container: container && nameOf(container),
        },
      ];
    });
  });
}

function holdsAddress({ addresses }: Network, address: string): boolean {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return addresses.some(({ subnet }) => {
    const [base = '', prefix] = subnet.split('/');
    if (base === '' || isIPv4(base) !== isIPv4(address)) return false;
    const list = new BlockList();
    list.addSubnet(base, Number(prefix), family);
    return list.check(address, family);
  });
}

function nameOf({ id, name, state }: ContainerDetails): ContainerName {
  return { id, name, state };
}
