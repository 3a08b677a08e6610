/** Interfaces, addresses and default routes. */
import type { Facts, Gatherer, Sections } from './gatherer.ts';

export const network: Gatherer = {
  name: 'network',
  group: 'network',
  // A route is only looked up, nothing is sent. Without `ip`, the kernel's tables give IPv4 routes and IPv6 addresses.
  script: `section links
for path in /sys/class/net/*; do
  [ -d "$path" ] || continue
  mac= mtu= state= type= flags= speed=
  read -r mac <"$path/address"; read -r mtu <"$path/mtu"; read -r state <"$path/operstate"
  read -r type <"$path/type"; read -r flags <"$path/flags"; read -r speed <"$path/speed"
  [ -d "$path/bridge" ] && type=bridge
  [ -d "$path/bonding" ] && type=bonding
  printf '%s %s %s %s %s %s %s\\n' "\${path##*/}" "\${mac:--}" "\${mtu:--}" "\${state:--}" "\${type:--}" "\${flags:--}" "\${speed:--}"
done 2>/dev/null
if have ip; then
  section addresses; ip -o addr show 2>/dev/null
  section route4; ip -4 route get 8.8.8.8 2>/dev/null
  section route6; ip -6 route get 2404:6800:400a:800::1012 2>/dev/null
else
  show routes4 /proc/net/route
  section ifconfig; have ifconfig && ifconfig -a 2>/dev/null
fi
`,
  parse: describeNetwork,
};

interface Ipv4 {
  readonly address: string;
  readonly broadcast: string;
  readonly netmask: string;
  readonly network: string;
  readonly prefix: string;
}

interface Interface {
  readonly device: string;
  readonly facts: Facts;
  readonly ipv4: Ipv4[];
  readonly ipv6: { readonly address: string; readonly prefix: string; readonly scope: string }[];
}

function describeNetwork(sections: Sections): Facts {
  const interfaces = new Map<string, Interface>();
  for (const line of sections.lines('links')) {
    const link = parseLink(line);
    interfaces.set(link.device, link);
  }
  for (const line of sections.lines('addresses')) addAddress(line, interfaces);
  addIfconfigAddresses(sections.text('ifconfig'), interfaces);
  const facts: Facts = {
    interfaces: [...interfaces.keys()],
    default_ipv4: defaultIpv4(sections, interfaces),
    default_ipv6: defaultIpv6(sections, interfaces),
    all_ipv4_addresses: [...interfaces.values()]
      .flatMap((each) => each.ipv4.map((ip) => ip.address))
      .filter((a) => !a.startsWith('127.')),
    all_ipv6_addresses: [...interfaces.values()]
      .flatMap((each) => each.ipv6.map((ip) => ip.address))
      .filter((a) => a !== '::1'),
  };
  for (const { device, facts: own, ipv4, ipv6 } of interfaces.values()) {
    const [first, ...secondaries] = ipv4;
    facts[device.replace(/[-.:]/g, '_')] = {
      ...own,
      ...(first === undefined ? {} : { ipv4: first }),
      ...(secondaries.length === 0 ? {} : { ipv4_secondaries: secondaries }),
      ...(ipv6.length === 0 ? {} : { ipv6 }),
    };
  }
  return facts;
}

// ARPHRD numbers of the kernel by Ansible's words.
const LINK_TYPES: Readonly<Record<string, string>> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
  bridge: 'bridge',
  bonding: 'bonding',
};

const PROMISCUOUS = 0x100;

function parseLink(line: string): Interface {
  const [device = '', mac = '-', mtu = '-', state = '-', type = '-', flags = '-', speed = '-'] = line.split(' ');
  const facts: Facts = { device, active: state !== 'down', type: LINK_TYPES[type] ?? 'unknown' };
  if (mac !== '-' && mac !== '00:00:00:00:00:00') facts.macaddress = mac;
  if (mtu !== '-') facts.mtu = Number(mtu);
  if (speed !== '-') facts.speed = Number(speed);
  facts.promisc = (Number(flags) & PROMISCUOUS) !== 0;
  return { device, facts, ipv4: [], ipv6: [] };
}

