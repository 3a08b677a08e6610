/** Kernel, names of the host, machine id. */
import type { Gatherer } from './gatherer.ts';

export const platform: Gatherer = {
  name: 'platform',
  group: 'min',
  script: `section kernel; uname -s; uname -r; uname -m; uname -n
section kernel_version; uname -v
section fqdn; have hostname && bounded hostname -f 2>/dev/null
section bits; getconf LONG_BIT 2>/dev/null
show machine_id /etc/machine-id
[ -r /etc/machine-id ] || show machine_id /var/lib/dbus/machine-id
`,
  parse(sections) {
    const [system = '', kernel = '', machine = '', nodename = ''] = sections.lines('kernel');
    const fqdn = sections.line('fqdn') ?? nodename;
    const bits = sections.line('bits');
    return {
      system,
      kernel,
      kernel_version: sections.line('kernel_version') ?? '',
      machine,
      // A 32-bit userspace's i686 is i386 to package names, and so to Ansible.
      architecture: /^i[3-6]86$/.test(machine) ? 'i386' : machine,
      nodename,
      hostname: nodename.split('.')[0] ?? '',
      fqdn,
      domain: fqdn.split('.').slice(1).join('.'),
      ...(bits === undefined ? {} : { userspace_bits: bits }),
      ...(bits === undefined ? {} : { userspace_architecture: userspaceArchitecture(machine, bits) }),
      ...(sections.line('machine_id') === undefined ? {} : { machine_id: sections.line('machine_id') }),
    };
  },
};

function userspaceArchitecture(machine: string, bits: string): string {
  if (machine === 'x86_64' && bits === '32') return 'i386';
  return /^i[3-6]86$/.test(machine) ? 'i386' : machine;
}
