/**
 * The contract of a transport. A Transport opens Connections to targets; the engine opens one Connection a host, keeps
 * it for the whole run and closes it at the end. A Connection runs scripts (any number at once) and moves files. Every
 * call has a deadline and a signal; none may outlive them by more than the kill grace below. Expected failures are
 * thrown as {@link TransportError} with a code; the engine turns them into the host's result.
 *
 * All of them pass test/conformance/transport.ts.
 */
import type { RemoteFate } from '../event.ts';
import type { Secret } from '../util/secret.ts';

/** How to become another user on the target. */
export interface Become {
  readonly method: BecomeMethod;
  readonly user: string;
  /** Path of the program; default: the method's name. */
  readonly exe?: string;
  /** Extra flags, already split into words; what the method needs itself (`-H -S -n`) is not among them. */
  readonly flags?: readonly string[];
  readonly password?: Secret;
  /** How long it may take until the other user's shell begins; default: the transport's own. */
  readonly timeoutMs?: number;
}

/** Programs that start a shell as another user. */
export type BecomeMethod = 'sudo' | 'su' | 'doas';

/** The kinds of connection. `openssh` is the system's own `ssh`; `docker` is `docker exec` on this machine or on another host. */
export type TransportKind = 'ssh' | 'openssh' | 'local' | 'docker';

/** When an idle connection is asked for a sign of life, and how many may stay without answer until it counts as lost. */
export interface KeepAlive {
  /** 0: never asked. */
  readonly intervalMs: number;
  readonly countMax: number;
}

/** The container that a target of kind `docker` is. */
export interface ContainerTarget {
  /** Name or id. */
  readonly container: string;
  /** Program: `docker`, `podman`, or a path. */
  readonly exe: string;
  /** Words between the program and its command: `-H ADDRESS`. */
  readonly args?: readonly string[];
  /** User in the container; undefined: as the container says. */
  readonly user?: string;
  /** Host on which the program runs, not a container itself; undefined: this machine. */
  readonly via?: Target;
}

/** Ways to authenticate that there are here, by their names in the protocol. */
export type AuthMethod = 'publickey' | 'password' | 'keyboard-interactive';

/**
 * Algorithms as ssh_config writes them: a list in order of preference, or one that begins with `+` (add), `-` (take away)
 * or `^` (put first).
 */
export interface AlgorithmChoice {
  readonly kex?: string;
  readonly cipher?: string;
  readonly mac?: string;
  readonly hostKey?: string;
}

/** Host key policy: refuse what known_hosts does not hold, accept and record what is new, or accept all. */
export type HostKeyPolicy = 'strict' | 'accept-new' | 'off';

/** All that is needed to reach one host. Names resolve at connect time. */
export interface Target {
  /** The inventory's name of the host; used in messages only. */
  readonly name: string;
  readonly kind: TransportKind;
  /** Address or DNS name to dial. Null: the inventory knows none; connecting fails at once with NO_ADDRESS. */
  readonly address: string | null;
  /** Why there is no address, when there is none. */
  readonly noAddressReason?: string;
  readonly port: number;
  readonly user: string;
  readonly password?: Secret;
  /** Private key files in the order they are tried; `~` already expanded. */
  readonly privateKeyFiles: readonly string[];
  /** {@link privateKeyFiles} are those that are tried where nobody names one. */
  readonly usesUsualKeys?: boolean;
  readonly passphrase?: Secret;
  /** Path of the agent's socket; undefined: no agent. */
  readonly agentSocket?: string;
  /** Only {@link privateKeyFiles} are offered, also of the agent's keys. */
  readonly identitiesOnly?: boolean;
  /** Commands on the host may use the agent of this machine. */
  readonly forwardAgent?: boolean;
  /** The agent they may use, where it is another than {@link agentSocket}. */
  readonly forwardAgentSocket?: string;
  /** Ways to authenticate in the order in which they are tried; undefined: all, keys first. */
  readonly authMethods?: readonly AuthMethod[];
  /** Further ways that were asked for and are not done here, with their places; for messages. */
  readonly otherAuthentication?: readonly string[];
  /** Hosts to go through, the first to dial first; each as it is reached from the one before. */
  readonly jumps?: readonly Target[];
  /** Command whose stdin and stdout are the way to the host; its tokens are already replaced. */
  readonly proxyCommand?: string;
  /** Undefined: whichever there is. */
  readonly addressFamily?: 4 | 6;
  /** Address of this machine to connect from. */
  readonly bindAddress?: string;
  readonly algorithms?: AlgorithmChoice;
  /** Name under which known_hosts holds the key, in place of address and port. */
  readonly hostKeyAlias?: string;
  readonly hostKeyPolicy: HostKeyPolicy;
  /** Files to look in, first to last; new keys are written to the first. */
  readonly knownHostsFiles: readonly string[];
  readonly connectTimeoutMs: number;
  readonly authTimeoutMs: number;
  readonly keepAlive?: KeepAlive;
  /** How often connecting is tried again after a failure that may pass; default 0. */
  readonly connectRetries?: number;
  /** For kind `docker`. */
  readonly docker?: ContainerTarget;
  /** For kind `openssh`: further words for the command line of `ssh`. */
  readonly opensshArgs?: readonly string[];
}

