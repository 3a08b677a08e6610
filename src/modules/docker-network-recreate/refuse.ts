/** Why a network is not touched; pure. */

import { type ContainerDetails, isUp } from '../docker/details.ts';
import { isPredefined, type Network } from '../docker/networks.ts';
import type { Rule } from '../docker/patterns.ts';
import { isKubernetesManaged } from '../docker/patterns.ts';
import { membersOf, sharersOf } from './surgery.ts';

/** All reasons against the recreation, each a sentence's part; empty when there is none. */
export function reasonsAgainst(
  network: Network,
  networks: readonly Network[],
  containers: readonly ContainerDetails[],
  options: { readonly protect: readonly Rule[]; readonly allowProtected: boolean },
): string[] {
  const members = membersOf(network, containers);
  const sharers = sharersOf(members, containers);
  return [
    ...networkReasons(network, networks),
    ...[...members, ...sharers].flatMap((container) => containerReasons(container, options)),
  ];
}

function networkReasons(network: Network, networks: readonly Network[]): string[] {
  const { name, scope, driver } = network;
  if (isPredefined(network)) {
    return [`network ${name} is the engine's own, which cannot be removed; only a restart of the engine makes it anew`];
  }
  const reasons: string[] = [];
  if (scope !== 'local' || driver === 'overlay' || network.ingress) {
    reasons.push(`network ${name} (driver ${driver}, scope ${scope}) is not this host's alone; it is the cluster's`);
  }
  if (network.configOnly) reasons.push(`network ${name} is but a configuration of others`);
  if (network.configFrom !== '') reasons.push(`network ${name} takes its configuration from ${network.configFrom}`);
  const namesakes = networks.filter((each) => each.name === name).length;
  if (namesakes > 1) reasons.push(`there are ${namesakes} networks named ${name}`);
  return reasons;
}

function containerReasons(
  container: ContainerDetails,
  { protect, allowProtected }: { readonly protect: readonly Rule[]; readonly allowProtected: boolean },
): string[] {
  const { name, state } = container;
  if (isKubernetesManaged(container)) return [`container ${name} is managed by Kubernetes`];
  if (Object.hasOwn(container.labels, 'com.docker.swarm.task.id')) return [`container ${name} is managed by swarm`];
  if (state === 'removing') return [`container ${name} is being removed`];
  if (!isUp(container)) return [];
  if (container.autoRemove) return [`container ${name} was started with --rm: to stop it would remove it`];
  if (state === 'paused') return [`container ${name} is paused; unpause it first`];
  const rule = allowProtected ? undefined : protect.find((each) => each.matches(container));
  return rule === undefined ? [] : [`container ${name} is protected by ${rule.words}`];
}
