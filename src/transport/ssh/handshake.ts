/** Dial, key exchange, host key and authentication of one connection, each under its deadline. */
import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import type { Algorithms, Client } from 'ssh2';
import { errorMessage, TransportError } from '../../errors.ts';
import type { HostKeyStore, HostKeyVerdict } from '../host-keys/host-key-store.ts';
import type { HostKeyName } from '../host-keys/known-hosts.ts';
import type { KeepAlive, Target } from '../types.ts';
import { listenForRefusals } from './auth-failures.ts';
import { type AuthProgress, createAuthHandler, createAuthProgress } from './authenticate.ts';
import { makeCiphersCheaper } from './cheap-ciphers.ts';
import {
  type Address,
  authFailed,
  type ConnectPhase,
  connectFailed,
  isBusyGreeting,
  phaseTimedOut,
} from './connect-errors.ts';
import type { Credentials } from './credentials.ts';
import type { Dialler } from './dial.ts';
import { hostKeyFileFailed, hostKeyRefused } from './host-key-errors.ts';
import { ignoreHostKeyNews } from './host-key-news.ts';
import { offeredHostKeys } from './server-offer.ts';

/** What one handshake needs. */
export interface HandshakeOptions {
  readonly target: Target;
  readonly at: Address;
  /** Under which names known_hosts holds the host. */
  readonly known: HostKeyName;
  readonly credentials: Credentials;
  readonly hostKeys: HostKeyStore;
  /** Host key types to ask for first. */
  readonly knownTypes: readonly string[];
  readonly signal: AbortSignal;
  readonly dial: Dialler;
  readonly algorithms: Algorithms;
  readonly createSsh: () => NodeSSH;
  /** Called when the host has said nothing for a while: it may never do. */
  readonly onSilent?: () => void;
}

/**
 * An authenticated session; the key types to ask for in another attempt, as the host is known under these only; or the
 * failure of a host that has too many others at its door just now.
 */
export type HandshakeResult =
  | { readonly kind: 'ready'; readonly client: Client; readonly stream: Duplex }
  | { readonly kind: 'retry'; readonly types: readonly string[] }
  | { readonly kind: 'busy'; readonly failure: TransportError };

/** A dead peer is noticed after a minute: when the fourth message goes out, and none of three was answered. */
const KEEP_ALIVE: KeepAlive = { intervalMs: 15_000, countMax: 3 };
/** A host that has not even sent its banner by then is probably hung, or gone. */
const SILENT_AFTER_MS = 1000;
/** As much as is looked at of what a host says first. */
const GREETING_MAX_CHARS = 1024;
/** As much as is looked at to find its algorithms. */
const OFFER_MAX_BYTES = 8192;
const NOTHING = Buffer.alloc(0);

