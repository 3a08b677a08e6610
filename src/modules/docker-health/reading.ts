/** What the probes of a host said, from the lines of the script. */

import { type ContainerState, stateOfStatus } from '../docker/container.ts';
import { type Daemon, parseDaemon } from '../docker/daemon.ts';
import { type Engine, parseEngine } from '../docker/engine.ts';
import { causeOf, type FailureCause, reasonOf } from '../docker/engine-error.ts';
import type { ScriptLine } from '../docker/script.ts';
import { parseVersions, type Versions } from './versions.ts';

/** The calls of the engine that are made, each for itself. */
export type ProbeName = 'ps' | 'info' | 'version' | 'inspect';

export interface Probe {
  readonly cause?: FailureCause;
  readonly durationMs: number;
  /** The engine's reason when it failed; its answer otherwise. */
  readonly text: string;
}

export interface ContainerName {
  readonly id: string;
  readonly name: string;
}

export interface DataRoot {
  readonly path: string;
  /** Mount point of the file system that it is on. A bind of the data root on itself, which dockerd makes, is not one. */
  readonly mount: string;
  readonly device: string;
  readonly fstype?: string;
  readonly sizeBytes?: number;
  readonly usedPercent?: number;
  readonly inodesUsedPercent?: number;
}

export interface ThinPool {
  readonly dataPercent?: number;
  readonly metadataPercent?: number;
}

export interface HealthReading {
  readonly engine: Engine;
  /** Undefined for one that did not end in time. `inspect` is missing too when nothing runs. */
  readonly probes: Readonly<Partial<Record<ProbeName, Probe>>>;
  readonly containers: Readonly<Partial<Record<ContainerState, number>>>;
  /** Running ones whose inspection did not answer although `ps` did. */
  readonly hungContainers: readonly ContainerName[];
  /** How many running ones were not inspected, since the time was up. */
  readonly unasked: number;
  /** Shims that do not run, with their containers. */
  readonly sickShims: readonly { readonly pid: number; readonly state: string; readonly id: string }[];
  readonly daemon?: Daemon;
  /** Of 1, 5 and 15 minutes; empty when not known. */
  readonly load: readonly number[];
  readonly cpus: number;
  readonly stuckRuncInit: number;
  /** Processes that wait for the kernel and cannot be killed. */
  readonly uninterruptible: number;
  readonly dataRoot?: DataRoot;
  readonly storageDriver?: string;
  readonly thinPool?: ThinPool;
  readonly liveRestore?: boolean;
  readonly versions: Versions;
  readonly kernel: {
    readonly oomLines: readonly string[];
    readonly ooms: number;
    readonly blockedTasks: number;
    readonly netdeviceWaits: number;
  };
}

/** The reading; undefined when the script did not come to naming the engine. */
export function parseReading(lines: readonly ScriptLine[]): HealthReading | undefined {
  const first = (word: string) => lines.find((line) => line.word === word);
  const found = first('engine');
  if (found === undefined) return undefined;
  const engine = parseEngine(found.subject, found.text);
  const probes = probesOf(lines);
  const daemon = parseDaemon(lines);
  const info = infoOf(probes.info);
  const numbers = (word: string) => Number(first(word)?.subject ?? 0);
  return {
    engine,
    probes,
    containers: statesOf(lines, engine),
    hungContainers: hungOf(lines),
    unasked: numbers('unasked'),
    sickShims: shimsOf(lines, daemon),
    daemon,
    load: (first('host')?.text ?? '').split(' ').slice(0, 3).map(Number),
    cpus: numbers('host'),
    stuckRuncInit: first('processes')?.status ?? 0,
    uninterruptible: numbers('processes'),
    dataRoot: dataRootOf(lines),
    ...info,
    versions: parseVersions(lines, probes.version, engine, info.serverVersion),
    kernel: {
      oomLines: lines.filter(({ word }) => word === 'oom-line').map(({ text }) => text),
      ooms: numbers('oom'),
      blockedTasks: numbers('blocked'),
      netdeviceWaits: numbers('netdevice'),
    },
  };
}

function probesOf(lines: readonly ScriptLine[]): Partial<Record<ProbeName, Probe>> {
  const probes: Partial<Record<ProbeName, Probe>> = {};
  for (const { word, subject, status, text } of lines) {
    if (word !== 'probe') continue;
    const space = text.indexOf(' ');
    const said = text.slice(space + 1);
    const durationMs = Number(text.slice(0, space));
    probes[subject as ProbeName] =
      status === 0 ? { durationMs, text: said } : { durationMs, ...failureOf(status, said) };
  }
  return probes;
}

function failureOf(status: number, said: string): Pick<Probe, 'cause' | 'text'> {
  const cause = causeOf(status, said);
  // What templates print of an answer that did not come is no reason.
  if (cause === 'hung') return { cause, text: 'no answer in time' };
  return { cause, text: reasonOf(said.replace(/^(null|\[[^\]]*\])\s*/, '')) || `it ended with status ${status}` };
}

