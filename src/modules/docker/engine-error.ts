/**
 * What the engine's error texts mean. Texts of Docker 1.12 to 29 and podman 3 to 5; matched on the words that stayed the
 * same over the versions.
 */

/** How a call that failed is to be understood. */
export type FailureCause =
  /** The container is not there (any more). */
  | 'already_gone'
  /** Someone else is removing it. */
  | 'in_progress'
  /** It runs (again): rightly refused. */
  | 'running'
  /** Something on the host still holds its filesystem; trying again may help. */
  | 'busy'
  /** A file in it cannot be deleted (immutable flag, security policy). */
  | 'not_permitted'
  /** The storage below it is mounted read-only. */
  | 'read_only'
  /** No room is left to write the removal down. */
  | 'storage_full'
  /** Another container (a pod's, or one that shares its namespaces) needs it. */
  | 'in_use'
  | 'daemon_down'
  | 'no_permission'
  /** No answer within the deadline. */
  | 'hung'
  | 'error';

/** Exit status of a call that a deadline ended: `timeout` says 124 or 137, busybox's leaves 143. */
const DEADLINE_STATUSES: ReadonlySet<number> = new Set([124, 137, 143]);

// First match wins: what says that nothing can work comes before what says why one container cannot be removed.
const CAUSES: readonly (readonly [FailureCause, RegExp])[] = [
  [
    'no_permission',
    /permission denied[^\n]*(docker|podman)[\w.-]*\.sock|permission denied while trying to connect|dial unix [^\n]*connect: permission denied/i,
  ],
  [
    'daemon_down',
    /cannot connect to (the docker daemon|podman)|is the docker daemon running|error during connect|unable to connect to podman|connection refused/i,
  ],
  ['hung', /context (canceled|deadline exceeded)/i],
  ['already_gone', /no such (container|object)|no container with (name or )?id/i],
  ['in_progress', /removal of container .* is already in progress/i],
  [
    'running',
    /cannot remove a (running|paused|restarting) container|container is (running|paused|restarting)|as it is (running|paused|stopping)|without force: container state improper/i,
  ],
  ['storage_full', /thin pool has|no space left on device|disk quota exceeded/i],
  ['read_only', /read-only file system/i],
  ['busy', /device or resource busy|device is busy|target is busy/i],
  ['not_permitted', /operation not permitted|permission denied/i],
  ['in_use', /has dependent containers|is the infra container|is in use by/i],
  ['busy', /failed to remove root filesystem|unable to remove filesystem|directory not empty/i],
];

/**
 * The cause of a call's failure.
 *
 * @param exitCode - of the engine's command, or of the `timeout` around it
 * @param text - what the command printed
 */
export function causeOf(exitCode: number, text: string): FailureCause {
  if (DEADLINE_STATUSES.has(exitCode)) return 'hung';
  return CAUSES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'error';
}

/** The engine's reason in one line: without the words that every reason begins with, and cut at a bearable length. */
export function reasonOf(text: string): string {
  const line = text
    .replace(/^(time="[^"]*" )?level=\w+ msg=/gm, '')
    .replace(/Emulate Docker CLI using podman\.[^\n]*?quiet msg\.\s*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(Error response from daemon: |Error: )+/, '');
  return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH)}…` : line;
}

const MAX_REASON_LENGTH = 500;
