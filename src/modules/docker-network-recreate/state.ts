/** Reads what a recreation, or what goes on with one that was broken off, has to know. */

import { ModuleError } from '../../errors.ts';
import { didYouMean } from '../../util/did-you-mean.ts';
import type { ModuleContext } from '../contract.ts';
import { findHostEngine } from '../docker/call.ts';
import { refusePodman } from '../docker/docker-only.ts';
import type { Engine } from '../docker/engine.ts';
import type { Network } from '../docker/networks.ts';
import { readContainerDetails, readNetworks } from '../docker/read-engine.ts';
import { findOpenJournal, type OpenJournal } from './journal.ts';
import type { RecreateOptions } from './options.ts';
import { reachGateways } from './reach.ts';
import { reasonsAgainst } from './refuse.ts';
import { describeStep, membersOf, planSurgery, type Surgery } from './surgery.ts';

export interface RecreateState {
  readonly engine: Engine;
  /** A recreation that is planned. */
  readonly surgery?: Surgery;
  /** One that was broken off. */
  readonly open?: OpenJournal;
  /** Whether the network of the open journal is gone. */
  readonly isPastReturn: boolean;
}

/**
 * Reads the host.
 *
 * @throws {@link ModuleError} there is no such network; it may not be touched; a journal is open and nothing was said of it
 */
export async function readState(context: ModuleContext, options: RecreateOptions): Promise<RecreateState> {
  const { timeoutMs } = options;
  const engine = await findHostEngine(context, options, timeoutMs);
  refusePodman(engine, 'docker_network_recreate', context.host);
  const open = await findOpenJournal(context, options);
  if (open === undefined && options.action !== 'recreate') return { engine, isPastReturn: false };
  const networks = await readNetworks(context, options, engine, timeoutMs);
  if (open !== undefined) {
    const isPastReturn = !networks.some(({ id }) => id === open.surgery.network.id);
    if (options.action === 'recreate') throw openError(open, isPastReturn, context.host);
    return { engine, open, isPastReturn };
  }
  const network = findNetwork(networks, options.name, context.host);
  const containers = await readContainerDetails(context, options, engine, timeoutMs);
  const reasons = reasonsAgainst(network, networks, containers, options);
  if (reasons.length > 0) {
    throw new ModuleError(
      `network ${network.name} is not recreated: ${reasons.join('; ')}`,
      { reasons },
      { hint: 'nothing was changed; `allow_protected: true` takes protected containers along' },
    );
  }
  const reached = await reachGateways(context, network, membersOf(network, containers));
  return { engine, surgery: planSurgery(network, containers, options, reached), isPastReturn: false };
}

/** `3 of 9 steps are done, the last: stop container web (…)`. */
export function progressOf({ surgery, done }: OpenJournal): string {
  const last = surgery.steps.findLast((_step, index) => done.has(index));
  const which = last === undefined ? '' : `, the last: ${describeStep(last, surgery)}`;
  return `${done.size} of ${surgery.steps.length} steps are done${which}`;
}

function openError(open: OpenJournal, isPastReturn: boolean, host: string): ModuleError {
  const ways = isPastReturn
    ? '`action: resume` finishes it'
    : '`action: resume` finishes it, `action: rollback` undoes it';
  return new ModuleError(
    `a recreation of network ${open.surgery.network.name} on ${host} was broken off: ${progressOf(open)}; the network ${isPastReturn ? 'is removed, so there is no way back' : 'is still there'}`,
    { journal: open.path, past_point_of_no_return: isPastReturn },
    { hint: `${ways}; \`action: discard\` forgets it and leaves all as it is` },
  );
}

function findNetwork(networks: readonly Network[], wanted: string, host: string): Network {
  const found =
    networks.find(({ name }) => name === wanted) ??
    networks.find(({ id }) => wanted.length >= 12 && id.startsWith(wanted));
  if (found !== undefined) return found;
  const names = networks.map(({ name }) => name);
  const meant = didYouMean(wanted, names);
  throw new ModuleError(`there is no network '${wanted}' on ${host}${meant === undefined ? '' : `; ${meant}`}`, {
    networks: names,
  });
}
