/**
 * An SSH server in this process that runs real `/bin/sh` commands in a directory of its own: the demo's hosts, and the
 * hosts that misbehave in tests. Loopback only. No SFTP, no terminals.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
  type ServerChannel,
  type Session,
} from 'ssh2';
import { ChannelOutput } from './channel-output.ts';
import { newKeyPair } from './key-pair.ts';

/**
 * What an embedded host does to its clients:
 * - `normal`: what it should
 * - `refuse-auth`: lets nobody in
 * - `silent-banner`: accepts connections and says nothing
 * - `silent-auth`: never answers an authentication
 * - `cut-mid-command`: drops the connection once a command has run for a moment (50 ms)
 * - `hang-command`: starts no command and never answers
 * - `slow`: starts each command `slowMs` late
 * - `flood`: prints `floodBytes` after each command's own output
 */
export type EmbeddedHostBehaviour =
  | 'normal'
  | 'refuse-auth'
  | 'silent-banner'
  | 'silent-auth'
  | 'cut-mid-command'
  | 'hang-command'
  | 'slow'
  | 'flood';

export interface EmbeddedSshHostOptions {
  /**
   * Where commands run; also their HOME.
   */
  readonly directory: string;
  /** @defaultValue 127.0.0.1 */
  readonly address?: string;
  /** @defaultValue 0: any free one */
  readonly port?: number;
  /** Public keys that are let in, as lines of authorized_keys. */
  readonly authorizedKeys?: readonly string[];
  /** Password that is let in, also by keyboard-interactive. */
  readonly password?: string;
  /** Environment of commands, beside HOME; PATH should be in it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Private host key in OpenSSH format; default: a new ed25519 key. */
  readonly hostPrivateKey?: string;
  /** Host keys of other types, shown to clients that ask for these. */
  readonly moreHostKeys?: readonly string[];
  /** @defaultValue normal */
  readonly behaviour?: EmbeddedHostBehaviour;
  /** Milliseconds before a command starts, when `slow`; default 1000. */
  readonly slowMs?: number;
  /** Bytes printed after each command's own, when `flood`; default 64 MiB. */
  readonly floodBytes?: number;
  /** Text that a login profile prints before each command, on stdout and stderr. */
  readonly profileText?: string;
  /** Most channels open at once on a connection, as sshd's MaxSessions; default: no limit. */
  readonly maxSessions?: number;
}

export interface EmbeddedSshHost {
  readonly address: string;
  readonly port: number;
  /** "ssh-ed25519 AAAA…", as it stands in known_hosts after the name. */
  readonly hostKey: string;
  /** Connections accepted so far. */
  readonly connectionCount: number;
  /** Cuts all connections, kills what still runs, and stops listening. Idempotent. */
  close(): Promise<void>;
}

const DEFAULT_FLOOD_BYTES = 64 * 1024 * 1024;
const CUT_AFTER_MS = 50;

