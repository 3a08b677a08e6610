/** Whether the host is a container, a virtual machine or a host of these. */
import type { Gatherer, Sections } from './gatherer.ts';

export const virtualization: Gatherer = {
  name: 'virtual',
  group: 'virtual',
  script: `section marks
for path in /.dockerenv /run/.containerenv /proc/xen /proc/vz /proc/bc /dev/kvm /proc/sys/xen; do [ -e "$path" ] && echo "$path"; done
section cgroup; head -n 5 /proc/1/cgroup 2>/dev/null
section container; { tr '\\000' '\\n' </proc/1/environ | grep '^container='; } 2>/dev/null
section product; cat /sys/class/dmi/id/product_name 2>/dev/null
section vendor; cat /sys/class/dmi/id/sys_vendor 2>/dev/null
section bios; cat /sys/class/dmi/id/bios_vendor 2>/dev/null
section hypervisor; grep -m 1 -o -w hypervisor /proc/cpuinfo 2>/dev/null
section modules; grep -o -E '^(kvm|vboxdrv|vmmemctl)' /proc/modules 2>/dev/null
`,
  parse(sections) {
    const guest = guestOf(sections);
    const host = hostOf(sections);
    const [type, role] = guest !== undefined ? [guest, 'guest'] : host !== undefined ? [host, 'host'] : ['NA', 'NA'];
    return { virtualization_type: type, virtualization_role: role };
  },
};

// A container is named before the machine that it runs on.
function guestOf(sections: Sections): string | undefined {
  const marks = new Set(sections.lines('marks'));
  const cgroup = sections.text('cgroup');
  const container = /^container=(\S+)/m.exec(sections.text('container'))?.[1];
  if (marks.has('/.dockerenv') || /\/docker[-/]/.test(cgroup)) return 'docker';
  if (marks.has('/run/.containerenv') || container === 'podman') return 'podman';
  if (container?.startsWith('lxc') || /\/lxc\//.test(cgroup)) return 'lxc';
  if (container !== undefined) return container === 'systemd-nspawn' ? 'systemd-nspawn' : 'container';
  if (marks.has('/proc/vz') && !marks.has('/proc/bc')) return 'openvz';
  return machineOf(
    sections.line('product') ?? '',
    sections.line('vendor') ?? '',
    sections.line('bios') ?? '',
    sections,
  );
}

function machineOf(product: string, vendor: string, bios: string, sections: Sections): string | undefined {
  if (
    /^(?:KVM|OpenStack (?:Nova|Compute)|Standard PC|AHV|Bochs|RHEV|RHV|oVirt|Alibaba Cloud ECS|Google Compute Engine)/.test(
      product,
    )
  )
    return 'kvm';
  if (/^VMware/.test(product)) return 'VMware';
  if (product === 'VirtualBox' || bios === 'innotek GmbH') return 'virtualbox';
  if (product === 'HVM domU' || /^Xen/.test(bios) || sections.lines('marks').includes('/proc/xen')) return 'xen';
  if (product === 'Virtual Machine' && vendor === 'Microsoft Corporation') return 'VirtualPC';
  if (/^Parallels/.test(product)) return 'parallels';
  if (/^(?:QEMU|Amazon EC2|DigitalOcean|Hetzner|Red Hat|Nutanix)/.test(vendor) || bios === 'Amazon EC2') return 'kvm';
  return sections.line('hypervisor') === undefined ? undefined : 'kvm';
}

function hostOf(sections: Sections): string | undefined {
  const modules = sections.lines('modules');
  if (modules.includes('kvm')) return 'kvm';
  if (modules.includes('vboxdrv')) return 'virtualbox';
  return undefined;
}