// `4: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\       valid_lft …`
function addAddress(line: string, interfaces: ReadonlyMap<string, Interface>): void {
  const match = /^\d+:\s+(\S+?)(?:@\S+)?:?\s+(inet6?)\s+([^\s/]+)(?:\/(\d+)|\s+peer\s+[^\s/]+\/(\d+))?\s*(.*)$/.exec(
    line,
  );
  const [, device = '', family, address = '', ownPrefix, peerPrefix, rest = ''] = match ?? [];
  const target = interfaces.get(device);
  if (target === undefined) return;
  const prefix = ownPrefix ?? peerPrefix ?? (family === 'inet' ? '32' : '128');
  if (family === 'inet') target.ipv4.push(ipv4(address, Number(prefix), /\bbrd (\S+)/.exec(rest)?.[1] ?? ''));
  else target.ipv6.push({ address, prefix, scope: /\bscope (\S+)/.exec(rest)?.[1] ?? '' });
}

// Both the old form (`inet addr:1.2.3.4 Mask:…`) and the new one (`inet 1.2.3.4 netmask …`).
function addIfconfigAddresses(text: string, interfaces: ReadonlyMap<string, Interface>): void {
  for (const block of text.split(/\n(?=\S)/)) {
    const target = interfaces.get(/^([^\s:]+)/.exec(block)?.[1] ?? '');
    const match = /inet (?:addr:)?([\d.]+).*?(?:netmask |Mask:)([\d.]+)(?:.*?broadcast ([\d.]+))?/.exec(block);
    if (target === undefined || match?.[1] === undefined || match[2] === undefined) continue;
    const broadcast = match[3] ?? /Bcast:([\d.]+)/.exec(block)?.[1] ?? '';
    target.ipv4.push(ipv4(match[1], prefixOf(toNumber(match[2])), broadcast));
  }
}

function ipv4(address: string, prefix: number, broadcast: string): Ipv4 {
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  const net = (toNumber(address) & mask) >>> 0;
  return { address, broadcast, netmask: toDotted(mask), network: toDotted(net), prefix: String(prefix) };
}

function defaultIpv4(sections: Sections, interfaces: ReadonlyMap<string, Interface>): Facts {
  const route = sections.line('route4') ?? '';
  let device = /\bdev (\S+)/.exec(route)?.[1];
  let gateway = /\bvia (\S+)/.exec(route)?.[1];
  if (device === undefined) [device, gateway] = defaultOfTable(sections.lines('routes4'));
  const found = device === undefined ? undefined : interfaces.get(device);
  if (device === undefined || found === undefined) return {};
  const source = /\bsrc (\S+)/.exec(route)?.[1];
  const own = found.ipv4.find((each) => each.address === source) ?? found.ipv4[0];
  return {
    ...linkFacts(found),
    alias: device,
    interface: device,
    ...(gateway === undefined ? {} : { gateway }),
    ...own,
  };
}

function defaultIpv6(sections: Sections, interfaces: ReadonlyMap<string, Interface>): Facts {
  const route = sections.line('route6') ?? '';
  const device = /\bdev (\S+)/.exec(route)?.[1];
  const gateway = /\bvia (\S+)/.exec(route)?.[1];
  const found = device === undefined ? undefined : interfaces.get(device);
  if (device === undefined || found === undefined || device === 'lo') return {};
  const source = /\bsrc (\S+)/.exec(route)?.[1];
  const own = found.ipv6.find((each) => each.address === source);
  return { ...linkFacts(found), interface: device, ...(gateway === undefined ? {} : { gateway }), ...own };
}

function linkFacts({ facts }: Interface): Facts {
  const { macaddress, mtu, type } = facts;
  return { ...(macaddress === undefined ? {} : { macaddress }), mtu, type };
}

// The kernel's table has addresses as hexadecimal numbers in the machine's byte order; the least metric wins.
function defaultOfTable(lines: readonly string[]): [string | undefined, string | undefined] {
  const routes = lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1] === '00000000' && fields[7] === '00000000');
  const best = routes.toSorted((a, b) => Number(a[6]) - Number(b[6]))[0];
  const bytes = (best?.[2] ?? '').match(/../g)?.map((byte) => Number.parseInt(byte, 16));
  return [best?.[0], bytes?.toReversed().join('.')];
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toDotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

function prefixOf(mask: number): number {
  return mask === 0 ? 0 : 32 - Math.log2((~mask >>> 0) + 1);
}