/** Starts a host; resolves when it listens. */
export async function startEmbeddedSshHost(options: EmbeddedSshHostOptions): Promise<EmbeddedSshHost> {
  const { Server, utils } = ssh2;
  const behaviour = options.behaviour ?? 'normal';
  const privateKey = options.hostPrivateKey ?? newKeyPair().private;
  const parsed = utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const hostKey = `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
  const authorized = (options.authorizedKeys ?? []).map((line) => {
    const key = utils.parseKey(line);
    if (key instanceof Error) throw key;
    return key;
  });
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  let connectionCount = 0;

  const server = new Server({ hostKeys: [privateKey, ...(options.moreHostKeys ?? [])] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => authenticate(context, options, behaviour, authorized));
    connection.on('session', (accept, reject) => onSession(connection, accept, reject));
  });

  const sessionCounts = new WeakMap<Connection, number>();
  function onSession(connection: Connection, accept: () => Session, reject: () => void): void {
    const count = sessionCounts.get(connection) ?? 0;
    if (options.maxSessions !== undefined && count >= options.maxSessions) {
      reject();
      return;
    }
    sessionCounts.set(connection, count + 1);
    const session = accept();
    session.on('close', () => sessionCounts.set(connection, (sessionCounts.get(connection) ?? 1) - 1));
    session.on('exec', (acceptExec, _reject, { command }) => {
      if (behaviour === 'hang-command') return;
      const channel = acceptExec();
      const run = () => {
        const child = runCommand(command, channel, options, behaviour);
        children.add(child);
        child.once('close', () => children.delete(child));
        if (behaviour === 'cut-mid-command') {
          const cut = () => {
            for (const socket of sockets) socket.destroy();
          };
          const timer = setTimeout(cut, CUT_AFTER_MS);
          child.once('close', () => clearTimeout(timer));
        }
      };
      if (behaviour === 'slow') setTimeout(run, options.slowMs ?? 1000);
      else run();
    });
  }

  // ssh2 wraps the net.Server: the raw sockets are wanted for silence and for cuts.
  const listener = await listen(options, (socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (behaviour !== 'silent-banner') server.injectSocket(socket);
  });

  let closing: Promise<void> | undefined;
  return {
    address: listener.address,
    port: listener.port,
    hostKey,
    get connectionCount() {
      return connectionCount;
    },
    close() {
      closing ??= (async () => {
        for (const socket of sockets) socket.destroy();
        for (const child of children) killGroup(child, 'SIGKILL');
        await listener.close();
      })();
      return closing;
    },
  };
}

async function listen(options: EmbeddedSshHostOptions, onSocket: (socket: Socket) => void) {
  const { createServer } = await import('node:net');
  const server = createServer({ noDelay: true }, onSocket);
  const ready = Promise.withResolvers<void>();
  server.once('error', ready.reject);
  server.listen(options.port ?? 0, options.address ?? '127.0.0.1', ready.resolve);
  await ready.promise;
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error(`unexpected address ${String(bound)}`);
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { address: bound.address, port: bound.port, close };
}

function authenticate(
  context: AuthContext,
  options: EmbeddedSshHostOptions,
  behaviour: EmbeddedHostBehaviour,
  authorized: readonly ParsedKey[],
): void {
  if (behaviour === 'silent-auth') return;
  const methods: ('publickey' | 'password' | 'keyboard-interactive')[] = [];
  if (authorized.length > 0) methods.push('publickey');
  if (options.password !== undefined) methods.push('password', 'keyboard-interactive');
  const refuse = () => context.reject(methods.length === 0 ? ['publickey'] : methods);
  const decide = (isGood: boolean) => {
    if (isGood && behaviour !== 'refuse-auth') context.accept();
    else refuse();
  };
  if (context.method === 'publickey') decide(isAuthorized(context, authorized));
  else if (context.method === 'password') decide(isPassword(context.password, options.password));
  else if (context.method === 'keyboard-interactive' && options.password !== undefined) {
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
      decide(isPassword(answers[0] ?? '', options.password));
    });
  } else refuse();
}

// A client asks first whether a key would do (no signature), then proves that it has it.
function isAuthorized(context: PublicKeyAuthContext, authorized: readonly ParsedKey[]): boolean {
  const key = authorized.find((one) => one.getPublicSSH().equals(context.key.data));
  if (key === undefined) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  // Only ssh2 knows which hash an RSA client chose; its types do not tell.
  const { hashAlgo } = context as { hashAlgo?: string };
  return key.verify(context.blob, context.signature, hashAlgo) === true;
}

function isPassword(given: string, wanted: string | undefined): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted ?? '');
  return wanted !== undefined && a.length === b.length && timingSafeEqual(a, b);
}

function runCommand(
  command: string,
  channel: ServerChannel,
  options: EmbeddedSshHostOptions,
  behaviour: EmbeddedHostBehaviour,
): ChildProcess {
  channel.on('error', () => {});
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: options.directory,
    // A group of its own: what is killed is the command and its children, never this process.
    detached: true,
    stdio: 'pipe',
    env: { ...options.environment, HOME: options.directory },
  });
  const profileText = options.profileText ?? '';
  const output = new ChannelOutput(channel);
  if (profileText !== '') {
    void output.write('stdout', profileText);
    void output.write('stderr', profileText);
  }
  child.stdin.on('error', () => {});
  child.stdout.on('error', () => {});
  child.stderr.on('error', () => {});
  channel.pipe(child.stdin);
  const passed = Promise.all([output.pass('stdout', child.stdout), output.pass('stderr', child.stderr)]);
  // As sshd: the exit status as soon as it is known, the end when nobody holds the streams any more.
  child.once('exit', (code, signal) => {
    if (signal === null) channel.exit(code ?? 0);
    else channel.exit(signal.replace(/^SIG/, ''), false, '');
  });
  child.once('close', async () => {
    await passed;
    if (behaviour === 'flood') {
      await output.write('stdout', Buffer.alloc(options.floodBytes ?? DEFAULT_FLOOD_BYTES, 'flood\n'));
    }
    channel.end();
  });
  channel.once('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  return child;
}

function killGroup(child: ChildProcess, signal: string): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal as NodeJS.Signals);
  } catch {
    // Gone already.
  }
}
