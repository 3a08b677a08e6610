/** Rancher 1.x: environments with hosts (CLI v0.4 to v0.6). */
import { type Listing, objectOf, type RancherCli, type Row, textOf } from './cli.ts';
import type { RancherHost } from './hosts.ts';
import type { RancherOptions } from './options.ts';
import { inOrder, type RancherRun, selectScopes } from './scopes.ts';

/** Rows after which the server cuts a list; the CLI asks for the rest only from this version on. */
const ROW_LIMIT = 3000;
const FOLLOWS_PAGES = 6012;

/**
 * Hosts of the environments, in the order of the CLI.
 *
 * @param versionNumber - of the CLI (minor × 1000 + patch), undefined when it was not asked
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED
 */
export async function listV1(
  cli: RancherCli,
  options: RancherOptions,
  versionNumber: number | undefined,
  run: RancherRun,
): Promise<RancherHost[]> {
  const listing = await cli.list(['env', 'ls', '-a', '--format', 'json']);
  const environments = listing.rows
    .map((row) => ({ id: String(row.ID), environment: objectOf(row, 'Environment') }))
    .filter(({ environment }) => !/^(?:removed|purg)/.test(textOf(environment, 'state') ?? ''))
    .map(({ id, environment }) => ({ id, name: textOf(environment, 'name') ?? id, environment }));
  if (environments.length === 0) throw listing.fail('listed no environments', 'an account API key sees them all');
  const selected = selectScopes(environments, options, 'environments', listing);
  const perEnvironment = await inOrder(selected, run, async ({ id, name, environment }) => {
    // Always by id: a name is ignored when there is only one environment, and without any the CLI asks in a loop.
    const all = options.choosesStates ? ['-a'] : [];
    const hosts = await cli.list(['--env', id, 'hosts', ...all, '--format', 'json']);
    if (hosts.rows.length === ROW_LIMIT && (versionNumber ?? 0) < FOLLOWS_PAGES) {
      run.warn(
        `environment '${name}' lists ${hosts.rows.length} hosts, where servers cut the list: hosts may be missing; ` +
          'use a CLI of v0.6.12 or later',
      );
    }
    return hosts.rows.map((row) => toHost(row, { id, name, environment }, hosts));
  });
  return perEnvironment.flat();
}

function toHost(row: Row, scope: { id: string; name: string; environment: Row }, listing: Listing): RancherHost {
  const host = objectOf(row, 'Host');
  const id = String(row.ID);
  const account = textOf(host, 'accountId');
  if (account !== scope.id) {
    throw listing.fail(
      `listed host ${id} of environment '${account ?? 'unknown'}' instead of '${scope.id}'`,
      'this CLI ignores --env when the key sees one environment only',
    );
  }
  const hostname = textOf(host, 'hostname');
  const info = objectOf(objectOf(host, 'info'), 'osInfo');
  const driver = textOf(host, 'driver');
  const orchestration = textOf(scope.environment, 'orchestration');
  const groups: [string, string][] = [
    ['env', scope.name],
    ['env_id', scope.id],
  ];
  if (orchestration !== undefined) groups.push(['orchestration', orchestration]);
  if (driver !== undefined) groups.push(['driver', driver]);
  return {
    id,
    name: textOf(host, 'name') ?? hostname ?? id,
    scope: scope.name,
    state: textOf(row, 'State') ?? textOf(host, 'state') ?? 'unknown',
    address: textOf(host, 'agentIpAddress') ?? (hostname?.includes('.') === true ? hostname : undefined),
    labels: objectOf(host, 'labels'),
    groups,
    vars: {
      rancher_host_id: id,
      rancher_env_id: scope.id,
      rancher_env_name: scope.name,
      rancher_agent_state: textOf(host, 'agentState') ?? null,
      rancher_hostname: hostname ?? null,
      rancher_docker_version: textOf(info, 'dockerVersion') ?? null,
      rancher_kernel: textOf(info, 'kernelVersion') ?? null,
      rancher_os: textOf(info, 'operatingSystem') ?? null,
      rancher_containers: typeof row.ContainerCount === 'number' ? row.ContainerCount : null,
      rancher_transitioning_message: textOf(host, 'transitioningMessage') ?? null,
    },
  };
}
