/** The transport over SSH: node-ssh for the connection, ssh2's client for the channels. */
import { setTimeout as sleep } from 'node:timers/promises';
import { internalError, TransportError } from '../../errors.ts';
import { BECOME_TIMEOUT_MS } from '../become/methods.ts';
import { HostKeyStore } from '../host-keys/host-key-store.ts';
import { ShellConnection } from '../shell/shell-connection.ts';
import type { Connection, Target, Transport } from '../types.ts';
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
}

/** Opens SSH connections. Keys and known_hosts files are read once for all of them. */
export function createSshTransport(options: SshTransportOptions = {}): Transport {
  const keyRing = new KeyRing();
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
    const dial = dialAddresses(await resolver.resolve(at.address, target.connectTimeoutMs, signal));
    const busyUntilMs = performance.now() + target.connectTimeoutMs;
    let hasAskedAgain = false;
    for (;;) {
      const createSsh = () => new NodeSSH();
      const result = await shakeHands({ target, at, keys, hostKeys, knownTypes, signal, dial, createSsh });
      switch (result.kind) {
        case 'ready': {
          const opener = new SshOpener(result.client, result.stream, target.name, options);
          return new ShellConnection(target, opener, options.becomeTimeoutMs ?? BECOME_TIMEOUT_MS);
        }
        case 'retry':
          // The second attempt asks for the types that the first one found to be known, so it is the last.
          if (hasAskedAgain) throw internalError(`the host key of ${target.name} asked for a third handshake`);
          hasAskedAgain = true;
          knownTypes = result.types;
          break;
        case 'busy': {
          // At random, or all that were turned away would come back at once.
          const delayMs = BUSY_DELAY_MS * (1 + Math.random());
          if (performance.now() + delayMs > busyUntilMs) throw result.failure;
          await sleep(delayMs, undefined, { signal }).catch(() => {});
        }
      }
    }
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

/** Until a host that turned us away (MaxStartups) is asked again: this, up to twice this. */
const BUSY_DELAY_MS = 250;

// Loaded at the first connection: a run that needs no SSH (--syntax-check, local) does not pay for it.
async function loadSsh() {
  const [{ NodeSSH }, ssh2] = await Promise.all([import('node-ssh'), import('ssh2')]);
  const parseKey: KeyParser = ssh2.default.utils.parseKey;
  return { NodeSSH, parseKey };
}