export interface Transport {
  readonly kind: TransportKind;
  /**
   * Opens a connection: dial, host key, authentication, each under its own deadline.
   *
   * @throws {@link TransportError} CONNECT_REFUSED, CONNECT_TIMEOUT, CONNECT_FAILED, NO_ADDRESS, JUMP_FAILED, AUTH_FAILED, AUTH_TIMEOUT,
   *   HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED, KEY_UNREADABLE, KEY_ENCRYPTED, INTERRUPTED
   */
  connect(target: Target, signal: AbortSignal): Promise<Connection>;
  /** Lets go of what all connections share (agent sockets, known_hosts writer). Idempotent. */
  close(): Promise<void>;
}

/** The transports that are at hand, by the kind of connection that they open. */
export type Transports = Readonly<Partial<Record<TransportKind, Transport>>>;

/** One script to run. */
export interface ExecRequest {
  /**
   * POSIX `sh` text of any length. It is read whole before it runs and is not in any argv; it runs with stdin from
   * /dev/null unless `stdin` is given. Its exit status is the result's.
   */
  readonly script: string;
  /** Bytes for the script's stdin, then end of file. */
  readonly stdin?: Uint8Array;
  /** Run the text as the login shell's command line, with no `sh`, no wrapper, no warm shell (module `raw`). */
  readonly raw?: boolean;
  readonly become?: Become;
  /** Variables to export first; names are checked to be POSIX names. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The script is ended when it prints nothing for so long; default: it may be silent. */
  readonly idleTimeoutMs?: number;
  readonly signal: AbortSignal;
  /** Bytes kept of stdout and of stderr each, head and tail; default {@link DEFAULT_MAX_OUTPUT_BYTES}. */
  readonly maxOutputBytes?: number;
}

export interface ExecResult {
  /** Null when the process was killed by a signal or by us. */
  readonly exitCode: number | null;
  /** "TERM", "KILL" …, when a signal that was not ours ended it. */
  readonly signal?: string;
  /** UTF-8 text; bytes that are none are replaced. Cut in the middle when over the cap, with a line that says so. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly durationMs: number;
  /**
   * The deadline passed, there was no output for `idleTimeoutMs`, or the signal fired: the process group was killed, and
   * `remote` says what was seen after.
   */
  readonly ended: 'exited' | 'timed_out' | 'idle' | 'interrupted';
  readonly remote?: RemoteFate;
  /** Pids that were seen alive after KILL, when `remote` is `still_running`. */
  readonly remotePids?: readonly number[];
}

export interface UploadRequest {
  readonly content: Uint8Array;
  /** Absolute path, or one that starts with `~/`. Written beside it first, then renamed, so a cut leaves no half file. */
  readonly remotePath: string;
  /** Permission bits, e.g. 0o644; default 0o600. */
  readonly mode?: number;
  /** "user", "user:group" or ":group", set before the file has its name; default: whoever writes it. */
  readonly owner?: string;
  readonly become?: Become;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface DownloadRequest {
  readonly remotePath: string;
  readonly become?: Become;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Refuse files larger than this. */
  readonly maxBytes: number;
}

export interface Connection {
  readonly target: Target;
  /** Whether the connection is still usable; false after close() and after it was cut. */
  readonly isOpen: boolean;
  /**
   * Runs one script. A non-zero exit, a deadline and an interrupt are results, not errors.
   *
   * @throws {@link TransportError} CONNECTION_LOST (cut before an exit status), CHANNEL_FAILED, BECOME_FAILED, BECOME_TIMEOUT
   */
  exec(request: ExecRequest): Promise<ExecResult>;
  /**
   * Says that a script will follow soon as this user, and others after it: a shell may be opened ahead that runs them all.
   * Never throws, never waits.
   */
  prepare(become: Become | undefined): void;
  /** @throws {@link TransportError} TRANSFER_FAILED and those of exec */
  upload(request: UploadRequest): Promise<void>;
  /** @throws {@link TransportError} TRANSFER_FAILED and those of exec */
  download(request: DownloadRequest): Promise<Buffer>;
  /** Ends waiting shells and the session; resolves when it is gone, at most a second later. Idempotent. */
  close(): Promise<void>;
}

/** Bytes kept of each output stream of a command: 1 MiB. */
export const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;

/** How long a killed process group has between TERM and KILL, and again until it is called still running. */
export const KILL_GRACE_MS = 2000;

/**
 * How long the first word of a new shell may take until its target counts as hung. A busy host, or one with a slow login
 * profile, needs seconds for it.
 */
export const FIRST_WORD_MS = 5000;
