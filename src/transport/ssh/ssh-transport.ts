/** The transport over SSH: node-ssh for the connection, ssh2's client for the channels. */
import { BECOME_TIMEOUT_MS } from '../become/methods.ts';
import { ConnectGate, type ConnectLimits, DEFAULT_CONNECT_LIMITS } from '../connect-gate.ts';
import type { OpenedProcesses, ProcessTransport } from '../process-transport.ts';
import { ShellConnection } from '../shell/shell-connection.ts';
import type { Target } from '../types.ts';
import { dialAddresses } from './dial.ts';
import { JumpHosts } from './jump-hosts.ts';
import type { PassphraseSource } from './key-ring.ts';
import { ProxyCommands } from './proxy-command.ts';
import { NameResolver } from './resolve.ts';
import { type Route, SshSessions } from './session.ts';
import { SftpWriters } from './sftp-writer.ts';
import { SshOpener, type SshOpenerOptions } from './ssh-opener.ts';

export interface SshTransportOptions extends SshOpenerOptions {
  /**
   * How long sudo may take until its shell begins; milliseconds.
   * @defaultValue 10 000
   */
  readonly becomeTimeoutMs?: number;
  /** Gives the passphrases of key files that no agent holds; default: there are none. */
  readonly passphraseOf?: PassphraseSource;
  /** Who may connect at once; default: 64 hosts, 16 of them through one jump host. */
  readonly limits?: ConnectLimits;
}

/** Opens SSH connections. Keys, known_hosts files and jump hosts are shared by all of them. */
export function createSshTransport(options: SshTransportOptions = {}): ProcessTransport {
  const resolver = new NameResolver();
  const sessions = new SshSessions(new ConnectGate(options.limits ?? DEFAULT_CONNECT_LIMITS), options.passphraseOf);
  const proxies = new ProxyCommands();
  const fileWriters = new SftpWriters();
  const findDirectRoute = async (target: Target, signal: AbortSignal): Promise<Route> => {
    const { proxyCommand, address, connectTimeoutMs } = target;
    if (proxyCommand !== undefined) return { dial: proxies.dialler(proxyCommand), via: 'its ProxyCommand' };
    return { dial: dialAddresses(await resolver.resolve(address ?? '', connectTimeoutMs, signal), target) };
  };
  const jumps = new JumpHosts(sessions, findDirectRoute);

  const openProcesses = async (target: Target, signal: AbortSignal): Promise<OpenedProcesses> => {
    const chain = target.jumps ?? [];
    const findRoute = () => (chain.length === 0 ? findDirectRoute(target, signal) : jumps.route(chain, signal));
    const { client, stream } = await sessions.open(target, findRoute, signal);
    return { opener: new SshOpener(client, stream, target.name, { fileWriters, ...options }), user: target.user };
  };

  return {
    kind: 'ssh',
    openProcesses,
    async connect(target, signal) {
      const { opener } = await openProcesses(target, signal);
      return new ShellConnection(target, opener, options.becomeTimeoutMs ?? BECOME_TIMEOUT_MS);
    },
    async close() {
      await jumps.close();
      await proxies.close();
      await sessions.close();
    },
  };
}
