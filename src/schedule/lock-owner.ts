/** Who holds a lock, and whether that process still lives. */

import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The body of a lock file. */
export interface LockOwner {
  /** Unique to this holding of the lock. */
  readonly token: string;
  readonly name: string;
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** The command line, for messages; without secrets. */
  readonly command: string;
  /** Kernel's id of this boot; null where there is no /proc. */
  readonly bootId: string | null;
  /** Start of the process in clock ticks since boot (field 22 of /proc/PID/stat): tells a reused pid apart. */
  readonly processStartTicks: string | null;
  /** The pid namespace: in another one the pid means nothing here. */
  readonly pidNamespace: string | null;
}

/** `unknown`: another machine or container, which cannot be looked at from here. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

/** Describes this process as an owner. */
export function describeSelf(pid: number, name: string, command: string, nowMs: number): LockOwner {
  return {
    token: randomUUID(),
    name,
    pid,
    host: hostname(),
    startedAtMs: nowMs,
    command,
    bootId: readBootId(),
    processStartTicks: readProcess(pid)?.startTicks ?? null,
    pidNamespace: readPidNamespace(),
  };
}

/** Whether the owner still runs. Only what is certain is called dead. */
export function ownerState(owner: LockOwner): OwnerState {
  if (owner.host !== hostname()) return 'unknown';
  const bootId = readBootId();
  if (owner.bootId !== null && bootId !== null && owner.bootId !== bootId) return 'dead';
  if (owner.pidNamespace !== readPidNamespace()) return 'unknown';
  if (!pidExists(owner.pid)) return 'dead';
  const found = readProcess(owner.pid);
  if (found === undefined) return 'alive';
  // A zombie has ended; its pid is only kept until its parent looks.
  if (found.state === 'Z' || found.state === 'X') return 'dead';
  if (owner.processStartTicks !== null && owner.processStartTicks !== found.startTicks) return 'dead';
  return 'alive';
}

/** The owner in a lock file's text, or undefined when it is no lock file of ours. */
export function parseOwner(text: string): LockOwner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const owner = value as Partial<LockOwner>;
  const isOwner =
    typeof owner.token === 'string' &&
    typeof owner.pid === 'number' &&
    typeof owner.host === 'string' &&
    typeof owner.startedAtMs === 'number' &&
    typeof owner.command === 'string';
  return isOwner ? (value as LockOwner) : undefined;
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function readProcess(pid: number): { state: string; startTicks: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in brackets and may hold spaces and brackets: count from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
  } catch {
    return undefined;
  }
}

function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

function readPidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}
