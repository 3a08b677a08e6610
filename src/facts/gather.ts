/** All facts of a host: which are asked for, the one script that looks, and what it said. */
import { dateTime } from './date-time.ts';
import { distribution } from './distribution.ts';
import { type FactGroup, type Facts, type Gatherer, PRELUDE, parseSections } from './gatherer.ts';
import { load, machine, memory, processor } from './hardware.ts';
import { FACT_PATH, local } from './local.ts';
import { mounts } from './mounts.ts';
import { network } from './network.ts';
import { platform } from './platform.ts';
import { containerEngines, dns, security, serviceManager, sshKeys } from './services.ts';
import { env, user } from './user.ts';
import { virtualization } from './virtualization.ts';

const GATHERERS: readonly Gatherer[] = [
  platform,
  distribution,
  user,
  env,
  dateTime,
  serviceManager,
  security,
  containerEngines,
  sshKeys,
  dns,
  local,
  load,
  processor,
  memory,
  machine,
  mounts,
  network,
  virtualization,
];

/** Names that `gather_subset` of Ansible has for parts of ours, beside the gatherers' own. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  apparmor: 'selinux',
  cmdline: 'loadavg',
  default_ipv4: 'network',
  devices: 'mounts',
  fips: 'selinux',
  interfaces: 'network',
  lsb: 'distribution',
  pkg_mgr: 'distribution',
  all_ipv4_addresses: 'network',
  all_ipv6_addresses: 'network',
  virtualization_type: 'virtual',
};

/** Sources of facts that Ansible has and we do not; asking for them is not an error, they are empty where absent too. */
const NOT_OURS: ReadonlySet<string> = new Set([
  'facter',
  'ohai',
  'python',
  'caps',
  'lvm',
  'fibre_channel_wwn',
  'iscsi',
  'nvme',
]);

const GROUPS: readonly FactGroup[] = ['min', 'hardware', 'network', 'virtual'];

/**
 * The gatherers for Ansible's `gather_subset`: `all`, a group, a single part, each also with `!` before it; `min` is in
 * unless `!min` says otherwise. Returns the word that is not known instead when there is one.
 */
export function selectGatherers(subset: readonly string[]): readonly Gatherer[] | { readonly unknown: string } {
  const chosen = new Set<Gatherer>();
  const refused = new Set<Gatherer>();
  const words = subset.map((word) => word.trim()).filter((word) => word !== '');
  const hasPositive = words.some((word) => !word.startsWith('!'));
  const named = new Set<Gatherer>();
  for (const word of hasPositive ? words : ['all', ...words]) {
    const name = word.replace(/^!/, '');
    const meant = gatherersOf(name);
    if (meant === undefined) return { unknown: name };
    for (const each of meant) {
      if (!word.startsWith('!')) (name === 'all' ? chosen : named).add(each);
      // `!all` leaves the minimum, as in Ansible.
      else if (name !== 'all' || each.group !== 'min') refused.add(each);
    }
  }
  // What is named beats `!`: `!all, network` is the network.
  const isIn = (each: Gatherer) =>
    named.has(each) || (!refused.has(each) && (chosen.has(each) || each.group === 'min'));
  return GATHERERS.filter(isIn);
}

/** Every word that `gather_subset` can hold, for "did you mean". */
export function subsetNames(): string[] {
  return ['all', ...GROUPS, ...GATHERERS.map((each) => each.name), ...Object.keys(OTHER_NAMES), ...NOT_OURS];
}

/**
 * The script for some gatherers. It exits 0 whatever is missing on the host.
 *
 * @param boundSeconds - how long a single command that can hang may take; whole, at least 1
 * @param factPath - folder of local facts, a word of `sh`
 */
export function factsScript(gatherers: readonly Gatherer[], boundSeconds: number, factPath = FACT_PATH): string {
  const bound = Math.max(1, Math.ceil(boundSeconds));
  // The environment is read before the script changes it for itself.
  const ordered = gatherers.toSorted((a, b) => Number(b === env) - Number(a === env));
  const parts = ordered.map((each) => `(\n${each === env ? '' : ENGLISH}${each.script})`);
  return `bound=${bound}\nfact_path=${factPath}\n${PRELUDE}${parts.join('\n')}\nexit 0\n`;
}

const ENGLISH = 'LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin\n';

/** The facts out of what {@link factsScript} printed, by Ansible's names without `ansible_`. */
export function parseFacts(gatherers: readonly Gatherer[], output: string): Facts {
  const sections = parseSections(output);
  return Object.assign({}, ...gatherers.map((each) => each.parse(sections)));
}

function gatherersOf(name: string): readonly Gatherer[] | undefined {
  if (name === 'all') return GATHERERS;
  if (NOT_OURS.has(name)) return [];
  const group = GROUPS.find((each) => each === name);
  if (group !== undefined) return GATHERERS.filter((each) => each.group === group || each.name === name);
  const own = OTHER_NAMES[name] ?? name;
  const found = GATHERERS.filter((each) => each.name === own);
  return found.length === 0 ? undefined : found;
}
