/**
 * What `inspect` tells of a container beyond its state: ports, networks, and how it is to be started. The environment and
 * the command line are left out, since they may hold secrets.
 */

import { type Container, stateOfWord } from './container.ts';
import { parseJsonLine, recordOf, textOf, textRecordOf, textsOf } from './json.ts';
import { type PortBinding, parseBindings } from './ports.ts';

/** A container's place in one network. */
export interface Endpoint {
  readonly network: string;
  /** Empty for a container that was connected while it did not run. */
  readonly networkId: string;
  /** Empty while the container does not run. */
  readonly endpointId: string;
  /** What the user asked for. */
  readonly fixed: EndpointAddresses;
  /** What it has now; nothing while it does not run. */
  readonly current: EndpointAddresses;
  /** The gateway's IPv4 address, while it runs. */
  readonly gateway?: string;
  readonly linkLocalIps: readonly string[];
  /** Without the container's own short ID, which the engine adds by itself. */
  readonly aliases: readonly string[];
  /** `container:alias`. */
  readonly links: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
}

export interface EndpointAddresses {
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** A container with all that is needed to take it off a network and back. */
export interface ContainerDetails extends Container {
  /** ISO 8601; undefined for one that never ran. */
  readonly startedAt?: string;
  /** Why the engine could not start it the last time; empty when it could. */
  readonly error: string;
  /** Of its first process, on the host; 0 while it does not run. */
  readonly pid: number;
  /** `bridge`, `host`, a network's name, `container:ID`. */
  readonly networkMode: string;
  /** Whether the engine removes it as soon as it stops. */
  readonly autoRemove: boolean;
  /** `no`, `always`, `unless-stopped`, `on-failure`. */
  readonly restartPolicy: string;
  /** Ports that it asks for. */
  readonly declared: readonly PortBinding[];
  /** Ports that the engine says it has; true only of one that runs. */
  readonly published: readonly PortBinding[];
  readonly endpoints: readonly Endpoint[];
}

/** The format for `docker inspect --type container`: one JSON array a line. */
export const DETAILS_FORMAT = `[${[
  '.Id',
  '.Name',
  '.Config.Image',
  '.Image',
  '.Created',
  '.State.Status',
  '.State.StartedAt',
  '.State.FinishedAt',
  '.State.Error',
  '.Config.Labels',
  '.HostConfig.NetworkMode',
  '.HostConfig.AutoRemove',
  '.HostConfig.RestartPolicy.Name',
  '.HostConfig.PortBindings',
  '.NetworkSettings.Ports',
  '.NetworkSettings.Networks',
  '.State.Pid',
]
  .map((field) => `{{json ${field}}}`)
  .join(',')}]`;

/** The container in one line that {@link DETAILS_FORMAT} printed; undefined for any other text. */
export function parseDetails(line: string): ContainerDetails | undefined {
  const fields = parseJsonLine(line);
  if (!Array.isArray(fields)) return undefined;
  const [id, name, image, imageId, createdAt, status, startedAt, finishedAt, error, ...rest] = fields as unknown[];
  const [labels, networkMode, autoRemove, restartPolicy, declared, published, networks, pid] = rest;
  if (typeof id !== 'string') return undefined;
  return {
    id,
    name: (textOf(name) ?? '').replace(/^\//, ''),
    image: textOf(image) ?? '',
    imageId: textOf(imageId) ?? '',
    createdAt: textOf(createdAt) ?? '',
    state: stateOfWord(textOf(status) ?? '', 'docker'),
    startedAt: realTime(startedAt),
    finishedAt: realTime(finishedAt),
    error: textOf(error) ?? '',
    labels: textRecordOf(labels),
    pid: typeof pid === 'number' ? pid : 0,
    networkMode: textOf(networkMode) ?? '',
    autoRemove: autoRemove === true,
    restartPolicy: textOf(restartPolicy) ?? 'no',
    declared: parseBindings(declared),
    published: parseBindings(published),
    endpoints: Object.entries(recordOf(networks)).map(([network, endpoint]) =>
      endpointOf(network, recordOf(endpoint), id),
    ),
  };
}

/** Whether the engine has it as a process: running, also when paused or about to be restarted. */
export function isUp({ state }: Pick<Container, 'state'>): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

function endpointOf(network: string, json: Readonly<Record<string, unknown>>, containerId: string): Endpoint {
  const fixed = recordOf(json.IPAMConfig);
  return {
    network,
    networkId: textOf(json.NetworkID) ?? '',
    endpointId: textOf(json.EndpointID) ?? '',
    fixed: { ipv4: textOf(fixed.IPv4Address), ipv6: textOf(fixed.IPv6Address) },
    current: { ipv4: textOf(json.IPAddress), ipv6: textOf(json.GlobalIPv6Address) },
    gateway: textOf(json.Gateway),
    linkLocalIps: textsOf(fixed.LinkLocalIPs),
    aliases: textsOf(json.Aliases).filter((alias) => !(alias.length === 12 && containerId.startsWith(alias))),
    links: textsOf(json.Links),
    driverOptions: textRecordOf(json.DriverOpts),
  };
}

// The zero time of Go: it never was.
function realTime(time: unknown): string | undefined {
  const text = textOf(time);
  return text?.startsWith('0001-') ? undefined : text;
}