/** @throws TransportError CONNECT_*, AUTH_*, HOST_KEY_*, INTERRUPTED; the stream is closed by then */
export function shakeHands(options: HandshakeOptions): Promise<HandshakeResult> {
  const { target, at, signal } = options;
  const keepAlive = target.keepAlive ?? KEEP_ALIVE;
  const { promise, resolve, reject } = Promise.withResolvers<HandshakeResult>();
  const progress = createAuthProgress();
  const notes: string[] = [...options.credentials.notes];
  let phase: ConnectPhase = 'connect';
  let isSettled = false;
  let greeting = '';
  let hostKeys: readonly string[] | undefined;
  let stream: Duplex | undefined;
  const dialling = new AbortController();

  const silence = setTimeout(() => {
    // What has arrived meanwhile is read first: this process may be the slow one.
    setImmediate(() => {
      if (!isSettled && (phase === 'connect' || phase === 'banner')) options.onSilent?.();
    });
  }, SILENT_AFTER_MS);
  const settle = () => {
    isSettled = true;
    clearTimeout(timer);
    clearTimeout(silence);
    signal.removeEventListener('abort', onAbort);
  };
  const giveUp = () => {
    settle();
    dialling.abort();
    stream?.destroy();
  };
  const fail = (error: TransportError) => {
    if (isSettled) return;
    giveUp();
    reject(error);
  };
  const onAbort = () =>
    fail(new TransportError('INTERRUPTED', `Interrupted while connecting to ${target.name}`, { phase }));
  const onTimeout = () => fail(phaseTimedOut(target, at, phase));
  let timer = setTimeout(onTimeout, target.connectTimeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  const onHostKey = (blob: Buffer, verify: (isGood: boolean) => void) => {
    judgeHostKey(options, blob).then(
      (verdict) => {
        if (isSettled) return;
        if (verdict.kind === 'known') return verify(true);
        if (verdict.kind === 'other-type' && !options.knownTypes.includes(verdict.known.type)) {
          giveUp();
          return resolve({ kind: 'retry', types: verdict.types });
        }
        fail(hostKeyRefused(target, at, options.known, blob, verdict));
      },
      (error: unknown) => fail(hostKeyFileFailed(target, error)),
    );
  };

  const failConnect = (error: unknown) => {
    if (error instanceof TransportError) return fail(error);
    const failure = connectFailed(at, phase, error, { greeting, hostKeys });
    if (isSettled || phase !== 'banner' || !isBusyGreeting(greeting)) return fail(failure);
    giveUp();
    resolve({ kind: 'busy', failure });
  };

  const onError = (error: Error & { level?: string }) => {
    // The agent did not answer or sign; ssh2 goes on with the next method by itself.
    if (error.level === 'agent') return void notes.push(`agent: ${errorMessage(error)}`);
    if (phase === 'auth') {
      if (error.level !== 'client-authentication' && error.level !== 'client-socket') notes.push(errorMessage(error));
      return fail(refused(options, progress, notes));
    }
    failConnect(error);
  };

  const begin = (dialled: Duplex) => {
    stream = dialled;
    phase = 'banner';
    // A stream's error before ssh2 listens, and any after we have given up, must not end the process.
    dialled.on('error', failConnect);
    // What comes before the line that begins with SSH- says why there will be none; what comes behind it, which
    // algorithms there are.
    let first: Buffer = NOTHING;
    const onFirstData = (chunk: Buffer) => {
      first = Buffer.concat([first, chunk]);
      greeting = first.toString('latin1', 0, GREETING_MAX_CHARS);
      const isBanner = /^SSH-/m.test(greeting);
      if (phase === 'banner' && isBanner) phase = 'key_exchange';
      const offer = isBanner ? offeredHostKeys(first) : 'incomplete';
      if (offer === 'incomplete' && first.length < (isBanner ? OFFER_MAX_BYTES : GREETING_MAX_CHARS)) return;
      if (offer !== 'incomplete') hostKeys = offer;
      dialled.off('data', onFirstData);
      first = NOTHING;
    };
    dialled.on('data', onFirstData);
    dialled.pause();
    const ssh = options.createSsh();
    ssh
      .connect({
        sock: dialled,
        username: target.user,
        readyTimeout: 0,
        keepaliveInterval: keepAlive.intervalMs,
        keepaliveCountMax: keepAlive.countMax,
        algorithms: options.algorithms,
        ...forwardedAgent(target),
        hostVerifier: onHostKey,
        authHandler: createAuthHandler(target, options.credentials.keys, progress) as never,
      })
      // Its promise also rejects for an agent's failure, after which ssh2 goes on: the events below decide.
      .catch(() => {});
    const client = ssh.connection;
    if (client === null) return failConnect(new Error('no SSH client was made'));
    client.on('error', onError);
    client.on('handshake', () => makeCiphersCheaper(client));
    ignoreHostKeyNews(client);
    listenForRefusals(client, (methodsLeft, partialSuccess) => {
      progress.accepted = methodsLeft;
      progress.isPartial = partialSuccess;
    });
    client.once('handshake', () => {
      phase = 'auth';
      clearTimeout(timer);
      timer = setTimeout(onTimeout, target.authTimeoutMs);
    });
    client.once('ready', () => {
      if (isSettled) return;
      settle();
      resolve({ kind: 'ready', client, stream: dialled });
    });
    client.once('close', () => {
      // The end of every connection comes by here too: no error is made for that.
      if (isSettled) return;
      if (phase === 'auth') fail(refused(options, progress, [...notes, 'the server closed the connection']));
      else failConnect(new Error('the connection was closed'));
    });
  };

  options.dial(at, dialling.signal).then((dialled) => {
    if (isSettled) dialled.destroy();
    else begin(dialled);
  }, failConnect);
  return promise;
}

async function judgeHostKey({ target, known, hostKeys }: HandshakeOptions, blob: Buffer): Promise<HostKeyVerdict> {
  if (target.hostKeyPolicy === 'off') return { kind: 'known' };
  const verdict = await hostKeys.judge(known, blob);
  if (verdict.kind !== 'unknown' || verdict.authority !== undefined || target.hostKeyPolicy !== 'accept-new') {
    return verdict;
  }
  await hostKeys.record(known, blob);
  return { kind: 'known' };
}

function refused(options: HandshakeOptions, progress: AuthProgress, notes: readonly string[]): TransportError {
  const { problems } = options.credentials;
  const [first] = problems;
  // Nothing but unusable key files: they are the reason, not the server.
  if (first !== undefined && progress.tried.length === 0) return first;
  return authFailed(options.target, options.at, progress, [...notes, ...problems.map((problem) => problem.message)]);
}

// Whoever signs: ssh2 takes this one for what is forwarded.
function forwardedAgent({ forwardAgent, forwardAgentSocket, agentSocket }: Target): { agent?: string } {
  const agent = forwardAgentSocket ?? agentSocket;
  return forwardAgent === true && agent !== undefined ? { agent } : {};
}
