/** Whether the network and its containers are as they were. */

import type { ModuleContext } from '../contract.ts';
import type { ContainerDetails } from '../docker/details.ts';
import type { Engine } from '../docker/engine.ts';
import type { Network } from '../docker/networks.ts';
import { inspectDetails, readNetworks } from '../docker/read-engine.ts';
import { differences } from './command-words.ts';
import type { RecreateOptions } from './options.ts';
import { reachGateways } from './reach.ts';
import { endpointIn, type Patient, type Surgery } from './surgery.ts';

/** Something that is not as it was. */
export interface Fault {
  /** A sentence's part. */
  readonly text: string;
  /** Whether it may mend itself: a container that is on its way. */
  readonly mayPass: boolean;
}

/** What was found in the end. */
export interface Verification {
  /** The network as it is now; undefined when it is not there. */
  readonly network?: Network;
  readonly containers: readonly ContainerDetails[];
  /** Each thing that is not as it was; empty when all is. */
  readonly faults: readonly Fault[];
  /** How many containers reached their gateway again. */
  readonly reached: number;
}

/**
 * Looks until all is as it was or the time is up.
 *
 * @throws {@link ModuleError} the engine could not be read; TransportError when interrupted
 */
export async function verifySurgery(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  surgery: Surgery,
): Promise<Verification> {
  const endMs = context.nowMs() + options.verifyTimeoutMs;
  for (;;) {
    const verification = await look(context, options, engine, surgery);
    if (!verification.faults.some(({ mayPass }) => mayPass) || context.nowMs() >= endMs) return verification;
    await context.sleep(LOOK_AGAIN_MS);
  }
}

/** What is not as it was; pure. */
export function faultsOf(
  surgery: Surgery,
  network: Network | undefined,
  containers: readonly ContainerDetails[],
  reached: ReadonlyMap<string, string>,
): Fault[] {
  const { name } = surgery.network;
  if (network === undefined) return [{ text: `network ${name} is not there`, mayPass: false }];
  const byId = new Map(containers.map((container) => [container.id, container]));
  const faults = differences(surgery.network, network).map((each) => ({
    text: `network ${name} is ${each}`,
    mayPass: false,
  }));
  const must = surgery.patients.filter(({ mustRun }) => mustRun);
  return [...faults, ...must.flatMap((patient) => patientFaults(patient, byId.get(patient.id), network, reached))];
}

function patientFaults(
  { id, name, addresses, reachedGateway }: Patient,
  container: ContainerDetails | undefined,
  network: Network,
  reached: ReadonlyMap<string, string>,
): Fault[] {
  if (container === undefined) return [{ text: `container ${name} is gone`, mayPass: false }];
  const { state, error } = container;
  if (state !== 'running') {
    // The engine does not try again what it could not start.
    const text = `container ${name} is ${state}${error === '' ? '' : `: ${error}`}`;
    return [{ text, mayPass: error === '' }];
  }
  const current = endpointIn(container, network)?.current;
  const moved = (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const wanted = addresses[family];
    if (wanted === undefined || wanted === current?.[family]) return [];
    return [{ text: `container ${name} has address ${current?.[family] ?? 'none'}, not ${wanted}`, mayPass: false }];
  });
  if (reachedGateway === undefined || reached.has(id)) return moved;
  return [...moved, { text: `container ${name} does not reach its gateway ${reachedGateway}`, mayPass: true }];
}

const LOOK_AGAIN_MS = 1000;

async function look(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  surgery: Surgery,
): Promise<Verification> {
  const networks = await readNetworks(context, options, engine, options.timeoutMs);
  const network = networks.find(({ name }) => name === surgery.network.name);
  const ids = surgery.patients.map(({ id }) => id);
  const containers = await inspectDetails(context, options, engine, ids, options.timeoutMs);
  const hadReached = new Set(surgery.patients.flatMap((each) => (each.reachedGateway === undefined ? [] : [each.id])));
  const reached =
    network === undefined
      ? new Map<string, string>()
      : await reachGateways(
          context,
          network,
          containers.filter(({ id }) => hadReached.has(id)),
        );
  return { network, containers, faults: faultsOf(surgery, network, containers, reached), reached: reached.size };
}
