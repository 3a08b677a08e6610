/** A network as `docker network inspect` tells it. */

import { parseJsonLine, recordOf, textOf, textRecordOf } from './json.ts';

export interface NetworkAddresses {
  readonly subnet: string;
  readonly gateway?: string;
  readonly ipRange?: string;
  /** Name to address, kept out of what is given out. */
  readonly auxiliary: Readonly<Record<string, string>>;
}

/** Who the engine says is in a network. */
export interface NetworkMember {
  /** A container's ID; `ep-ID` for an endpoint whose container the engine does not know. */
  readonly key: string;
  readonly name: string;
  readonly endpointId: string;
  /** Without the length of the prefix. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  /** `local`, `global`, `swarm`. */
  readonly scope: string;
  readonly driver: string;
  readonly ipv6: boolean;
  /** False only where the engine (27 and later) says so. */
  readonly ipv4: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly configOnly: boolean;
  /** The network whose configuration it uses; empty for none. */
  readonly configFrom: string;
  readonly ipamDriver: string;
  readonly ipamOptions: Readonly<Record<string, string>>;
  readonly addresses: readonly NetworkAddresses[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly members: readonly NetworkMember[];
}

/** The format for `docker network inspect`: one JSON object a line. */
export const NETWORK_FORMAT = '{{json .}}';

/** The network in one line that {@link NETWORK_FORMAT} printed; undefined for any other text. */
export function parseNetwork(line: string): Network | undefined {
  const json = recordOf(parseJsonLine(line));
  if (typeof json.Id !== 'string' || typeof json.Name !== 'string') return undefined;
  const ipam = recordOf(json.IPAM);
  return {
    id: json.Id,
    name: json.Name,
    scope: textOf(json.Scope) ?? 'local',
    driver: textOf(json.Driver) ?? '',
    ipv6: json.EnableIPv6 === true,
    ipv4: json.EnableIPv4 !== false,
    internal: json.Internal === true,
    attachable: json.Attachable === true,
    ingress: json.Ingress === true,
    configOnly: json.ConfigOnly === true,
    configFrom: textOf(recordOf(json.ConfigFrom).Network) ?? '',
    ipamDriver: textOf(ipam.Driver) ?? 'default',
    ipamOptions: textRecordOf(ipam.Options),
    addresses: (Array.isArray(ipam.Config) ? ipam.Config : []).map((each) => addressesOf(recordOf(each))),
    options: textRecordOf(json.Options),
    labels: textRecordOf(json.Labels),
    members: Object.entries(recordOf(json.Containers)).map(([key, member]) => memberOf(key, recordOf(member))),
  };
}

/** Whether the engine itself made it; such networks cannot be removed. */
export function isPredefined({ name }: Pick<Network, 'name'>): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}

function addressesOf(json: Readonly<Record<string, unknown>>): NetworkAddresses {
  return {
    subnet: textOf(json.Subnet) ?? '',
    gateway: textOf(json.Gateway),
    ipRange: textOf(json.IPRange),
    auxiliary: textRecordOf(json.AuxiliaryAddresses ?? json.AuxAddress),
  };
}

function memberOf(key: string, json: Readonly<Record<string, unknown>>): NetworkMember {
  const bare = (value: unknown) => textOf(value)?.replace(/\/\d+$/, '');
  return {
    key,
    name: textOf(json.Name) ?? '',
    endpointId: textOf(json.EndpointID) ?? '',
    ipv4: bare(json.IPv4Address),
    ipv6: bare(json.IPv6Address),
  };
}
