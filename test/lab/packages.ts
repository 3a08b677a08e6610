/** What the lab needs of Debian: the one list, for the installer and for the message that names what is missing. */

export interface LabPackage {
  readonly name: string;
  /** A file that is there when the package is. */
  readonly file: string;
  /** What the lab uses it for. */
  readonly use: string;
}

export const LAB_PACKAGES: readonly LabPackage[] = [
  { name: 'openssh-server', file: '/usr/sbin/sshd', use: 'hosts to log in to' },
  { name: 'sudo', file: '/usr/bin/sudo', use: 'become' },
  { name: 'opendoas', file: '/usr/bin/doas', use: 'become' },
  { name: 'docker.io', file: '/usr/sbin/dockerd', use: 'real engines' },
  { name: 'busybox-static', file: '/bin/busybox', use: 'the image of the containers' },
  { name: 'iproute2', file: '/usr/sbin/ip', use: 'the network namespace of an engine' },
  { name: 'iptables', file: '/usr/sbin/iptables', use: 'the network of an engine' },
  { name: 'e2fsprogs', file: '/usr/bin/chattr', use: 'files that cannot be deleted' },
  { name: 'util-linux', file: '/usr/bin/unshare', use: 'namespaces' },
  { name: 'kubernetes-client', file: '/usr/bin/kubectl', use: 'a real kubectl' },
  { name: 'zsh', file: '/bin/zsh', use: 'a login shell' },
  { name: 'fish', file: '/usr/bin/fish', use: 'a login shell' },
  { name: 'mksh', file: '/bin/mksh', use: 'an `sh` whose printf is no builtin' },
  { name: 'tcsh', file: '/bin/csh', use: 'a login shell' },
  { name: 'ansible', file: '/usr/bin/ansible-playbook', use: 'the peer that results are compared with' },
  {
    name: 'python3-jinja2',
    file: '/usr/lib/python3/dist-packages/jinja2/__init__.py',
    use: 'the peer of the expressions',
  },
];
