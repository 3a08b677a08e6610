/** Which distribution of Linux it is, in Ansible's names, and what follows from that. */
import { type Facts, type Gatherer, parseAssignments } from './gatherer.ts';

export const distribution: Gatherer = {
  name: 'distribution',
  group: 'min',
  script: `if [ -r /etc/os-release ]; then show os_release /etc/os-release; else show os_release /usr/lib/os-release; fi
show debian_version /etc/debian_version
show redhat_release /etc/redhat-release
show lsb_release /etc/lsb-release
section commands
for path in /usr/bin/apt-get /usr/bin/dnf5 /usr/bin/dnf /usr/bin/microdnf /usr/bin/yum /usr/bin/zypper /sbin/apk /usr/bin/pacman \\
  /usr/bin/emerge /usr/bin/xbps-install /usr/sbin/swupd /usr/bin/opkg /bin/opkg /run/current-system/sw/bin/nix-env /usr/bin/lsb_release; do
  [ -e "$path" ] && echo "$path"
done
`,
  parse(sections) {
    const release = parseAssignments(sections.text('os_release'));
    const commands = sections.lines('commands');
    const facts = describe(release, sections.line('debian_version') ?? '', sections.line('redhat_release') ?? '');
    return {
      ...facts,
      pkg_mgr: packageManager(String(facts.os_family), commands),
      lsb: lsb(release, facts, sections.text('lsb_release') !== '' || commands.includes('/usr/bin/lsb_release')),
    };
  },
};

// Ansible's name by the ID of os-release; others keep the NAME of os-release.
const NAMES: Readonly<Record<string, string>> = {
  debian: 'Debian',
  raspbian: 'Debian',
  ubuntu: 'Ubuntu',
  linuxmint: 'Linux Mint',
  kali: 'Kali',
  pop: 'Pop!_OS',
  devuan: 'Devuan',
  rhel: 'RedHat',
  centos: 'CentOS',
  fedora: 'Fedora',
  rocky: 'Rocky',
  almalinux: 'AlmaLinux',
  ol: 'OracleLinux',
  amzn: 'Amazon',
  scientific: 'Scientific',
  sles: 'SLES',
  sled: 'SLED',
  sles_sap: 'SLES_SAP',
  'opensuse-leap': 'openSUSE Leap',
  'opensuse-tumbleweed': 'openSUSE Tumbleweed',
  alpine: 'Alpine',
  arch: 'Archlinux',
  archarm: 'Archlinux',
  manjaro: 'Manjaro',
  gentoo: 'Gentoo',
  coreos: 'CoreOS',
  flatcar: 'Flatcar',
  photon: 'VMware Photon OS',
  openwrt: 'OpenWrt',
  nixos: 'NixOS',
  void: 'Void',
};

const FAMILIES: Readonly<Record<string, string>> = {
  Debian: 'Debian',
  Ubuntu: 'Debian',
  'Linux Mint': 'Debian',
  Kali: 'Debian',
  'Pop!_OS': 'Debian',
  Devuan: 'Debian',
  RedHat: 'RedHat',
  CentOS: 'RedHat',
  Fedora: 'RedHat',
  Rocky: 'RedHat',
  AlmaLinux: 'RedHat',
  OracleLinux: 'RedHat',
  Amazon: 'RedHat',
  Scientific: 'RedHat',
  SLES: 'Suse',
  SLED: 'Suse',
  SLES_SAP: 'Suse',
  'openSUSE Leap': 'Suse',
  'openSUSE Tumbleweed': 'Suse',
  Archlinux: 'Archlinux',
  Manjaro: 'Archlinux',
  'VMware Photon OS': 'RedHat',
};

// Families of distributions that are not listed, by what os-release says they are like.
const FAMILY_OF_LIKE: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Debian',
  rhel: 'RedHat',
  fedora: 'RedHat',
  centos: 'RedHat',
  suse: 'Suse',
  arch: 'Archlinux',
  gentoo: 'Gentoo',
  alpine: 'Alpine',
};

function describe(release: ReadonlyMap<string, string>, debianVersion: string, redhatRelease: string): Facts {
  const id =
    release.get('ID') ?? (/centos/i.test(redhatRelease) ? 'centos' : /red hat/i.test(redhatRelease) ? 'rhel' : '');
  const name = NAMES[id] ?? release.get('NAME') ?? 'Linux';
  const version = versionOf(name, release, debianVersion, redhatRelease);
  const [major = 'NA', minor = 'NA'] = version.split('.');
  const like = (release.get('ID_LIKE') ?? '').split(/\s+/).map((word) => FAMILY_OF_LIKE[word]);
  return {
    distribution: name,
    distribution_version: version,
    distribution_major_version: major,
    distribution_minor_version: minor,
    distribution_release: releaseName(release),
    os_family: FAMILIES[name] ?? like.find((family) => family !== undefined) ?? name,
  };
}

// os-release gives Debian and CentOS only their major version; their own files know more.
function versionOf(
  name: string,
  release: ReadonlyMap<string, string>,
  debianVersion: string,
  redhatRelease: string,
): string {
  if (name === 'Debian' && /^\d/.test(debianVersion)) return debianVersion;
  if (name === 'CentOS' || !release.has('VERSION_ID')) {
    const precise = /(\d+)(?:\.(\d+))?/.exec(redhatRelease);
    if (precise?.[1] !== undefined) return precise[2] === undefined ? precise[1] : `${precise[1]}.${precise[2]}`;
  }
  return release.get('VERSION_ID') ?? release.get('BUILD_ID') ?? 'NA';
}

function releaseName(release: ReadonlyMap<string, string>): string {
  const codename = release.get('VERSION_CODENAME') ?? release.get('UBUNTU_CODENAME');
  if (codename !== undefined && codename !== '') return codename;
  return /\(([^)]+)\)/.exec(release.get('VERSION') ?? '')?.[1] ?? 'NA';
}

function packageManager(family: string, commands: readonly string[]): string {
  const found = (path: string) => commands.includes(path);
  const red =
    found('/usr/bin/dnf5') && !found('/usr/bin/dnf')
      ? 'dnf5'
      : found('/usr/bin/dnf') || found('/usr/bin/microdnf')
        ? 'dnf'
        : 'yum';
  if (family === 'RedHat' && (red !== 'yum' || found('/usr/bin/yum'))) return red;
  const byPath: readonly (readonly [string, string])[] = [
    ['/usr/bin/apt-get', 'apt'],
    ['/usr/bin/zypper', 'zypper'],
    ['/sbin/apk', 'apk'],
    ['/usr/bin/pacman', 'pacman'],
    ['/usr/bin/emerge', 'portage'],
    ['/usr/bin/xbps-install', 'xbps'],
    ['/usr/sbin/swupd', 'swupd'],
    ['/usr/bin/opkg', 'opkg'],
    ['/bin/opkg', 'opkg'],
    ['/run/current-system/sw/bin/nix-env', 'nix'],
    ['/usr/bin/dnf', 'dnf'],
    ['/usr/bin/yum', 'yum'],
  ];
  return byPath.find(([path]) => found(path))?.[1] ?? 'unknown';
}

// Ansible asks `lsb_release`; what that prints stands in os-release too, without starting it.
function lsb(release: ReadonlyMap<string, string>, facts: Facts, known: boolean): Facts {
  const version = release.get('VERSION_ID');
  if (!known || version === undefined) return {};
  return {
    id: facts.distribution,
    description: release.get('PRETTY_NAME') ?? '',
    release: version,
    major_release: version.split('.')[0],
    codename: facts.distribution_release,
  };
}
