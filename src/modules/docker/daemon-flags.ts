/** What is said on dockerd's command line, under the names that daemon.json has. */

/** Settings given as flags: key of daemon.json to the values in order; a boolean flag without a value is `true`. */
export type DaemonFlags = ReadonlyMap<string, readonly string[]>;

/**
 * Parses the command line of a daemon.
 *
 * @param argv - as /proc has it, the program first: `dockerd -H fd:// --live-restore`, `docker daemon -g /data`
 * @see https://docs.docker.com/reference/cli/dockerd/ for the flags and for the keys they correspond to
 */
export function parseDaemonFlags(argv: readonly string[]): DaemonFlags {
  const flags = new Map<string, string[]>();
  const words = argv.slice(1);
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const long = /^--([\w-]+)(?:=(.*))?$/s.exec(word);
    if (long !== null) {
      const [, name = '', attached] = long;
      const key = keyOf(name);
      add(flags, key, attached ?? (BOOLEAN_KEYS.has(key) ? 'true' : (words.shift() ?? '')));
    } else if (/^-\w/.test(word)) addShort(flags, word.slice(1), words);
  }
  return flags;
}

/** The last value of a setting on the command line. */
export function lastFlag(flags: DaemonFlags, key: string): string | undefined {
  return flags.get(key)?.at(-1);
}

// `-D`, `-Dl debug`, `-Hunix:///x`, `-H=unix:///x`.
function addShort(flags: Map<string, string[]>, letters: string, words: string[]): void {
  const key = keyOf(letters.slice(0, 1));
  const rest = letters.slice(1);
  if (!BOOLEAN_KEYS.has(key)) {
    add(flags, key, rest === '' ? (words.shift() ?? '') : rest.replace(/^=/, ''));
    return;
  }
  add(flags, key, rest.startsWith('=') ? rest.slice(1) : 'true');
  if (/^\w/.test(rest)) addShort(flags, rest, words);
}

function add(flags: Map<string, string[]>, key: string, value: string): void {
  flags.set(key, [...(flags.get(key) ?? []), value]);
}

function keyOf(name: string): string {
  return KEYS[name] ?? name;
}

// Flags whose key in daemon.json is another word: the short ones, and those that may be given several times.
const KEYS: Readonly<Record<string, string>> = {
  D: 'debug',
  G: 'group',
  H: 'hosts',
  b: 'bridge',
  d: 'daemon',
  g: 'data-root',
  graph: 'data-root',
  h: 'help',
  l: 'log-level',
  p: 'pidfile',
  s: 'storage-driver',
  v: 'version',
  'add-runtime': 'runtimes',
  'allow-nondistributable-artifact': 'allow-nondistributable-artifacts',
  'authorization-plugin': 'authorization-plugins',
  'cdi-spec-dir': 'cdi-spec-dirs',
  'cluster-store-opt': 'cluster-store-opts',
  'default-address-pool': 'default-address-pools',
  'default-network-opt': 'default-network-opts',
  'default-ulimit': 'default-ulimits',
  'dns-opt': 'dns-opts',
  'exec-opt': 'exec-opts',
  feature: 'features',
  host: 'hosts',
  'host-gateway-ip': 'host-gateway-ips',
  'insecure-registry': 'insecure-registries',
  label: 'labels',
  'log-opt': 'log-opts',
  'node-generic-resource': 'node-generic-resources',
  'registry-mirror': 'registry-mirrors',
  'storage-opt': 'storage-opts',
};

const BOOLEAN_KEYS: ReadonlySet<string> = new Set([
  'allow-direct-routing',
  'cri-containerd',
  'daemon',
  'debug',
  'disable-legacy-registry',
  'experimental',
  'help',
  'icc',
  'init',
  'ip-forward',
  'ip-forward-no-drop',
  'ip-masq',
  'ip6tables',
  'iptables',
  'ipv6',
  'live-restore',
  'no-new-privileges',
  'raw-logs',
  'rootless',
  'selinux-enabled',
  'tls',
  'tlsverify',
  'userland-proxy',
  'validate',
  'version',
]);
