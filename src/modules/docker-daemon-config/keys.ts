/**
 * The keys of daemon.json, and what it takes for the daemon to take each.
 *
 * @see https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file for the keys
 * @see https://docs.docker.com/reference/cli/dockerd/#configuration-reload-behavior and, for what the reload really changes,
 *   https://github.com/moby/moby/blob/v20.10.24/daemon/reload.go with reload_unix.go, and the same files of v28.5.2
 */

import { didYouMean } from '../../util/did-you-mean.ts';

/** Keys that SIGHUP is enough for; all others need a restart of the daemon. */
const RELOADABLE: ReadonlySet<string> = new Set([
  'allow-nondistributable-artifacts',
  'authorization-plugins',
  'debug',
  'default-cgroupns-mode',
  'default-ipc-mode',
  'default-runtime',
  'default-shm-size',
  'features',
  'insecure-registries',
  'labels',
  'live-restore',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'network-diagnostic-port',
  'registry-mirrors',
  'runtimes',
  'shutdown-timeout',
]);

/** Keys that go back to their default when a reload does not find them; the daemon keeps the value of all others. */
const RESET_BY_RELOAD: ReadonlySet<string> = new Set([
  'features',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'network-diagnostic-port',
]);

// Beside those that can be reloaded.
const OTHERS: readonly string[] = [
  'allow-direct-routing',
  'api-cors-header',
  'bip',
  'bip6',
  'bridge',
  'bridge-accept-fwmark',
  'builder',
  'cdi-spec-dirs',
  'cgroup-parent',
  'cluster-advertise',
  'cluster-store',
  'cluster-store-opts',
  'containerd',
  'containerd-namespace',
  'containerd-plugins-namespace',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'cri-containerd',
  'data-root',
  'default-address-pools',
  'default-gateway',
  'default-gateway-v6',
  'default-network-opts',
  'default-ulimits',
  'deprecated-key-path',
  'disable-legacy-registry',
  'dns',
  'dns-opts',
  'dns-search',
  'exec-opts',
  'exec-root',
  'experimental',
  'firewall-backend',
  'fixed-cidr',
  'fixed-cidr-v6',
  'graph',
  'group',
  'host-gateway-ip',
  'host-gateway-ips',
  'hosts',
  'http-proxy',
  'https-proxy',
  'icc',
  'init',
  'init-path',
  'ip',
  'ip-forward',
  'ip-forward-no-drop',
  'ip-masq',
  'ip6tables',
  'iptables',
  'ipv6',
  'log-driver',
  'log-format',
  'log-level',
  'log-opts',
  'metrics-addr',
  'mtu',
  'network-control-plane-mtu',
  'no-new-privileges',
  'no-proxy',
  'node-generic-resources',
  'oom-score-adjust',
  'pidfile',
  'proxies',
  'raw-logs',
  'rootless',
  'seccomp-profile',
  'selinux-enabled',
  'storage-driver',
  'storage-opts',
  'swarm-default-advertise-addr',
  'swarm-raft-election-tick',
  'swarm-raft-heartbeat-tick',
  'tls',
  'tlscacert',
  'tlscert',
  'tlskey',
  'tlsverify',
  'userland-proxy',
  'userland-proxy-path',
  'userns-remap',
];

const KNOWN: ReadonlySet<string> = new Set([...RELOADABLE, ...OTHERS]);

/** Whether some version of the daemon knows the key. One that it does not know keeps it from starting. */
export function isKnownKey(key: string): boolean {
  return KNOWN.has(key);
}

/** `did you mean 'log-driver'?`, or undefined. */
export function similarKey(key: string): string | undefined {
  return didYouMean(key, [...KNOWN]);
}

/** Whether SIGHUP makes the daemon take the key's new value. */
export function isReloadable(key: string, isRemoved: boolean): boolean {
  return RELOADABLE.has(key) && (!isRemoved || RESET_BY_RELOAD.has(key));
}

/** Keys that the daemon accepts both in the file and on its command line, and merges. */
export const MERGED_WITH_FLAGS: ReadonlySet<string> = new Set(['runtimes']);
