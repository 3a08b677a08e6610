/** How many hosts a run may hold connections to, by this machine's limit of open files. */
import { readdirSync, readFileSync } from 'node:fs';

/** What a run wants to do at once. */
export interface Wishes {
  readonly forks: number;
  readonly connecting: number;
  readonly hostCount: number;
}

/** What it may do at once. */
export interface OpenFileBudget {
  readonly forks: number;
  readonly connecting: number;
  readonly maxOpenConnections: number;
  /** What was lowered, in words; empty when all fits. */
  readonly warnings: readonly string[];
}

/** For reports, known_hosts, look-ups and whatever else is opened now and then. */
const RESERVE = 40;
/** A host that is worked on through a process on this machine (`local`, `openssh`) needs three pipes and a handle. */
const FILES_PER_WORK = 4;

/**
 * Fits the wishes into the limit.
 *
 * @param limit - files that this process may have open
 * @param inUse - files that it has open now
 */
export function budgetOpenFiles(wishes: Wishes, limit: number, inUse: number): OpenFileBudget {
  const room = Math.max(FILES_PER_WORK + 1, limit - inUse - RESERVE);
  const forks = Math.min(wishes.forks, Math.floor(room / (FILES_PER_WORK + 1)));
  // No more hosts than there are can be worked on.
  const working = Math.min(forks, wishes.hostCount);
  const maxOpenConnections = Math.max(1, room - working * FILES_PER_WORK);
  const connecting = Math.min(wishes.connecting, maxOpenConnections);
  const warnings: string[] = [];
  const cause = `this process may open only ${limit} files (\`ulimit -n\`)`;
  if (forks < Math.min(wishes.forks, wishes.hostCount)) {
    warnings.push(`${cause}: ${forks} hosts are worked on at once, not ${wishes.forks}`);
  }
  if (maxOpenConnections < wishes.hostCount) {
    warnings.push(
      `${cause}: at most ${maxOpenConnections} of ${wishes.hostCount} hosts stay connected, ` +
        'the others are connected anew for each task, which takes longer',
    );
  }
  return { forks, connecting, maxOpenConnections, warnings };
}

/** The limit of this process; undefined where there is none or it cannot be read. Node has raised it to the hard limit. */
export function openFileLimit(): number | undefined {
  const text = readIfThere('/proc/self/limits');
  const soft = text === undefined ? softLimitOfReport() : /^Max open files\s+(\S+)/m.exec(text)?.[1];
  const limit = Number(soft);
  return Number.isInteger(limit) ? limit : undefined;
}

/** Files that this process has open; a usual number where that cannot be read. */
export function openFileCount(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 40;
  }
}

// Slower, and knows it on all systems.
function softLimitOfReport(): unknown {
  // Not in the types yet: without it, names of all open sockets would be looked up.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  return report.userLimits?.open_files?.soft;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
