/** Versions that are known to hang, each with where that is written. */

/** The parts of an engine that have a version of their own. */
export type Component = 'engine' | 'containerd' | 'runc';

export interface KnownFault {
  readonly component: Component;
  /** The host's version. */
  readonly version: string;
  readonly fault: string;
  /** The first version without it. */
  readonly fixed_in: string;
  readonly source: string;
}

interface FaultRange extends Omit<KnownFault, 'version'> {
  /** The first version that has it; undefined: all before the fix. */
  readonly from?: string;
}

const FAULTS: readonly FaultRange[] = [
  {
    component: 'engine',
    fixed_in: '17.07.0',
    fault: 'one container that is locked hangs `ps` for all',
    source: 'https://github.com/moby/moby/pull/31273',
  },
  {
    component: 'engine',
    from: '17.12.0',
    fixed_in: '17.12.1',
    fault: 'start and exec hang in runc',
    source: 'https://github.com/moby/moby/pull/36097',
  },
  {
    component: 'engine',
    from: '20.10.0',
    fixed_in: '20.10.15',
    fault: 'the counter of container states congests its lock',
    source: 'https://github.com/moby/moby/pull/43426',
  },
  {
    component: 'containerd',
    fixed_in: '1.0.2',
    fault: 'hangs when a container dies while it starts, as an OOM kill of `runc init` makes it',
    source: 'https://github.com/containerd/containerd/issues/1882',
  },
  {
    component: 'containerd',
    from: '1.2.0',
    fixed_in: '1.2.2',
    fault: 'deadlock when a FIFO is made with a time limit',
    source: 'https://github.com/containerd/containerd/releases/tag/v1.2.2',
  },
  {
    component: 'containerd',
    from: '1.2.2',
    fixed_in: '1.2.8',
    fault: 'the shim of a container that died hangs',
    source: 'https://github.com/containerd/containerd/issues/3617',
  },
  {
    component: 'runc',
    fixed_in: '1.0.0-rc5',
    fault: 'start blocks for ever on the exec FIFO when `runc init` dies before it',
    source: 'https://github.com/opencontainers/runc/pull/1698',
  },
  {
    component: 'runc',
    from: '1.0.0-rc93',
    fixed_in: '1.0.0-rc94',
    fault: 'exec hangs, and so do health checks, where pipes are short',
    source: 'https://github.com/opencontainers/runc/pull/2871',
  },
];

/** The faults that a host's versions have; a version that is not known has none. */
export function knownFaults(versions: Readonly<Partial<Record<Component, string>>>): KnownFault[] {
  return FAULTS.flatMap(({ from, ...fault }) => {
    const version = versions[fault.component];
    const parts = version === undefined ? undefined : versionParts(version);
    if (version === undefined || parts === undefined) return [];
    if (from !== undefined && compare(parts, versionParts(from)) < 0) return [];
    return compare(parts, versionParts(fault.fixed_in)) < 0 ? [{ ...fault, version }] : [];
  });
}

// "17.03.2-ce", "20.10.24+dfsg1", "v1.6.20~ds1", "1.0.0-rc93+dev": three numbers and that of the release candidate.
function versionParts(version: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-~.]?rc\.?(\d+))?/.exec(version);
  if (match === null) return undefined;
  const [, major, minor, patch = '0', candidate] = match;
  return [major, minor, patch, candidate ?? Number.POSITIVE_INFINITY].map(Number);
}

function compare(left: readonly number[], right: readonly number[] = []): number {
  for (const [index, number] of left.entries()) {
    const other = right[index] ?? 0;
    if (number !== other) return number < other ? -1 : 1;
  }
  return 0;
}
