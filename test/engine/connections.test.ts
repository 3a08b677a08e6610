import { describe, expect, it, vi } from 'vitest';
import { resolveTarget } from '../../src/engine/connections.ts';
import type { ConnectionDefaults } from '../../src/engine/options.ts';
import type { Host } from '../../src/inventory/types.ts';
import { scopeOf } from '../../src/template/index.ts';
import type { Target } from '../../src/transport/types.ts';

const DEFAULTS: ConnectionDefaults = {
  user: 'me',
  port: 22,
  privateKeyFiles: ['/home/me/.ssh/id_ed25519'],
  hostKeyPolicy: 'strict',
  knownHostsFiles: ['/home/me/.ssh/known_hosts'],
  connectTimeoutMs: 10_000,
  authTimeoutMs: 10_000,
  become: false,
  becomeMethod: 'sudo',
  becomeUser: 'root',
  home: '/home/me',
  connection: 'ssh',
};

function target(vars: Readonly<Record<string, unknown>>, host: Partial<Host> = {}): Target {
  const whole: Host = { name: 'web1', groups: new Set(), layers: [], ...host };
  return resolveTarget(whole, scopeOf(vars), {}, DEFAULTS, () => {});
}

describe('resolveTarget', () => {
  it('takes the defaults where the host has no variables', () => {
    expect(target({})).toMatchObject({ kind: 'ssh', address: 'web1', port: 22, user: 'me', hostKeyPolicy: 'strict' });
  });

  it("understands Ansible's variables, old and new names", () => {
    const vars = {
      ansible_host: '10.0.0.1',
      ansible_port: '2222',
      ansible_user: 'ops',
      ansible_ssh_private_key_file: '~/keys/fleet',
      ansible_ssh_common_args: "-o StrictHostKeyChecking=no -o 'UserKnownHostsFile=/dev/null'",
      ansible_timeout: 3,
    };
    expect(target(vars)).toMatchObject({
      address: '10.0.0.1',
      port: 2222,
      user: 'ops',
      privateKeyFiles: ['/home/me/keys/fleet'],
      hostKeyPolicy: 'off',
      knownHostsFiles: ['/dev/null'],
      connectTimeoutMs: 3000,
    });
    expect(target({ ansible_ssh_host: 'a', ansible_ssh_user: 'b', ansible_ssh_port: 3 })).toMatchObject({
      address: 'a',
      user: 'b',
      port: 3,
    });
  });

  it('tells of a password before it is used', () => {
    const onSecret = vi.fn();
    const host: Host = { name: 'web1', groups: new Set(), layers: [] };
    const { password } = resolveTarget(host, scopeOf({ ansible_password: 'hush' }), {}, DEFAULTS, onSecret);
    expect(onSecret).toHaveBeenCalledWith('hush');
    expect(String(password)).toBe('[REDACTED]');
  });

  it('a host without an address is never dialled, unless the user gives one', () => {
    const host = { unreachableReason: 'Rancher knows no address of it' };
    expect(target({}, host)).toMatchObject({ address: null, noAddressReason: host.unreachableReason });
    expect(target({ ansible_host: '10.0.0.1' }, host)).toMatchObject({ address: '10.0.0.1' });
  });

  it.each([
    [{ ansible_port: 'ssh' }, "expected `ansible_port` of 'web1' to be a whole number, found 'ssh'"],
    [
      { ansible_connection: 'winrm' },
      "expected the connection of 'web1' to be 'ssh', 'openssh', 'local', 'docker' or 'podman', found 'winrm'",
    ],
    [
      { ansible_ssh_common_args: '-o ProxyCommand="ssh -W %h:%p bastion"' },
      "the SSH arguments of 'web1' ask for a jump host (proxycommand), which is not supported yet",
    ],
    [
      { ansible_ssh_extra_args: '-J bastion' },
      "the SSH arguments of 'web1' ask for a jump host (proxyjump), which is not supported yet",
    ],
  ])('%j is an error', (vars, message) => {
    expect(() => target(vars)).toThrow(message);
  });
});

describe('the kind of connection', () => {
  it.each([
    ['ssh', 'ssh'],
    ['smart', 'ssh'],
    ['ansible.builtin.local', 'local'],
    ['openssh', 'openssh'],
    ['docker', 'docker'],
    ['community.docker.docker', 'docker'],
    ['podman', 'docker'],
  ])('%s is %s', (name, kind) => {
    expect(target({ ansible_connection: name }).kind).toBe(kind);
  });

  it('suggests the name that is near', () => {
    const wrong = () => target({ ansible_connection: 'opensh' });
    expect(wrong).toThrow(expect.objectContaining({ code: 'CONNECT_FAILED', hint: "did you mean 'openssh'?" }));
  });
});
