/** How to reach a host: its variables, the keywords of the task, the defaults of the run. */

import { resolve } from 'node:path';
import { TransportError } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import { toText } from '../template/index.ts';
import type { Scope } from '../template/types.ts';
import type { HostKeyPolicy, Target } from '../transport/types.ts';
import { Secret } from '../util/secret.ts';
import { connectionKind } from './connection-kind.ts';
import type { ConnectionDefaults } from './options.ts';

/** Keywords of the task that beat the run's defaults; variables of the host beat both. */
export interface ConnectionKeywords {
  readonly user?: string;
  readonly port?: number;
  readonly connection?: string;
}

/**
 * Works out how to reach a host from its variables (Ansible's names), the task's keywords and the run's defaults.
 *
 * @throws {@link TransportError} CONNECT_FAILED for a connection type or setting that does not exist
 */
export function resolveTarget(
  host: Host,
  scope: Scope,
  keywords: ConnectionKeywords,
  defaults: ConnectionDefaults,
  onSecret: (secret: string) => void,
): Target {
  const vars = new ConnectionVars(host.name, scope);
  const { kind } = connectionKind(
    host.name,
    vars.text('ansible_connection') ?? keywords.connection ?? defaults.connection,
  );
  const password = vars.text('ansible_ssh_pass', 'ansible_ssh_password', 'ansible_password');
  if (password !== undefined) onSecret(password);
  const passphrase = vars.text('ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase');
  if (passphrase !== undefined) onSecret(passphrase);
  const keyFile = vars.text('ansible_ssh_private_key_file', 'ansible_private_key_file');
  const address = vars.text('ansible_ssh_host', 'ansible_host');
  const sshOptions = [
    vars.text('ansible_ssh_common_args'),
    vars.text('ansible_ssh_extra_args'),
    vars.text('ansible_ssh_args'),
  ];
  const options = parseSshOptions(sshOptions.filter((each) => each !== undefined).join(' '));
  refuseJumpHosts(host.name, options);
  const connectTimeoutMs =
    secondsToMs(vars.number('ansible_ssh_timeout', 'ansible_timeout')) ?? defaults.connectTimeoutMs;
  const knownHosts = options.get('userknownhostsfile');
  return {
    name: host.name,
    kind,
    address: host.unreachableReason === undefined || address !== undefined ? (address ?? host.name) : null,
    noAddressReason: host.unreachableReason,
    port: vars.number('ansible_ssh_port', 'ansible_port') ?? keywords.port ?? defaults.port,
    user: vars.text('ansible_ssh_user', 'ansible_user') ?? keywords.user ?? defaults.user,
    password: password === undefined ? defaults.password : new Secret(password),
    privateKeyFiles: keyFile === undefined ? defaults.privateKeyFiles : [expandHome(keyFile, defaults.home)],
    passphrase: passphrase === undefined ? defaults.passphrase : new Secret(passphrase),
    agentSocket: defaults.agentSocket,
    hostKeyPolicy:
      hostKeyPolicy(vars.value('ansible_ssh_host_key_checking', 'ansible_host_key_checking')) ??
      hostKeyPolicy(options.get('stricthostkeychecking')) ??
      defaults.hostKeyPolicy,
    knownHostsFiles:
      knownHosts === undefined
        ? defaults.knownHostsFiles
        : knownHosts.split(/\s+/).map((f) => expandHome(f, defaults.home)),
    connectTimeoutMs,
    authTimeoutMs: defaults.authTimeoutMs,
  };
}

/** Names that mean this machine when no inventory lists them. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name === '127.0.0.1' || name === '::1';
}

/** `~` and relative paths against the user's home and the working folder. */
export function expandHome(path: string, home: string): string {
  if (path === '~') return home;
  return resolve(path.startsWith('~/') ? `${home}/${path.slice(2)}` : path);
}

/** `True`/`yes`/… is strict, `False`/`no` is off; `accept-new` as OpenSSH names it. Undefined when not set or unknown. */
export function hostKeyPolicy(value: unknown): HostKeyPolicy | undefined {
  if (value === undefined || value === null) return undefined;
  const word = toText(value).toLowerCase();
  if (['true', 'yes', '1', 'on', 'strict', 'ask'].includes(word)) return 'strict';
  if (['false', 'no', '0', 'off'].includes(word)) return 'off';
  return word === 'accept-new' ? 'accept-new' : undefined;
}

// `-o Key=Value` and `-oKey Value` of ssh's command line, keys in lower case; other flags have no meaning here.
function parseSshOptions(text: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const match of text.matchAll(/-o\s*["']?(\w+)\s*[= ]\s*("[^"]*"|'[^']*'|[^\s"']+)/g)) {
    const [, key = '', value = ''] = match;
    if (!options.has(key.toLowerCase())) options.set(key.toLowerCase(), value.replace(/^["']|["']$/g, ''));
  }
  const jump = /(?:^|\s)-J\s*(\S+)/.exec(text)?.[1];
  if (jump !== undefined) options.set('proxyjump', jump);
  return options;
}

// Dialled directly such a host is unreachable at best; at worst another machine answers under its address.
function refuseJumpHosts(host: string, options: ReadonlyMap<string, string>): void {
  const option = ['proxyjump', 'proxycommand'].find((name) => options.has(name));
  if (option === undefined || options.get(option)?.toLowerCase() === 'none') return;
  throw new TransportError(
    'CONNECT_FAILED',
    `the SSH arguments of '${host}' ask for a jump host (${option}), which is not supported yet`,
    { hint: 'run fleetmend on the jump host, or forward a port and set ansible_host and ansible_port' },
  );
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

class ConnectionVars {
  readonly #host: string;
  readonly #scope: Scope;

  constructor(host: string, scope: Scope) {
    this.#host = host;
    this.#scope = scope;
  }

  value(...names: readonly string[]): unknown {
    for (const name of names) {
      const value = this.#scope.get(name);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  }

  text(...names: readonly string[]): string | undefined {
    const value = this.value(...names);
    return value === undefined ? undefined : toText(value);
  }

  number(...names: readonly string[]): number | undefined {
    const value = this.value(...names);
    if (value === undefined) return undefined;
    const number = Number(toText(value));
    if (Number.isInteger(number) && number >= 0) return number;
    throw new TransportError(
      'CONNECT_FAILED',
      `expected \`${names.at(-1)}\` of '${this.#host}' to be a whole number, found '${toText(value)}'`,
    );
  }
}
