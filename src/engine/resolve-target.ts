/** How to reach a host: its variables, the keywords of the task, the settings of the run, ssh_config. */

import type { Host } from '../inventory/types.ts';
import { toText } from '../template/index.ts';
import type { Scope } from '../template/types.ts';
import type { SshRequest } from '../transport/index.ts';
import type { HostKeyPolicy, Target } from '../transport/types.ts';
import { expandHome } from '../util/home-path.ts';
import { Secret } from '../util/secret.ts';
import { connectionKind } from './connection-kind.ts';
import { ConnectionVars } from './connection-vars.ts';
import { containerTarget } from './container-target.ts';
import type { ConnectionDefaults } from './options.ts';

/** Keywords of the task that beat the run's defaults; variables of the host beat both. */
export interface ConnectionKeywords {
  readonly user?: string;
  readonly port?: number;
  readonly connection?: string;
}

/**
 * Works out how to reach a host from its variables (Ansible's names), the task's keywords, the run's defaults, and for
 * what none of these says from ssh_config.
 *
 * @param reach - the target of another host, which a container may be on
 * @throws {@link TransportError} CONNECT_FAILED for a connection type or setting that does not exist or cannot be honoured
 */
export async function resolveTarget(
  host: Host,
  scope: Scope,
  keywords: ConnectionKeywords,
  defaults: ConnectionDefaults,
  onSecret: (secret: string) => void,
  reach: (hostName: string) => Promise<Target>,
): Promise<Target> {
  const vars = new ConnectionVars(host.name, scope);
  const { kind, exe } = connectionKind(
    host.name,
    vars.text('ansible_connection') ?? keywords.connection ?? defaults.connection,
  );
  const secret = (...names: readonly string[]): Secret | undefined => {
    const text = vars.text(...names);
    if (text === undefined) return undefined;
    onSecret(text);
    return new Secret(text);
  };
  const password = secret('ansible_ssh_pass', 'ansible_ssh_password', 'ansible_password');
  const passphrase = secret('ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase');
  const address = vars.text('ansible_ssh_host', 'ansible_host');
  const keyFile = vars.text('ansible_ssh_private_key_file', 'ansible_private_key_file');
  const timeoutSeconds = vars.number('ansible_ssh_timeout', 'ansible_timeout');
  const request: SshRequest = {
    name: host.name,
    host: address ?? host.name,
    noAddressReason: address === undefined ? host.unreachableReason : undefined,
    port: vars.number('ansible_ssh_port', 'ansible_port') ?? keywords.port ?? defaults.port,
    user: vars.text('ansible_ssh_user', 'ansible_user') ?? keywords.user ?? defaults.user,
    password: password ?? defaults.password,
    keyFile: keyFile === undefined ? defaults.privateKeyFile : expandHome(keyFile, defaults.home),
    passphrase: passphrase ?? defaults.passphrase,
    connectTimeoutMs: timeoutSeconds === undefined ? defaults.connectTimeoutMs : timeoutSeconds * 1000,
    connectRetries: vars.number('ansible_ssh_retries', 'ansible_ssh_reconnection_retries'),
    hostKeyPolicy: hostKeyPolicy(vars.value('ansible_ssh_host_key_checking', 'ansible_host_key_checking')),
    options: {
      ansible_ssh_args: vars.text('ansible_ssh_args') ?? defaults.sshArgs,
      ansible_ssh_common_args: vars.text('ansible_ssh_common_args') ?? defaults.sshCommonArgs,
      ansible_ssh_extra_args: vars.text('ansible_ssh_extra_args') ?? defaults.sshExtraArgs,
    },
  };
  const target = await defaults.ssh.resolve(kind, request);
  if (kind !== 'docker') return target;
  return { ...target, docker: await containerTarget(host, vars, exe ?? 'docker', request.user, reach) };
}

/** Names that mean this machine when no inventory lists them. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name === '127.0.0.1' || name === '::1';
}

// `True`/`yes`/… is strict, `False`/`no` is off; `accept-new` as OpenSSH names it. Undefined when not set or unknown.
function hostKeyPolicy(value: unknown): HostKeyPolicy | undefined {
  if (value === undefined || value === null) return undefined;
  const word = toText(value).toLowerCase();
  if (['true', 'yes', '1', 'on', 'strict', 'ask'].includes(word)) return 'strict';
  if (['false', 'no', '0', 'off'].includes(word)) return 'off';
  return word === 'accept-new' ? 'accept-new' : undefined;
}
