/** The lock that keeps a run from being there twice. */
import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { acquireLock, type Lock, type LockWait } from '../../schedule/index.ts';
import { parseDurationMs } from '../../util/duration.ts';
import type { Io } from '../io.ts';
import { stateDirOf } from '../read-inventory.ts';
import type { Settings } from '../settings.ts';
import type { SessionOptions } from './options.ts';

export interface LockPlan {
  readonly name: string;
  readonly stateDir: string;
  readonly wait: LockWait;
}

/** The lock that flags and settings ask for; a check run takes only one that is named. @throws UsageError */
export function planLock({ flags, io, defaultLock }: SessionOptions, settings: Settings): LockPlan | undefined {
  const wait = parseLockWait(settings.lockWait ?? 'skip');
  const name = flags.lock ?? (flags.check === true ? undefined : defaultLock);
  return name === undefined ? undefined : { name, stateDir: stateDirOf(settings, io), wait };
}

/** Takes the lock, where the plan has one. @throws FleetmendError LOCKED, INTERRUPTED, STATE_UNWRITABLE */
export async function takeLock(plan: LockPlan | undefined, io: Io, signal: AbortSignal): Promise<Lock | undefined> {
  if (plan === undefined) return undefined;
  return await acquireLock(plan.name, {
    stateDir: plan.stateDir,
    wait: plan.wait,
    command: `fleetmend ${plan.name}`,
    pid: io.pid,
    signal,
    onWait: (holder) => io.err(`fleetmend: waiting for the lock, which is held by ${holder}\n`),
  });
}

/** The lock of a run that names none: its playbooks, wherever it is started from. */
export function lockNameOf(playbooks: readonly string[], cwd: string): string {
  return playbooks.map((path) => resolve(cwd, path)).join(' ');
}

function parseLockWait(text: string): LockWait {
  if (text === 'skip' || text === 'none') return text;
  const waitMs = parseDurationMs(text);
  if (waitMs === undefined)
    throw new UsageError(`expected \`--lock-wait\` to be 'skip', 'none' or a duration such as 5m, found '${text}'`);
  return { waitMs };
}
