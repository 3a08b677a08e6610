/** Opens authenticated SSH sessions over streams; keys and known_hosts files are read once for all of them. */
import type { Duplex } from 'node:stream';
import type { Client, ExecOptions } from 'ssh2';
import { internalError, TransportError } from '../../errors.ts';
import type { ConnectGate } from '../connect-gate.ts';
import { HostKeyStore } from '../host-keys/host-key-store.ts';
import { hostKeyName } from '../host-keys/known-hosts.ts';
import type { Target } from '../types.ts';
import { AgentKeys } from './agent-keys.ts';
import { offeredAlgorithms, type SupportedAlgorithms } from './algorithms.ts';
import { connectWithRetries } from './connect-retries.ts';
import { collectCredentials, type KeySources } from './credentials.ts';
import type { Dialler } from './dial.ts';
import { type HandshakeOptions, shakeHands } from './handshake.ts';
import { hostKeyFileFailed } from './host-key-errors.ts';
import { KeyRing, type PassphraseSource } from './key-ring.ts';

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

/** A server that does not answer the request for agent forwarding is not waited for longer. */
const AGENT_FORWARDING_LIMIT_MS = 5000;
/** So many times the connect timeout a host is waited for that says it has too many others at its door: 1 min, unless set. */
const BUSY_CONNECT_TIMEOUTS = 6;

export class SshSessions {
  readonly #keyRing: KeyRing;
  readonly #agentKeys = new AgentKeys();
  readonly #stores = new Map<string, HostKeyStore>();
  readonly #gate: ConnectGate;

  constructor(gate: ConnectGate, passphraseOf?: PassphraseSource) {
    this.#gate = gate;
    this.#keyRing = new KeyRing(passphraseOf);
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
    const { NodeSSH, library, supported } = await loadSsh();
    const credentials = await collectCredentials(target, {
      keyRing: this.#keyRing,
      agentKeys: this.#agentKeys,
      library,
    });
    // Key files that all fail, and nothing else to try: no need to ask the host.
    const [problem] = credentials.problems;
    if (problem !== undefined && credentials.keys.length === 0 && target.password === undefined) throw problem;
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
          const handshake = (types: readonly string[]): HandshakeOptions => {
            const algorithms = offeredAlgorithms(target, types, supported);
            const createSsh = () => new NodeSSH();
            return { target, at, known, credentials, hostKeys, knownTypes: types, signal, dial, algorithms, createSsh };
          };
          let result = await shakeHands({ ...handshake(knownTypes), onSilent: () => turn.fallSilent() });
          if (result.kind === 'retry') {
            knownTypes = result.types;
            result = await shakeHands(handshake(knownTypes));
          }
          // The second handshake asks for the types that the first one found to be known, so it is the last.
          if (result.kind === 'retry') throw internalError(`${target.name} asked for a third handshake`);
          if (result.kind === 'busy') return result;
          if (target.forwardAgent === true) await requestAgentForwarding(result.client);
          return { kind: 'ready', value: result };
        } finally {
          turn.leave();
        }
      },
      { retries: target.connectRetries ?? 0, busyLimitMs: BUSY_CONNECT_TIMEOUTS * target.connectTimeoutMs, signal },
    );
  }

  /** Resolves when new host keys are written; forgets all keys. */
  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
    this.#keyRing.clear();
    this.#agentKeys.clear();
  }

  #storeFor(files: readonly string[]): HostKeyStore {
    const id = JSON.stringify(files);
    const store = this.#stores.get(id) ?? new HostKeyStore(files);
    this.#stores.set(id, store);
    return store;
  }
}

/**
 * Asks the server to let commands use our agent, once for the connection. A server that does not want to is no reason to fail,
 * as for ssh; but ssh2 fails the command that the question goes out with, so it goes out with one that does nothing.
 */
function requestAgentForwarding(client: Client): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, AGENT_FORWARDING_LIMIT_MS);
  const done = () => {
    clearTimeout(timer);
    resolve();
  };
  client.once('close', done);
  try {
    client.exec('exit 0', { agentForward: true } as ExecOptions, (error, channel) => {
      if (error !== undefined) return done();
      channel.on('close', done).on('error', done).resume();
      channel.stderr.resume();
    });
  } catch {
    // ssh2 throws when the connection is gone, or when there is no agent.
    done();
  }
  return promise;
}

// Loaded at the first connection: a run that needs no SSH (--syntax-check, local) does not pay for it.
async function loadSsh() {
  const [{ NodeSSH }, ssh2, constants] = await Promise.all([
    import('node-ssh'),
    import('ssh2'),
    import('ssh2/lib/protocol/constants.js' as string) as Promise<{ default: SupportedAlgorithms }>,
  ]);
  const { utils, createAgent, BaseAgent } = ssh2.default;
  // An agent at a socket shows parsed keys; ssh2's types allow for agents that do not.
  const library = { parseKey: utils.parseKey, createAgent, BaseAgent } as KeySources['library'];
  return { NodeSSH, library, supported: constants.default };
}
