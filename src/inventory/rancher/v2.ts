/** Rancher 2.x: clusters with nodes (CLI v2.0 and later). */
import { type Listing, objectOf, type RancherCli, type Row, textOf } from './cli.ts';
import { type Contexts, openContexts } from './contexts.ts';
import type { RancherHost } from './hosts.ts';
import type { RancherOptions } from './options.ts';
import { inOrder, type RancherRun, selectScopes } from './scopes.ts';

/** Lengths at which servers cut a list of nodes, old and new; the CLI never asks for the rest. */
const ROW_LIMITS: ReadonlySet<number> = new Set([1000, 10_000]);

interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly isCurrent: boolean;
  readonly driver?: string;
}

/**
 * Nodes of the clusters, in the order of the CLI.
 *
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED
 */
export async function listV2(cli: RancherCli, options: RancherOptions, run: RancherRun): Promise<RancherHost[]> {
  const listing = await cli.list(['clusters', 'ls', '--format', 'json']);
  const clusters = listing.rows.map(toCluster);
  if (clusters.length === 0) throw listing.fail('listed no clusters', 'check what the API key may see');
  const selected = selectScopes(clusters, options, 'clusters', listing);
  const contexts = await openContexts({ ...run, configDir: options.configDir, timeoutMs: options.timeoutMs });
  try {
    const reachable = contexts === undefined ? onlyCurrent(selected, options, listing, run.warn) : selected;
    const perCluster = await inOrder(reachable, run, async (cluster) => {
      const nodes = await (await cliFor(cli, cluster, contexts, listing)).list(['nodes', 'ls', '--format', 'json']);
      if (ROW_LIMITS.has(nodes.rows.length)) {
        run.warn(
          `cluster '${cluster.name}' lists ${nodes.rows.length} nodes, where servers cut the list: nodes may be missing`,
        );
      }
      return nodes.rows.map((row) => toHost(row, cluster, options, nodes));
    });
    return perCluster.flat();
  } finally {
    await contexts?.close();
  }
}

function toCluster(row: Row): Cluster {
  const cluster = objectOf(row, 'Cluster');
  const id = String(row.ID);
  const name = textOf(row, 'Name') ?? textOf(cluster, 'name') ?? id;
  return { id, name, isCurrent: row.Current === '*', driver: textOf(cluster, 'driver') };
}

// `nodes ls` lists the cluster of the context only; without the CLI's configuration the context cannot be changed.
function onlyCurrent(
  clusters: readonly Cluster[],
  options: RancherOptions,
  listing: Listing,
  warn: (message: string) => void,
): readonly Cluster[] {
  const others = clusters.filter((cluster) => !cluster.isCurrent).map((cluster) => cluster.name);
  if (others.length === 0) return clusters;
  const hint = "set 'config_dir' to the directory with the CLI's cli2.json";
  const current = clusters.filter((cluster) => cluster.isCurrent);
  if (options.scopes !== undefined || current.length === 0) {
    throw listing.fail(`cannot be asked for ${others.join(', ')}: its cli2.json was not found`, hint);
  }
  warn(
    `only cluster '${current[0]?.name}' is listed, not ${others.join(', ')}: the CLI's cli2.json was not found; ${hint}`,
  );
  return current;
}

async function cliFor(
  cli: RancherCli,
  cluster: Cluster,
  contexts: Contexts | undefined,
  listing: Listing,
): Promise<RancherCli> {
  if (contexts === undefined) return cli;
  const env = await contexts.envFor(cluster.id);
  if (env !== undefined) return cli.withEnv(env);
  throw listing.fail(
    `cannot be asked for cluster '${cluster.name}' (${cluster.id}): the API key sees no project in it`,
    "name the others under 'clusters:' to leave it out",
  );
}

function toHost(row: Row, cluster: Cluster, options: RancherOptions, listing: Listing): RancherHost {
  const node = objectOf(row, 'Node');
  const id = String(row.ID);
  const clusterId = textOf(node, 'clusterId');
  if (clusterId !== cluster.id) {
    throw listing.fail(`listed node ${id} of cluster '${clusterId ?? 'unknown'}' instead of '${cluster.id}'`);
  }
  const nodeName = textOf(node, 'nodeName');
  const roles = ['controlPlane', 'etcd', 'worker']
    .filter((role) => node[role] === true)
    .map((role) => role.toLowerCase());
  const groups: [string, string][] = [['cluster', cluster.name]];
  for (const role of roles) groups.push(['role', role]);
  if (cluster.driver !== undefined) groups.push(['provider', cluster.driver]);
  const info = objectOf(node, 'info');
  return {
    id,
    name: textOf(row, 'Name') ?? nodeName ?? textOf(node, 'requestedHostname') ?? id,
    scope: cluster.name,
    state: textOf(node, 'state') ?? 'unknown',
    address: addressOf(node, options),
    user: textOf(node, 'sshUser'),
    labels: objectOf(node, 'labels'),
    groups,
    vars: {
      rancher_node_id: id,
      rancher_cluster_id: cluster.id,
      rancher_cluster_name: cluster.name,
      rancher_node_name: nodeName ?? null,
      rancher_roles: roles,
      rancher_unschedulable: node.unschedulable === true,
      rancher_kubelet_version: textOf(objectOf(info, 'kubernetes'), 'kubeletVersion') ?? null,
      rancher_docker_version: textOf(objectOf(info, 'os'), 'dockerVersion') ?? null,
      rancher_conditions: conditionsOf(node),
    },
  };
}

function addressOf(node: Row, { address }: RancherOptions): string | undefined {
  const custom = objectOf(node, 'customConfig');
  const internal = textOf(node, 'ipAddress');
  return address === 'internal'
    ? (internal ?? textOf(custom, 'internalAddress'))
    : (textOf(node, 'externalIpAddress') ?? internal ?? textOf(custom, 'address'));
}

// A cordoned node that is dead says `cordoned` as its state; its condition Ready tells.
function conditionsOf(node: Row): Record<string, unknown> {
  const conditions: Record<string, unknown> = {};
  if (!Array.isArray(node.conditions)) return conditions;
  for (const condition of node.conditions) {
    const row: Row = typeof condition === 'object' && condition !== null ? condition : {};
    const type = textOf(row, 'type');
    if (type !== undefined) conditions[type] = row.status ?? null;
  }
  return conditions;
}
