/** The transport over SSH: node-ssh for the connection, ssh2's client for the channels. */
import { internalError, TransportError } from '../../errors.ts';
import { BECOME_TIMEOUT_MS } from '../become/methods.ts';
import { ConnectGate, type ConnectLimits, DEFAULT_CONNECT_LIMITS } from '../connect-gate.ts';
import { HostKeyStore } from '../host-keys/host-key-store.ts';
import { ShellConnection } from '../shell/shell-connection.ts';
import type { Connection, Target, Transport } from '../types.ts';
import { connectWithRetries } from './connect-retries.ts';
import { dialAddresses } from './dial.ts';
import { shakeHands } from './handshake.ts';
import { type KeyParser, KeyRing } from './key-ring.ts';
import { NameResolver } from './resolve.ts';
import { SshOpener, type SshOpenerOptions } from './ssh-opener.ts';

export interface SshTransportOptions extends SshOpenerOptions {
  /**
   * How long sudo may take until its shell begins; milliseconds.
   * @defaultValue 10 000
   */
  readonly becomeTimeoutMs?: number;
  /** Who may connect at once; default: 64 hosts, 16 of them through one jump host. */
  readonly limits?: ConnectLimits;
}

/** Opens SSH connections. Keys and known_hosts files are read once for all of them. */
export function createSshTransport(options: SshTransportOptions = {}): Transport {
  const keyRing = new KeyRing();
  const gate = new ConnectGate(options.limits ?? DEFAULT_CONNECT_LIMITS);
  const resolver = new NameResolver();
  const stores = new Map<string, HostKeyStore>();
  const storeFor = (files: readonly string[]) => {
    const id = JSON.stringify(files);
    const store = stores.get(id) ?? new HostKeyStore(files);
    stores.set(id, store);
    return store;
  };

  async function connect(target: Target, signal: AbortSignal): Promise<Connection> {
    if (target.address === null) {
      const why = target.noAddressReason === undefined ? '' : `: ${target.noAddressReason}`;
      throw new TransportError('NO_ADDRESS', `${target.name} has no address${why}`);
    }
    if (target.jumps !== undefined || target.proxyCommand !== undefined) {
      // Dialled directly such a host is unreachable at best; at worst another machine answers under its address.
      throw new TransportError('CONNECT_FAILED', `'${target.name}' is behind a jump host, which is not supported yet`);
    }
    const at = { address: target.address, port: target.port };
    const { NodeSSH, parseKey } = await loadSsh();
    const keys = await Promise.all(
      target.privateKeyFiles.map((file) => keyRing.load(file, target.passphrase, parseKey)),
    );
    // Key files that all fail, and nothing else to try: no need to ask the host.
    const [first] = keys;
    const hasOther = target.agentSocket !== undefined || target.password !== undefined;
    if (first !== undefined && 'problem' in first && !hasOther && keys.every((result) => 'problem' in result)) {
      throw first.problem;
    }
    const hostKeys = storeFor(target.knownHostsFiles);
    let knownTypes = target.hostKeyPolicy === 'off' ? [] : await hostKeys.knownTypes(at.address, at.port);
    const session = await connectWithRetries(
      async () => {
        // The way to the host is found before a place is taken: whoever waits for a jump host must not keep the jump host
        // itself from connecting.
        const dial = dialAddresses(await resolver.resolve(at.address, target.connectTimeoutMs, signal));
        const turn = await gate.enter(signal).catch(() => {
          throw new TransportError('INTERRUPTED', `Interrupted before ${target.name} was dialled`, {
            phase: 'connect',
          });
        });
        try {
          const handshake = { target, at, keys, hostKeys, signal, dial, createSsh: () => new NodeSSH() };
          let result = await shakeHands({ ...handshake, knownTypes, onSilent: () => turn.fallSilent() });
          if (result.kind === 'retry') {
            knownTypes = result.types;
            result = await shakeHands({ ...handshake, knownTypes });
          }
          // The second handshake asks for the types that the first one found to be known, so it is the last.
          if (result.kind === 'retry') throw internalError(`${target.name} asked for a third handshake`);
          return result.kind === 'ready' ? { kind: 'ready', value: result } : result;
        } finally {
          turn.leave();
        }
      },
      { retries: target.connectRetries ?? 0, busyLimitMs: target.connectTimeoutMs, signal },
    );
    const opener = new SshOpener(session.client, session.stream, target.name, options);
    return new ShellConnection(target, opener, options.becomeTimeoutMs ?? BECOME_TIMEOUT_MS);
  }

  return {
    kind: 'ssh',
    connect,
    async close() {
      await Promise.all([...stores.values()].map((store) => store.close()));
      keyRing.clear();
    },
  };
}

// Loaded at the first connection: a run that needs no SSH (--syntax-check, local) does not pay for it.
async function loadSsh() {
  const [{ NodeSSH }, ssh2] = await Promise.all([import('node-ssh'), import('ssh2')]);
  const parseKey: KeyParser = ssh2.default.utils.parseKey;
  return { NodeSSH, parseKey };
}
