/** From what Rancher knows of a machine to a host of the inventory. */
import { slug } from '../group-name.ts';
import type { InventoryBuilder } from '../model.ts';
import type { RancherOptions } from './options.ts';

/** One machine, of either generation. */
export interface RancherHost {
  /** Rancher's id: `1h1`, `c-abc12:m-aaaaa`. */
  readonly id: string;
  readonly name: string;
  /** Name of the environment or cluster. */
  readonly scope: string;
  readonly state: string;
  readonly address?: string;
  readonly user?: string;
  readonly labels: Readonly<Record<string, unknown>>;
  /** Names of groups beside those of states and labels, as prefix and raw value. */
  readonly groups: readonly (readonly [prefix: string, value: string])[];
  /** Variables beside those that all hosts have. */
  readonly vars: Readonly<Record<string, unknown>>;
}

/** Labels that Rancher and Kubernetes set by themselves. */
const SYSTEM_LABELS = /^(?:io\.rancher\.|beta\.kubernetes\.io\/|node\.alpha\.kubernetes\.io\/)/;

/**
 * Adds the hosts that are targets by their state.
 *
 * @returns names of the added hosts
 */
export function addHosts(
  hosts: readonly RancherHost[],
  options: RancherOptions,
  origin: string,
  builder: InventoryBuilder,
): string[] {
  const targets = hosts.filter(({ state }) => isTarget(state, options));
  const names = uniqueNames(targets, (message) => builder.warn(`${origin}: ${message}`));
  for (const [i, rancherHost] of targets.entries()) {
    const host = builder.host(names[i] ?? rancherHost.id);
    for (const group of groupNames(rancherHost, options)) builder.addMember(builder.group(group), host);
    const vars: Record<string, unknown> = {
      ...rancherHost.vars,
      rancher_name: rancherHost.name,
      rancher_state: rancherHost.state,
      rancher_labels: rancherHost.labels,
    };
    if (rancherHost.address !== undefined) vars.ansible_host = rancherHost.address;
    else host.unreachableReason = `Rancher knows no address of it (state ${rancherHost.state})`;
    const user = options.user ?? rancherHost.user;
    if (user !== undefined) vars.ansible_user = user;
    // Names, labels and messages are written by others: they are data, never templates.
    builder.addHostVars(host, { origin, vars, isTemplate: false });
  }
  return names;
}

function isTarget(state: string, { states, excludeStates }: RancherOptions): boolean {
  return (states === undefined || states.includes(state)) && !excludeStates.includes(state);
}

function groupNames(host: RancherHost, options: RancherOptions): Set<string> {
  const names = new Set<string>();
  for (const [prefix, value] of host.groups) if (slug(value) !== '') names.add(`${prefix}_${slug(value)}`);
  names.add(`state_${slug(host.state)}`);
  for (const [key, value] of Object.entries(host.labels)) {
    if (options.labelGroups === false) break;
    if (!options.includeSystemLabels && SYSTEM_LABELS.test(key)) continue;
    if (options.labelGroups !== true && !options.labelGroups.includes(key)) continue;
    names.add(['label', slug(key), slug(String(value ?? ''))].filter((part) => part !== '').join('_'));
  }
  return names;
}

// Names as inventories can have them; where several hosts share one, all of them get their scope, then also their id.
function uniqueNames(hosts: readonly RancherHost[], warn: (message: string) => void): string[] {
  const plain = hosts.map(({ name, id }) => hostName(name) || hostName(id));
  const scoped = disambiguate(plain, hosts, ({ scope }) => `@${hostName(scope)}`);
  const names = disambiguate(scoped, hosts, ({ id }) => `#${id}`);
  const shared = new Map<string, string[]>();
  for (const [i, name] of names.entries()) {
    const wanted = plain[i] ?? name;
    if (name !== wanted) shared.set(wanted, [...(shared.get(wanted) ?? []), name]);
  }
  for (const [wanted, given] of shared) {
    const more = given.length > 5 ? ` and ${given.length - 5} more` : '';
    warn(`${given.length} hosts are named '${wanted}' and are told apart as ${given.slice(0, 5).join(', ')}${more}`);
  }
  return names;
}

function disambiguate(
  names: readonly string[],
  hosts: readonly RancherHost[],
  suffix: (host: RancherHost) => string,
): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, i) => {
    const host = hosts[i];
    return host === undefined || counts.get(name) === 1 ? name : `${name}${suffix(host)}`;
  });
}

// Without what means something in a pattern or cannot stand in a file.
function hostName(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^-+|-+$/g, '');
}
