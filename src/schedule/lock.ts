/** The run lock: two runs with the same lock name never overlap, and the lock of a run that died is taken over. */

import { createHash } from 'node:crypto';
import { link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage, FleetmendError } from '../errors.ts';
import { formatDuration } from '../util/duration.ts';
import { describeSelf, type LockOwner, ownerState, parseOwner } from './lock-owner.ts';

/**
 * What to do when the lock is held:
 * - `skip`: fail at once with LOCKED
 * - `none`: take no lock at all
 * - `{waitMs}`: wait up to this long, then fail with LOCKED
 */
export type LockWait = 'skip' | 'none' | { readonly waitMs: number };

export interface LockOptions {
  /** The state directory; locks live in its `locks/`, which is made when missing. */
  readonly stateDir: string;
  readonly wait: LockWait;
  /** Shown to whoever finds the lock held; without secrets. */
  readonly command: string;
  readonly pid: number;
  readonly signal?: AbortSignal;
  /** Called once with who holds the lock, before it is waited for. */
  readonly onWait?: (holder: string) => void;
  /** Milliseconds since the epoch. @defaultValue Date.now */
  readonly nowMs?: () => number;
  /** How often a held lock is looked at again. @defaultValue 500 */
  readonly pollMs?: number;
  /**
   * Age after which the lock of a process that cannot be looked at (another machine on a shared directory) counts as left
   * behind. @defaultValue 24 hours
   */
  readonly foreignMaxAgeMs?: number;
}

