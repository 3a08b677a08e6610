/**
 * The transport over the system's own `ssh`: for what only it can do (OpenSSH certificates, FIDO keys, GSSAPI, all of
 * ssh_config). One master a host; its channels are spoken to directly, so a command costs no process here.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, TransportError } from '../../errors.ts';
import { BECOME_TIMEOUT_MS } from '../become/methods.ts';
import { ConnectGate, type ConnectLimits, DEFAULT_CONNECT_LIMITS } from '../connect-gate.ts';
import type { OpenedProcesses, ProcessTransport } from '../process-transport.ts';
import { ShellConnection } from '../shell/shell-connection.ts';
import { type Attempt, connectWithRetries } from '../ssh/connect-retries.ts';
import type { PassphraseSource } from '../ssh/key-ring.ts';
import type { Target } from '../types.ts';
import { writeAskpassProgram } from './askpass.ts';
import { askToEnd, openProxy, type ProxySocket } from './control-socket.ts';
import { startMaster } from './master.ts';
import { PassphraseBook } from './passphrase-book.ts';
import { ProxyOpener } from './proxy-opener.ts';

export interface OpensshTransportOptions {
  /**
   * Name or path of `ssh`.
   * @defaultValue ssh, looked for in the PATH
   */
  readonly program?: string;
  /** What `ssh` sees; default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * How long sudo may take until its shell begins; milliseconds.
   * @defaultValue 10 000
   */
  readonly becomeTimeoutMs?: number;
  /** Gives the passphrase of a key file that needs one; asked once a file. Default: there are none. */
  readonly passphraseOf?: PassphraseSource;
  /** Who may connect at once; jump hosts are ssh's own matter and not counted. */
  readonly limits?: ConnectLimits;
}

/** A folder of this user alone, for the sockets. */
interface Folder {
  readonly path: string;
  readonly askpassProgram: string;
}

/** Opens connections through the system's `ssh`. Each target's words are {@link Target.opensshArgs}. */
export function createOpensshTransport(options: OpensshTransportOptions = {}): ProcessTransport {
  const { program = 'ssh', environment = process.env, becomeTimeoutMs = BECOME_TIMEOUT_MS } = options;
  const gate = new ConnectGate(options.limits ?? DEFAULT_CONNECT_LIMITS);
  const book = options.passphraseOf && new PassphraseBook(options.passphraseOf);
  let folder: Promise<Folder> | undefined;
  let count = 0;

  async function openProcesses(target: Target, signal: AbortSignal): Promise<OpenedProcesses> {
    if (target.address === null) {
      const why = target.noAddressReason === undefined ? '' : `: ${target.noAddressReason}`;
      throw new TransportError('NO_ADDRESS', `${target.name} has no address${why}`);
    }
    if (signal.aborted) throw new TransportError('INTERRUPTED', `Interrupted before ${target.name} was connected`);
    folder ??= makeFolder();
    const { path, askpassProgram } = await folder;
    const attempt = async (): Promise<Attempt<OpenedProcesses>> => {
      const turn = await gate.enter(signal).catch(() => {
        throw new TransportError('INTERRUPTED', `Interrupted before ${target.name} was dialled`, { phase: 'connect' });
      });
      const socketPath = join(path, (count++).toString(36));
      try {
        const start = await startMaster({
          target,
          socketPath,
          program,
          askpassProgram,
          environment,
          signal,
          passphrases: target.passphrase === undefined ? book?.open() : undefined,
          onSilent: () => turn.fallSilent(),
        });
        if (start.kind === 'busy') return start;
        const proxy = await reach(socketPath, target);
        const opener = new ProxyOpener(proxy.socket, {
          host: target.name,
          forwardAgent: target.forwardAgent === true,
          rest: proxy.rest,
          endMaster: () => endMaster(socketPath, proxy),
        });
        return { kind: 'ready', value: { opener, user: start.user ?? target.user } };
      } finally {
        turn.leave();
      }
    };
    const retries = target.connectRetries ?? 0;
    return connectWithRetries(attempt, { retries, busyLimitMs: target.connectTimeoutMs, signal });
  }

  return {
    kind: 'openssh',
    openProcesses,
    async connect(target, signal) {
      const { opener, user } = await openProcesses(target, signal);
      return new ShellConnection({ ...target, user }, opener, becomeTimeoutMs);
    },
    async close() {
      const made = await folder?.catch(() => undefined);
      folder = undefined;
      if (made !== undefined) await rm(made.path, { recursive: true, force: true });
    },
  };
}

/** A master that was asked to end is killed after this. */
const END_LIMIT_MS = 800;
/**
 * Longest folder: a socket's path may have 104 bytes on some systems, and ssh makes it under another name of 17 more
 * characters first.
 */
const FOLDER_MAX_CHARS = 75;

async function makeFolder(): Promise<Folder> {
  const base = tmpdir().length + '/fm-XXXXXX'.length > FOLDER_MAX_CHARS ? '/tmp' : tmpdir();
  try {
    // For its owner only: whoever can connect to a socket in it is logged in to the host.
    const path = await mkdtemp(join(base, 'fm-'));
    return { path, askpassProgram: await writeAskpassProgram(path) };
  } catch (error) {
    throw new TransportError(
      'CONNECT_FAILED',
      `Could not make a folder for the sockets of ssh: ${errorMessage(error)}`,
      {
        hint: 'free some space, or set TMPDIR to a folder that can be written to',
        cause: error,
      },
    );
  }
}

async function reach(socketPath: string, target: Target): Promise<ProxySocket> {
  try {
    return await openProxy(socketPath);
  } catch (error) {
    await askToEnd(socketPath).catch(() => {});
    const message = `ssh logged in to ${target.name}, but its control socket does not work: ${errorMessage(error)}`;
    throw new TransportError('CONNECT_FAILED', message, {
      hint: 'the connection openssh needs OpenSSH 7.4 or newer on this machine',
      cause: error,
    });
  }
}

// The end of our own socket shows that the master is gone.
async function endMaster(socketPath: string, { socket, masterPid }: ProxySocket): Promise<void> {
  if (socket.closed) return;
  const gone = Promise.withResolvers<void>();
  socket.once('close', () => gone.resolve());
  const timer = setTimeout(() => kill(masterPid), END_LIMIT_MS);
  askToEnd(socketPath).catch(() => kill(masterPid));
  await gone.promise;
  clearTimeout(timer);
  await rm(socketPath, { force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
