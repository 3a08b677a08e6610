/** What the probes mean; pure. */

import { shortId } from '../docker/container.ts';
import type { FailureCause } from '../docker/engine-error.ts';
import { type KnownFault, knownFaults } from './known-faults.ts';
import type { HealthOptions } from './options.ts';
import type { HealthReading, Probe, ProbeName } from './reading.ts';

/** How an engine is. */
export const STATUSES = ['healthy', 'slow', 'container_hung', 'hung', 'down', 'not_permitted'] as const;

export type HealthStatus = (typeof STATUSES)[number];

export interface Assessment {
  readonly status: HealthStatus;
  /** The first says why the status is what it is; the others what else was noticed. Empty when all is well. */
  readonly reasons: readonly string[];
  readonly faults: readonly KnownFault[];
}

/** Limits beyond which a figure is worth a reason. */
const FULL_PERCENT = 90;
const POOL_PERCENT = 80;
const LOAD_PER_CPU = 8;
const MANY_UNINTERRUPTIBLE = 10;

/** Tells how the engine is, and why. */
export function assess(reading: HealthReading, options: HealthOptions): Assessment {
  const [status, symptoms] = statusOf(reading, options);
  const faults = knownFaults(reading.versions);
  const isWell = status === 'healthy';
  return {
    status,
    reasons: [
      ...symptoms,
      ...processReasons(reading),
      ...storageReasons(reading),
      // What is old news on an engine that is well may be the cause on one that is not.
      ...(isWell ? [] : [...kernelReasons(reading), ...faults.map(faultReason)]),
    ],
    faults,
  };
}

function statusOf(reading: HealthReading, options: HealthOptions): [HealthStatus, string[]] {
  const { probes, engine, hungContainers } = reading;
  const failures: [HealthStatus, string][] = [];
  for (const name of ['ps', 'info'] as const) {
    const probe = probes[name];
    if (probe === undefined) failures.push(['hung', unanswered(name, options.probeMs)]);
    else if (probe.cause !== undefined) failures.push(failureOf(name, probe, probe.cause, options, engine.kind));
  }
  // No permission and no daemon are said the same by all calls; that one hangs and another answers is worth two lines.
  const decisive = failures.find(([status]) => status !== 'hung') ?? failures[0];
  if (decisive !== undefined) {
    const [status] = decisive;
    return [status, status === 'hung' ? [...failures.map(([, reason]) => reason), ...answered(probes)] : [decisive[1]]];
  }
  if (hungContainers.length > 0) return ['container_hung', hungReasons(reading, options)];
  if (probes.inspect?.cause === 'hung') {
    return ['slow', [`\`inspect\` of all running containers did not answer within ${inSeconds(options.inspectMs)}`]];
  }
  const slow = Object.entries(probes).filter(([, { durationMs }]) => durationMs > options.slowAfterMs);
  if (slow.length > 0) {
    return ['slow', slow.map(([name, { durationMs }]) => `\`${name}\` took ${(durationMs / 1000).toFixed(1)} s`)];
  }
  return ['healthy', []];
}

function failureOf(
  name: ProbeName,
  probe: Probe,
  cause: FailureCause,
  options: HealthOptions,
  kind: string,
): [HealthStatus, string] {
  switch (cause) {
    case 'hung':
      return ['hung', unanswered(name, options.probeMs)];
    case 'no_permission':
      return ['not_permitted', `no permission to use ${kind}: ${probe.text}`];
    default:
      return ['down', probe.text];
  }
}

function unanswered(name: ProbeName, limitMs: number): string {
  return `\`${name}\` did not answer within ${inSeconds(limitMs)}`;
}

// Of a daemon that hangs, what still answers tells where to look.
function answered(probes: HealthReading['probes']): string[] {
  const names = (['ps', 'info', 'version'] as const).filter((name) => {
    const probe = probes[name];
    return probe !== undefined && probe.cause === undefined;
  });
  return names.length === 0 ? [] : [`${names.map((name) => `\`${name}\``).join(' and ')} did answer`];
}

function hungReasons({ hungContainers, unasked }: HealthReading, options: HealthOptions): string[] {
  const limit = inSeconds(options.inspectOneMs);
  const reasons = hungContainers.map(
    ({ id, name }) => `\`inspect\` of container ${name || shortId(id)} did not answer within ${limit}; the daemon did`,
  );
  return unasked === 0 ? reasons : [...reasons, `${unasked} running containers were not inspected for want of time`];
}

function processReasons({ daemon, sickShims, stuckRuncInit, uninterruptible, load, cpus }: HealthReading): string[] {
  const reasons: string[] = [];
  if (daemon !== undefined && WORDS[daemon.state] !== undefined) {
    reasons.push(`the daemon (pid ${daemon.pid}) ${WORDS[daemon.state]}`);
  }
  for (const { pid, state, id } of sickShims) {
    reasons.push(`the shim (pid ${pid}) of container ${shortId(id)} ${WORDS[state] ?? `is in state ${state}`}`);
  }
  if (stuckRuncInit > 0) reasons.push(`${stuckRuncInit} \`runc init\` are stuck`);
  if (uninterruptible >= MANY_UNINTERRUPTIBLE)
    reasons.push(`${uninterruptible} processes wait for the kernel (state D)`);
  const [load1 = 0] = load;
  if (cpus > 0 && load1 > LOAD_PER_CPU * cpus) reasons.push(`load ${load1} on ${cpus} CPUs`);
  return reasons;
}

const WORDS: Readonly<Record<string, string>> = {
  T: 'is stopped (state T)',
  t: 'is stopped by a debugger (state t)',
  D: 'waits for the kernel (state D)',
  Z: 'is dead (state Z)',
};

function storageReasons({ dataRoot, thinPool }: HealthReading): string[] {
  const reasons: string[] = [];
  const full = (what: string, percent: number | undefined, limit: number) => {
    if (percent !== undefined && percent >= limit) reasons.push(`${what} is ${percent} % full`);
  };
  full(`${dataRoot?.mount}, which holds ${dataRoot?.path},`, dataRoot?.usedPercent, FULL_PERCENT);
  const inodes = dataRoot?.inodesUsedPercent;
  if (inodes !== undefined && inodes >= FULL_PERCENT) {
    reasons.push(`${inodes} % of the inodes of ${dataRoot?.mount}, which holds ${dataRoot?.path}, are used`);
  }
  full('the data of the thin pool', thinPool?.dataPercent, POOL_PERCENT);
  full('the metadata of the thin pool', thinPool?.metadataPercent, POOL_PERCENT);
  return reasons;
}

function kernelReasons({ kernel }: HealthReading): string[] {
  const { ooms, oomLines, blockedTasks, netdeviceWaits } = kernel;
  const reasons: string[] = [];
  if (ooms > 0) reasons.push(`${ooms} OOM kills in the kernel log, the last: ${oomLines.at(-1) ?? ''}`);
  if (blockedTasks > 0) reasons.push(`${blockedTasks} lines on blocked tasks in the kernel log`);
  if (netdeviceWaits > 0) {
    reasons.push('the kernel waits for a network device to become free (https://github.com/moby/moby/issues/5618)');
  }
  return reasons;
}

function faultReason({ component, version, fault, fixed_in, source }: KnownFault): string {
  return `${component} ${version} has a known fault, fixed in ${fixed_in}: ${fault} (${source})`;
}

function inSeconds(durationMs: number): string {
  return `${Math.round(durationMs / 1000)} s`;
}