export interface Lock {
  readonly name: string;
  /** Undefined for `none`. */
  readonly path?: string;
  /** Gives the lock back if it is still ours. Idempotent. */
  release(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** A guard of a guard of a guard: each level needs a process that died in a moment of microseconds. */
const MAX_GUARD_DEPTH = 3;
/** A guard is held for well under a millisecond; one that stays held belongs to a stopped process. */
const MAX_TAKEOVER_ATTEMPTS = 50;
const TAKEOVER_PAUSE_MS = 20;

/**
 * Takes the lock `name`, or says who holds it.
 *
 * The file is written elsewhere and linked into place, which is atomic also on NFS. A lock whose owner is dead is removed
 * only by the holder of a guard (a lock of the same kind beside it) that has read it again, so two can never take it over.
 *
 * @throws {@link FleetmendError} LOCKED (exit code 75) naming the owner, INTERRUPTED when the signal fires while waiting,
 *   STATE_UNWRITABLE when the state directory cannot be used
 */
export async function acquireLock(name: string, options: LockOptions): Promise<Lock> {
  if (options.wait === 'none') return { name, release: async () => undefined };
  const nowMs = options.nowMs ?? Date.now;
  const directory = join(options.stateDir, 'locks');
  const path = join(directory, lockFileName(name));
  const self = describeSelf(options.pid, name, options.command, nowMs());
  const waitMs = options.wait === 'skip' ? 0 : options.wait.waitMs;
  // Not by the time of day, which may be set meanwhile.
  const deadlineMs = performance.now() + waitMs;
  let isWaiting = false;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (;;) {
      const holder = await tryLock(path, { ...self, startedAtMs: nowMs() }, options, 0);
      if (holder === undefined) return { name, path, release: () => releaseFile(path, self) };
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw lockedError(name, path, holder, nowMs(), waitMs);
      if (!isWaiting) options.onWait?.(describeHolder(holder));
      isWaiting = true;
      await delay(Math.min(options.pollMs ?? 500, leftMs), undefined, { signal: options.signal });
    }
  } catch (error) {
    if (error instanceof FleetmendError) throw error;
    if (options.signal?.aborted) {
      throw new FleetmendError('INTERRUPTED', `Interrupted while waiting for the lock '${name}'`, { exitCode: 130 });
    }
    throw new FleetmendError('STATE_UNWRITABLE', `Cannot use the lock file '${path}': ${errorMessage(error)}`, {
      hint: 'make the state directory writable, choose another one, or run with --lock-wait none',
      cause: error,
    });
  }
}

/** The file name of a lock: any text becomes a readable part and a hash, so that names can neither clash nor leave the directory. */
export function lockFileName(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(-40);
  return `${slug === '' ? 'lock' : slug}-${hash}.lock`;
}

/** Who holds a file: a known owner, or one that cannot be read. */
type Holder = LockOwner | 'unreadable';

// Undefined: the file is ours now. Otherwise who has it.
async function tryLock(
  path: string,
  self: LockOwner,
  options: LockOptions,
  depth: number,
): Promise<Holder | undefined> {
  for (let attempt = 0; ; attempt++) {
    if (await linkNew(path, self)) return undefined;
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (!(await isAbandoned(path, holder, options))) return holder;
    if (depth >= MAX_GUARD_DEPTH || attempt >= MAX_TAKEOVER_ATTEMPTS) return holder;
    const guard = `${path}.takeover`;
    if ((await tryLock(guard, self, options, depth + 1)) !== undefined) {
      // Someone else is at it, and the next look will name them as the owner.
      await delay(TAKEOVER_PAUSE_MS);
      continue;
    }
    try {
      const again = await readHolder(path);
      if (again !== undefined && isSame(again, holder)) await unlink(path);
    } finally {
      await releaseFile(guard, self);
    }
  }
}

async function linkNew(path: string, self: LockOwner): Promise<boolean> {
  const temporary = `${path}.${self.token}.tmp`;
  await writeFile(temporary, `${JSON.stringify(self)}\n`, { mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseOwner(await readFile(path, 'utf8')) ?? 'unreadable';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function isAbandoned(path: string, holder: Holder, options: LockOptions): Promise<boolean> {
  const nowMs = (options.nowMs ?? Date.now)();
  const maxAgeMs = options.foreignMaxAgeMs ?? DAY_MS;
  if (holder === 'unreadable') {
    const found = await stat(path).catch(() => undefined);
    return found !== undefined && nowMs - found.mtimeMs > maxAgeMs;
  }
  const state = ownerState(holder);
  return state === 'dead' || (state === 'unknown' && nowMs - holder.startedAtMs > maxAgeMs);
}

function isSame(a: Holder, b: Holder): boolean {
  return a === 'unreadable' || b === 'unreadable' ? a === b : a.token === b.token;
}

async function releaseFile(path: string, self: LockOwner): Promise<void> {
  const holder = await readHolder(path);
  if (holder === undefined || !isSame(holder, self)) return;
  await unlink(path);
}

function describeHolder(holder: Holder): string {
  return holder === 'unreadable' ? 'an unknown run' : `process ${holder.pid} on ${holder.host}: ${holder.command}`;
}

function lockedError(name: string, path: string, holder: Holder, nowMs: number, waitMs: number): FleetmendError {
  const waited = waitMs === 0 ? '' : ` after waiting ${formatDuration(waitMs)}`;
  if (holder === 'unreadable') {
    return new FleetmendError('LOCKED', `The lock '${name}' is held${waited}, and '${path}' does not say by whom`, {
      exitCode: 75,
      hint: `if no run is under way, remove the file: rm '${path}'`,
    });
  }
  const isHere = ownerState(holder) === 'alive';
  const since = `since ${new Date(holder.startedAtMs).toISOString()} (${formatDuration(nowMs - holder.startedAtMs)})`;
  const message = `The lock '${name}' is held${waited} by process ${holder.pid} on ${holder.host} ${since}: ${holder.command}`;
  const hint = isHere
    ? `wait for it with --lock-wait 5m, or end it with: kill ${holder.pid}`
    : `wait for it with --lock-wait 5m; whether it still runs cannot be seen from here, so if it does not: rm '${path}'`;
  return new FleetmendError('LOCKED', message, { exitCode: 75, hint });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