// Those of another engine on the same machine are not this one's concern; it is known by the path of its sockets.
function shimsOf(lines: readonly ScriptLine[], daemon: Daemon | undefined): HealthReading['sickShims'] {
  return lines
    .filter(({ word }) => word === 'shim')
    .flatMap(({ subject, text }) => {
      const id = /\b[0-9a-f]{64}\b/.exec(text)?.[0];
      const address = / -address (\S+)/.exec(text)?.[1];
      const isOurs = daemon?.ownExecRoot !== true || address?.startsWith(`${daemon.execRoot}/`) === true;
      return id === undefined || !isOurs ? [] : [{ pid: Number(subject), state: text.slice(0, 1), id }];
    });
}

function statesOf(lines: readonly ScriptLine[], engine: Engine): Partial<Record<ContainerState, number>> {
  const counts: Partial<Record<ContainerState, number>> = {};
  for (const { word, subject, status } of lines) {
    if (word !== 'state') continue;
    const state = stateOfStatus(subject, engine.kind);
    counts[state] = (counts[state] ?? 0) + status;
  }
  return counts;
}

// One whose inspection began and has no line was cut off by the end of the time.
function hungOf(lines: readonly ScriptLine[]): ContainerName[] {
  const ended = new Map(lines.filter(({ word }) => word === 'inspect').map((line) => [line.subject, line]));
  return lines
    .filter(({ word }) => word === 'name')
    .filter(({ subject }) => {
      const line = ended.get(subject);
      return line === undefined || (line.status !== 0 && causeOf(line.status, line.text) === 'hung');
    })
    .map(({ subject, text }) => ({ id: subject, name: text }));
}

// `Filesystem 1024-blocks Used Available Capacity Mounted-on`.
function dataRootOf(lines: readonly ScriptLine[]): DataRoot | undefined {
  const textOf = (word: string) => lines.find((line) => line.word === word)?.text ?? '';
  const path = lines.find(({ word }) => word === 'root')?.subject;
  const [device, blocks, , , used] = textOf('space').split(/\s+/);
  if (path === undefined || device === undefined || used === undefined) return undefined;
  const percent = (text: string | undefined) =>
    /^\d+%$/.test(text ?? '') ? Number.parseInt(text ?? '', 10) : undefined;
  const mounted = lines.find(({ word }) => word === 'mount');
  const [fstype = '', root = '/', whole = ''] = (mounted?.text ?? '').split(' ');
  const mount = mounted?.subject ?? '';
  const isSelfBind = whole !== '' && root !== '/' && `${whole}${root}`.replace(/^\/\//, '/') === mount;
  return {
    path,
    mount: isSelfBind ? whole : mount,
    device,
    fstype: fstype || undefined,
    sizeBytes: Number(blocks) * 1024,
    usedPercent: percent(used),
    inodesUsedPercent: percent(textOf('inodes').split(/\s+/)[4]),
  };
}

interface Info {
  readonly serverVersion?: string;
  readonly storageDriver?: string;
  readonly thinPool?: ThinPool;
  readonly liveRestore?: boolean;
}

function infoOf(probe: Probe | undefined): Info {
  if (probe === undefined || probe.cause !== undefined) return {};
  let fields: unknown;
  try {
    fields = JSON.parse(probe.text.slice(probe.text.indexOf('[')).trim());
  } catch {
    return {};
  }
  if (!Array.isArray(fields)) return {};
  const [serverVersion, storageDriver, driverStatus, , liveRestore] = fields as unknown[];
  return {
    serverVersion: typeof serverVersion === 'string' ? serverVersion : undefined,
    storageDriver: typeof storageDriver === 'string' ? storageDriver : undefined,
    thinPool: thinPoolOf(driverStatus),
    liveRestore: typeof liveRestore === 'boolean' ? liveRestore : undefined,
  };
}

// Pairs of name and text: ["Data Space Used", "21.5 GB"].
function thinPoolOf(driverStatus: unknown): ThinPool | undefined {
  if (!Array.isArray(driverStatus)) return undefined;
  const pairs = driverStatus.filter((pair): pair is [string, string] => Array.isArray(pair) && pair.length === 2);
  const values = new Map(pairs);
  if (!values.has('Data Space Total')) return undefined;
  const percent = (kind: 'Data' | 'Metadata') => {
    const [used, total] = ['Used', 'Total'].map((word) => bytesOf(values.get(`${kind} Space ${word}`)));
    return used === undefined || total === undefined || total === 0
      ? undefined
      : Math.round((used / total) * 1000) / 10;
  };
  return { dataPercent: percent('Data'), metadataPercent: percent('Metadata') };
}

// "107.4 GB" as Docker writes sizes: thousands.
function bytesOf(text: string | undefined): number | undefined {
  const match = /^([\d.]+) ?([kKMGTP]?)B$/.exec(text ?? '');
  if (match === null) return undefined;
  return Number(match[1]) * 1000 ** ' KMGTP'.indexOf((match[2] ?? '').toUpperCase() || ' ');
}
