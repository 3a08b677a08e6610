/** The words of the engine's commands that make a network and its endpoints again as they were; pure. */

import { isIPv6 } from 'node:net';
import type { Endpoint } from '../docker/details.ts';
import type { Network, NetworkAddresses } from '../docker/networks.ts';

/** Whose addresses are given again: `same`: all that are in use now; `fixed`: only those that users asked for. */
export type AddressRule = 'same' | 'fixed';

/** The words after `network create` for a network like this one, without its name. */
export function createWords(network: Network): string[] {
  // A client that is newer than its daemon says of every network that it has no IPv4.
  const isIpv6Only = !network.ipv4 && network.addresses.length > 0 && network.addresses.every(isIpv6Range);
  return [
    ...['--driver', network.driver],
    ...(isIpv6Only ? ['--ipv4=false'] : []),
    ...(network.ipv6 ? ['--ipv6'] : []),
    ...(network.internal ? ['--internal'] : []),
    ...(network.attachable ? ['--attachable'] : []),
    ...(network.ipamDriver === 'default' ? [] : ['--ipam-driver', network.ipamDriver]),
    ...pairs('--ipam-opt', network.ipamOptions),
    ...network.addresses.flatMap(addressWords),
    ...pairs('--opt', network.options),
    ...pairs('--label', network.labels),
  ];
}

/** The words after `network connect` for an endpoint like this one, without the network and the container. */
export function connectWords(endpoint: Endpoint, network: Network, rule: AddressRule): string[] {
  const { ipv4, ipv6 } = wantedAddresses(endpoint, network, rule);
  return [
    ...(ipv4 === undefined ? [] : ['--ip', ipv4]),
    ...(ipv6 === undefined ? [] : ['--ip6', ipv6]),
    ...endpoint.linkLocalIps.flatMap((address) => ['--link-local-ip', address]),
    ...endpoint.aliases.flatMap((alias) => ['--alias', alias]),
    ...endpoint.links.flatMap((link) => ['--link', link]),
    ...pairs('--driver-opt', endpoint.driverOptions),
  ];
}

/** The addresses that the endpoint is given by name; those that are not may be any. */
export function wantedAddresses(
  { fixed, current }: Endpoint,
  network: Network,
  rule: AddressRule,
): { readonly ipv4?: string; readonly ipv6?: string } {
  // The engine takes an address only where the subnet was given to it.
  if (rule === 'fixed' || network.addresses.length === 0) return fixed;
  return { ipv4: fixed.ipv4 ?? current.ipv4, ipv6: fixed.ipv6 ?? (network.ipv6 ? current.ipv6 : undefined) };
}

/** How the network that was made differs from the one that was; empty when it does not. */
export function differences(before: Network, after: Network): string[] {
  // The engine adds a gateway by itself, and an older one forgets to say it until its restart.
  const gateways = new Map(after.addresses.map(({ subnet, gateway }) => [subnet, gateway]));
  const normal = (network: Network): Network => ({
    ...network,
    addresses: network.addresses.map((each) => ({
      ...each,
      gateway: before.addresses.find(({ subnet }) => subnet === each.subnet)?.gateway && gateways.get(each.subnet),
    })),
  });
  const kept = createWords({ ...normal(after) });
  const wanted = createWords(before);
  const missing = wanted.filter((word) => !kept.includes(word));
  const added = kept.filter((word) => !wanted.includes(word));
  return [...missing.map((word) => `without '${word}'`), ...added.map((word) => `with '${word}'`)];
}

function addressWords({ subnet, gateway, ipRange, auxiliary }: NetworkAddresses): string[] {
  return [
    ...(subnet === '' ? [] : ['--subnet', subnet]),
    ...(ipRange === undefined ? [] : ['--ip-range', ipRange]),
    // Newer engines say it with the length of its prefix.
    ...(gateway === undefined ? [] : ['--gateway', gateway.replace(/\/\d+$/, '')]),
    ...pairs('--aux-address', auxiliary),
  ];
}

function isIpv6Range({ subnet }: NetworkAddresses): boolean {
  return isIPv6(subnet.split('/')[0] ?? '');
}

function pairs(flag: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}
