/** Opens authenticated SSH sessions over streams; keys and known_hosts files are read once for all of them. */
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { internalError, TransportError } from '../../errors.ts';
import type { ConnectGate } from '../connect-gate.ts';
import { HostKeyStore } from '../host-keys/host-key-store.ts';
import { hostKeyName } from '../host-keys/known-hosts.ts';
import type { Target } from '../types.ts';
import { connectWithRetries } from './connect-retries.ts';
import type { Dialler } from './dial.ts';
import { shakeHands } from './handshake.ts';
import { hostKeyFileFailed } from './host-key-errors.ts';
import { type KeyParser, KeyRing } from './key-ring.ts';

/** An authenticated session and the stream that it runs on. */
export interface Session {
  readonly client: Client;
  readonly stream: Duplex;
}

/** How a host is reached. */
export interface Route {
  readonly dial: Dialler;
  /** What stands between, for messages: the name of a jump host, `its ProxyCommand`. */
  readonly via?: string;
  /** Which jump host it leads through, to limit how many connect through it at once. */
  readonly jumpKey?: string;
}

export class SshSessions {
  readonly #keyRing = new KeyRing();
  readonly #stores = new Map<string, HostKeyStore>();
  readonly #gate: ConnectGate;

  constructor(gate: ConnectGate) {
    this.#gate = gate;
  }

  /**
   * Opens a session with a target.
   *
   * @param findRoute - asked when the keys are at hand, since what it opens costs the host something
   * @throws TransportError as Transport.connect
   */
  async open(target: Target, findRoute: () => Promise<Route>, signal: AbortSignal): Promise<Session> {
    const { address } = target;
    if (address === null) {
      const why = target.noAddressReason === undefined ? '' : `: ${target.noAddressReason}`;
      throw new TransportError('NO_ADDRESS', `${target.name} has no address${why}`);
    }
    const { NodeSSH, parseKey } = await loadSsh();
    const keys = await Promise.all(
      target.privateKeyFiles.map((file) => this.#keyRing.load(file, target.passphrase, parseKey)),
    );
    // Key files that all fail, and nothing else to try: no need to ask the host.
    const [first] = keys;
    const hasOther = target.agentSocket !== undefined || target.password !== undefined;
    if (first !== undefined && 'problem' in first && !hasOther && keys.every((result) => 'problem' in result)) {
      throw first.problem;
    }
    const known = hostKeyName({ address, port: target.port }, target.hostKeyAlias);
    const hostKeys = this.#storeFor(target.knownHostsFiles);
    let knownTypes =
      target.hostKeyPolicy === 'off'
        ? []
        : await hostKeys.knownTypes(known).catch((error: unknown) => {
            throw hostKeyFileFailed(target, error);
          });
    return connectWithRetries(
      async () => {
        // The way to the host is found before a place is taken: whoever waits for a jump host must not keep the jump host
        // itself from connecting.
        const { dial, via, jumpKey } = await findRoute();
        const at = { address, port: target.port, via };
        const turn = await this.#gate.enter(signal, jumpKey).catch(() => {
          throw new TransportError('INTERRUPTED', `Interrupted before ${target.name} was dialled`, {
            phase: 'connect',
          });
        });
        try {
          const handshake = { target, at, known, keys, hostKeys, signal, dial, createSsh: () => new NodeSSH() };
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
  }

  /** Resolves when new host keys are written; forgets all keys. */
  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
    this.#keyRing.clear();
  }

  #storeFor(files: readonly string[]): HostKeyStore {
    const id = JSON.stringify(files);
    const store = this.#stores.get(id) ?? new HostKeyStore(files);
    this.#stores.set(id, store);
    return store;
  }
}

// Loaded at the first connection: a run that needs no SSH (--syntax-check, local) does not pay for it.
async function loadSsh() {
  const [{ NodeSSH }, ssh2] = await Promise.all([import('node-ssh'), import('ssh2')]);
  const parseKey: KeyParser = ssh2.default.utils.parseKey;
  return { NodeSSH, parseKey };
}
