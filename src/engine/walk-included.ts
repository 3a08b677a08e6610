/** Walks what includes brought, with all hosts that included the same at once. */

import { allEnded } from '../util/all-ended.ts';
import type { HostRun } from './host-run.ts';
import type { Included } from './include.ts';
import { buildIncludedTree, type IncludedTree, type Node, type TaskNode } from './tree.ts';
import type { Walk } from './walk.ts';

type WalkNodes = (w: Walk, nodes: readonly Node[], hosts: readonly HostRun[]) => Promise<void>;

/** Hosts that include the same file for the same place in the loop, each with its item. */
interface Group {
  readonly included: Included;
  readonly hosts: Map<HostRun, Included>;
}

/**
 * One round for each item of the loop; in a round, hosts that include different files go on side by side. The tasks
 * are there once for each file and round, however many hosts there are.
 */
export async function walkIncluded(
  w: Walk,
  node: TaskNode,
  includes: ReadonlyMap<HostRun, readonly Included[]>,
  walk: WalkNodes,
): Promise<void> {
  const rounds = groupByRound(includes);
  const last = Math.max(...rounds.keys());
  for (const [index, groups] of [...rounds].toSorted(([a], [b]) => a - b)) {
    await allEnded([...groups.values()].map((group) => walkGroup(w, node, group, index === last, walk)));
  }
}

function groupByRound(includes: ReadonlyMap<HostRun, readonly Included[]>): Map<number, Map<string, Group>> {
  const rounds = new Map<number, Map<string, Group>>();
  for (const [host, list] of includes) {
    for (const included of list) {
      const groups = rounds.get(included.index) ?? new Map<string, Group>();
      rounds.set(included.index, groups);
      const group = groups.get(included.key) ?? { included, hosts: new Map() };
      groups.set(included.key, group);
      group.hosts.set(host, included);
    }
  }
  return rounds;
}

async function walkGroup(w: Walk, node: TaskNode, group: Group, isLast: boolean, walk: WalkNodes): Promise<void> {
  const hosts = [...group.hosts.keys()].filter((host) => host.isActive);
  if (hosts.length === 0) return;
  const tree = treeOf(w, node, group.included, isLast);
  const outside = hosts.map((host) => host.includeItems);
  for (const host of hosts) host.includeItems = [...host.includeItems, group.hosts.get(host)?.item];
  try {
    await walk(w, tree.nodes, hosts);
  } finally {
    for (const [i, host] of hosts.entries()) host.includeItems = outside[i] ?? [];
  }
}

function treeOf(w: Walk, node: TaskNode, included: Included, isLast: boolean): IncludedTree {
  const { key, index, loaded } = included;
  const { context, batch } = w;
  const place = `${node.ref.taskId}\0${index}\0${key}`;
  const known = batch.includedTrees.get(place);
  if (known !== undefined) return known;
  const id = context.roles.nextIncludeId(node.ref.taskId);
  const tree = buildIncludedTree({ ...node, moreFollow: node.moreFollow || !isLast }, loaded, id, context.options);
  // With strategy free the other hosts come later, each on its own.
  if (context.play.strategy === 'free') batch.includedTrees.set(place, tree);
  context.roles.addHandlers(loaded, tree.handlers);
  // The included role itself comes last, behind the roles that it imports.
  const { roles } = loaded.parts;
  const isHidden = node.task.include?.kind === 'role' && included.isPublic !== true;
  context.roles.addRoles(isHidden ? roles.slice(0, -1) : roles);
  return tree;
}
