/** The steps that recreate a network, in order; pure. */

import { ModuleError } from '../../errors.ts';
import { shortId } from '../docker/container.ts';
import { type ContainerDetails, type Endpoint, isUp } from '../docker/details.ts';
import type { Network } from '../docker/networks.ts';
import { type AddressRule, connectWords, createWords, wantedAddresses } from './command-words.ts';

/** One step; each can be done again without harm, since the end of the one that was broken off is not known. */
export type Step =
  | { readonly do: 'stop' | 'disconnect' | 'start'; readonly id: string; readonly name: string }
  | { readonly do: 'connect'; readonly id: string; readonly name: string; readonly words: readonly string[] }
  /** Takes an endpoint out whose container the engine does not know. */
  | { readonly do: 'drop'; readonly name: string }
  | { readonly do: 'remove' }
  | { readonly do: 'create'; readonly words: readonly string[] }
  | { readonly do: 'verify' };

/** A container that the surgery has to do with. */
export interface Patient {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`… as it was found. */
  readonly state: string;
  /** Whether it must run in the end. */
  readonly mustRun: boolean;
  /** Addresses that it must have in the end, when it runs. */
  readonly addresses: Readonly<{ ipv4?: string; ipv6?: string }>;
  /** Whether an address that it happened to have becomes one that it asks for. */
  readonly isPinned: boolean;
  /** The gateway that it reached when it was looked at; undefined: it did not, or that could not be tried. */
  readonly reachedGateway?: string;
}

/** Everything that is to be done, as the journal keeps it. */
export interface Surgery {
  readonly network: Network;
  /** In the order of starting. */
  readonly patients: readonly Patient[];
  readonly steps: readonly Step[];
}

/** What the user decided. */
export interface SurgeryOptions {
  readonly addresses: AddressRule;
  /** Names or IDs of containers that do not run and are to be started in the end. */
  readonly startAlso: readonly string[];
}

/**
 * Plans the recreation.
 *
 * Containers are started in the order in which they were started the last time, those with an address of their own first, and
 * stopped in the reverse one; one that shares another's network is started after it.
 *
 * @param containers - all of the engine
 * @param reached - gateways that running containers reached, by the container's ID
 * @throws {@link ModuleError} a container of `startAlso` that is not there
 */
export function planSurgery(
  network: Network,
  containers: readonly ContainerDetails[],
  options: SurgeryOptions,
  reached: ReadonlyMap<string, string>,
): Surgery {
  const members = membersOf(network, containers);
  const rank = rankOf(network, options.addresses);
  const running = [...members.filter(isUp), ...sharersOf(members, containers)].toSorted(
    (left, right) => rank(left) - rank(right) || (left.startedAt ?? '').localeCompare(right.startedAt ?? ''),
  );
  const also = startAlsoOf(options.startAlso, containers).filter((each) => !running.includes(each));
  const patients = [...running, ...also, ...members.filter((each) => !running.includes(each) && !also.includes(each))];
  const starting = [...running, ...also];
  const strays = network.members.filter(({ key }) => !containers.some(({ id }) => id === key));
  const words = (container: ContainerDetails) => {
    const endpoint = endpointIn(container, network);
    return endpoint === undefined ? [] : connectWords(endpoint, network, options.addresses);
  };
  const named = ({ id, name }: ContainerDetails) => ({ id, name });
  return {
    network,
    patients: patients.map((each) => patientOf(each, network, options, starting.includes(each), reached)),
    steps: [
      ...running.toReversed().map((each): Step => ({ do: 'stop', ...named(each) })),
      ...members.map((each): Step => ({ do: 'disconnect', ...named(each) })),
      ...strays.map(({ name, key }): Step => ({ do: 'drop', name: name === '' ? key : name })),
      { do: 'remove' },
      { do: 'create', words: createWords(network) },
      ...patients
        .filter((each) => members.includes(each))
        .map((each): Step => ({ do: 'connect', ...named(each), words: words(each) })),
      ...starting.map((each): Step => ({ do: 'start', ...named(each) })),
      { do: 'verify' },
    ],
  };
}

/** The containers with an endpoint in the network, in every state in which they can be connected. */
export function membersOf(network: Network, containers: readonly ContainerDetails[]): ContainerDetails[] {
  return containers.filter((each) => each.state !== 'dead' && endpointIn(each, network) !== undefined);
}

/** Running containers that use the network of a running one of these. */
export function sharersOf(
  members: readonly ContainerDetails[],
  containers: readonly ContainerDetails[],
): ContainerDetails[] {
  const owners = members.filter(isUp);
  return containers.filter(
    (each) =>
      isUp(each) && owners.some(({ id, name }) => [`container:${id}`, `container:${name}`].includes(each.networkMode)),
  );
}

/** The container's place in the network. A container that never ran knows the network by its name only. */
export function endpointIn(container: ContainerDetails, network: Network): Endpoint | undefined {
  return container.endpoints.find((each) => each.networkId === network.id || each.network === network.name);
}

/** One line of a plan. */
export function describeStep(step: Step, { network }: Surgery): string {
  switch (step.do) {
    case 'stop':
      return `stop container ${step.name} (${shortId(step.id)})`;
    case 'disconnect':
      return `disconnect container ${step.name} from network ${network.name}`;
    case 'drop':
      return `drop endpoint ${step.name}, whose container is gone, from network ${network.name}`;
    case 'remove':
      return `remove network ${network.name} (${shortId(network.id)}); this is the point of no return`;
    case 'create':
      return `create network ${network.name} with ${step.words.join(' ')}`;
    case 'connect':
      return `connect container ${step.name} to network ${network.name}${step.words.length === 0 ? '' : ` with ${step.words.join(' ')}`}`;
    case 'start':
      return `start container ${step.name} (${shortId(step.id)})`;
    case 'verify':
      return `verify network ${network.name}, addresses, gateways, and that each container runs`;
  }
}

function patientOf(
  container: ContainerDetails,
  network: Network,
  options: SurgeryOptions,
  isStarted: boolean,
  reached: ReadonlyMap<string, string>,
): Patient {
  const endpoint = endpointIn(container, network);
  const addresses = endpoint === undefined ? {} : wantedAddresses(endpoint, network, options.addresses);
  const { id, name, image, state } = container;
  return {
    id,
    name,
    image,
    state,
    // One that crashes again and again does not run all of the time.
    mustRun: isStarted && state !== 'restarting',
    addresses,
    isPinned: addresses.ipv4 !== endpoint?.fixed.ipv4 || addresses.ipv6 !== endpoint?.fixed.ipv6,
    reachedGateway: reached.get(id),
  };
}

function startAlsoOf(wanted: readonly string[], containers: readonly ContainerDetails[]): ContainerDetails[] {
  return wanted.map((word) => {
    const found = containers.find(({ id, name }) => name === word || id === word || shortId(id) === word);
    if (found !== undefined) return found;
    throw new ModuleError(`expected \`start_also\` to name containers of the host, found '${word}', which is none`);
  });
}

// One that asks for an address goes before those that take any, or they might take that one; one that shares a network goes
// after the one whose it is, whatever their times.
function rankOf(network: Network, rule: AddressRule): (container: ContainerDetails) => number {
  return (container) => {
    if (container.networkMode.startsWith('container:')) return 2;
    const fixed = endpointIn(container, network)?.fixed;
    return rule === 'fixed' && fixed?.ipv4 === undefined && fixed?.ipv6 === undefined ? 1 : 0;
  };
}
