/** What kubectl's error texts mean (kubectl 1.20 to 1.33), in words for an operator. */

/** How a call of kubectl that failed is to be understood. */
export type KubectlCause =
  /** There is no kubectl where the task runs. */
  | 'no_kubectl'
  /** The server knows no such object. */
  | 'not_found'
  /** The object was changed meanwhile, or is another one by now. */
  | 'conflict'
  /** A list that is read page by page became too old. */
  | 'expired'
  | 'unauthorized'
  | 'forbidden'
  /** Nobody listens at the server's address. */
  | 'refused'
  /** The server's certificate, or ours, is not accepted. */
  | 'tls'
  /** The kubeconfig has no such context. */
  | 'no_context'
  /** There is no kubeconfig, or it cannot be read. */
  | 'no_config'
  /** The program that the kubeconfig names for credentials failed. */
  | 'credentials'
  /** The server's name does not resolve. */
  | 'no_such_server'
  /** No answer within the deadline. */
  | 'hung'
  | 'error';

/** Why a call failed. */
export interface KubectlFailure {
  readonly cause: KubectlCause;
  /** kubectl's own reason, one line. */
  readonly message: string;
  readonly hint?: string;
}

/** Status of the script when there is no kubectl. */
export const NO_KUBECTL_STATUS = 127;

/** `timeout` says 124 or 137, busybox's leaves 143. */
const DEADLINE_STATUSES: ReadonlySet<number> = new Set([124, 137, 143]);

// First match wins.
const CAUSES: readonly (readonly [KubectlCause, RegExp])[] = [
  ['unauthorized', /must be logged in to the server|\(Unauthorized\)|: Unauthorized$/m],
  ['forbidden', /\(Forbidden\)/],
  ['expired', /\((?:Expired|Gone)\)|continue parameter is too old/],
  ['conflict', /\(Conflict\)/],
  ['not_found', /\(NotFound\)/],
  ['no_context', /context was not found|context "[^"]*" does not exist|no context exists with the name/],
  ['credentials', /getting credentials|exec plugin|executable [^ ]+ (?:not found|failed)/],
  [
    'no_config',
    /no configuration has been provided|error loading config|stat [^\n]*: no such file|localhost:8080 was refused/,
  ],
  ['refused', /was refused|connection refused/],
  ['tls', /x509:|tls:|certificate/],
  ['no_such_server', /no such host|server misbehaving/],
  ['hung', /Client\.Timeout|deadline exceeded|i\/o timeout|handshake timeout|request canceled|request timed out/],
];

const HINTS: Readonly<Partial<Record<KubectlCause, string>>> = {
  no_kubectl: 'install kubectl where the task runs, or set `kubectl` to its path, or `delegate_to` a host that has it',
  unauthorized:
    'the token or certificate of this context is wrong or expired: log in again, then `kubectl auth whoami`',
  forbidden: 'the user of this context may not do that: ask for the role that docs/kubernetes.md lists',
  refused: 'nobody listens there: is the API server (or the tunnel to it) up, and is this the right context?',
  tls: 'the certificate is not accepted: check certificate-authority-data of the context, and whether it expired',
  no_context: '`kubectl config get-contexts` lists those that there are',
  no_config: 'set `kubeconfig`, or KUBECONFIG in the environment of fleetmend',
  credentials: 'the kubeconfig gets its credentials from a program: run `kubectl get nodes` by hand as the same user',
  no_such_server: "the server's name of this context does not resolve from here",
  hung: 'the API server takes connections but does not answer; nothing was decided about its pods',
};

/**
 * Why a call failed.
 *
 * @param exitCode - of kubectl, or of the `timeout` around it
 * @param limitSeconds - its deadline, for the message
 */
export function failureOf(exitCode: number | null, stderr: string, limitSeconds: number): KubectlFailure {
  if (exitCode !== null && DEADLINE_STATUSES.has(exitCode)) {
    return { cause: 'hung', message: `kubectl had no answer within ${limitSeconds} s`, hint: HINTS.hung };
  }
  const message = reasonOf(stderr) || `kubectl ended with status ${exitCode ?? 'unknown'}`;
  const cause =
    exitCode === NO_KUBECTL_STATUS
      ? 'no_kubectl'
      : (CAUSES.find(([, pattern]) => pattern.test(stderr))?.[0] ?? 'error');
  return { cause, message, hint: HINTS[cause] };
}

/** kubectl's reason in one line: its last one that is neither a line of its log nor a warning. */
export function reasonOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[EWIF]\d{4} |^warning:/i.test(line));
  const line = (lines.at(-1) ?? '').replace(/^(?:error: |Error from server \(\w+\): )+/, '');
  return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH)}…` : line;
}

const MAX_REASON_LENGTH = 500;
