/** What starts services, what confines processes, which container engines and host keys there are. */
import type { Facts, Gatherer } from './gatherer.ts';

export const serviceManager: Gatherer = {
  name: 'service_mgr',
  group: 'min',
  script: `show comm /proc/1/comm
section marks
for path in /run/systemd/system /dev/.run/systemd /dev/.systemd /sbin/initctl /sbin/openrc /etc/init.d; do [ -e "$path" ] && echo "$path"; done
have systemctl && echo systemctl
`,
  parse: (sections) => ({ service_mgr: nameOf(sections.line('comm') ?? '', new Set(sections.lines('marks'))) }),
};

// What Ansible calls the first process where its name is not the name of the service manager.
const RENAMED: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
};

// The first process tells, unless it has the name that many have in common, or is a shell as in a container.
function nameOf(firstProcess: string, marks: ReadonlySet<string>): string {
  if (firstProcess !== '' && firstProcess !== 'init' && !firstProcess.endsWith('sh'))
    return RENAMED[firstProcess] ?? firstProcess;
  const hasSystemd = ['/run/systemd/system', '/dev/.run/systemd', '/dev/.systemd'].some((path) => marks.has(path));
  if (hasSystemd && marks.has('systemctl')) return 'systemd';
  if (marks.has('/sbin/initctl')) return 'upstart';
  if (marks.has('/sbin/openrc')) return 'openrc';
  return marks.has('/etc/init.d') ? 'sysvinit' : 'service';
}

export const security: Gatherer = {
  name: 'selinux',
  group: 'min',
  script: `section selinux; if [ -d /sys/fs/selinux ]; then echo present; cat /sys/fs/selinux/enforce /sys/fs/selinux/policyvers 2>/dev/null; fi
section selinux_config; sed -n 's/^SELINUX\\(TYPE\\)\\{0,1\\}=/&/p' /etc/selinux/config 2>/dev/null
section apparmor; [ -d /sys/kernel/security/apparmor ] && echo enabled
section fips; cat /proc/sys/crypto/fips_enabled 2>/dev/null
`,
  parse: (sections) => ({
    selinux: selinux(sections.lines('selinux'), sections.text('selinux_config')),
    apparmor: { status: sections.line('apparmor') ?? 'disabled' },
    fips: sections.line('fips') === '1',
  }),
};

function selinux([present, enforce, policyVersion]: readonly string[], config: string): Facts {
  if (present === undefined || enforce === undefined) return { status: 'disabled' };
  return {
    status: 'enabled',
    mode: enforce === '1' ? 'enforcing' : 'permissive',
    config_mode: /^SELINUX=\s*(\w+)/m.exec(config)?.[1] ?? 'unknown',
    type: /^SELINUXTYPE=\s*(\w+)/m.exec(config)?.[1] ?? 'unknown',
    ...(policyVersion === undefined ? {} : { policyvers: Number(policyVersion) }),
  };
}

export const containerEngines: Gatherer = {
  name: 'container_engines',
  group: 'min',
  script: `section engines; for name in docker podman nerdctl crictl; do have "$name" && echo "$name"; done
`,
  parse: (sections) => ({ container_engines: sections.lines('engines') }),
};

export const sshKeys: Gatherer = {
  name: 'ssh_pub_keys',
  group: 'min',
  script: `for type in rsa ecdsa ed25519; do show "key_$type" "/etc/ssh/ssh_host_\${type}_key.pub"; done
`,
  parse(sections) {
    const facts: Facts = {};
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      const [keyType, key] = (sections.line(`key_${type}`) ?? '').split(/\s+/);
      if (key === undefined) continue;
      facts[`ssh_host_key_${type}_public`] = key;
      facts[`ssh_host_key_${type}_public_keytype`] = keyType;
    }
    return facts;
  },
};

export const dns: Gatherer = {
  name: 'dns',
  group: 'min',
  script: `show resolv /etc/resolv.conf
`,
  parse(sections) {
    const found: Record<string, string[]> = {};
    for (const line of sections.lines('resolv')) {
      const [word = '', ...values] = line.trim().split(/\s+/);
      if (word === 'nameserver') found.nameservers = [...(found.nameservers ?? []), ...values.slice(0, 1)];
      if (word === 'search') found.search = values;
      if (word === 'domain') found.domain = values;
    }
    const { domain, ...rest } = found;
    return { dns: domain?.[0] === undefined ? rest : { ...rest, domain: domain[0] } };
  },
};
