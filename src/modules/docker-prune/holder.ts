/** Finds what holds a container that the engine cannot remove because something is busy. */

import type { ModuleContext } from '../contract.ts';
import { runScript } from '../docker/run-script.ts';
import type { ScriptLine } from '../docker/script.ts';
import { holderScript } from './script.ts';

/** A process in whose mount namespace the container is still mounted. */
export interface Holder {
  readonly pid: number;
  /** The command's name only: arguments may hold secrets. */
  readonly command: string;
  /** Its systemd unit or container, from its cgroup, when it has one. */
  readonly unit?: string;
}

/**
 * The holders of each container, by ID; without entry when none is seen (or none may be seen without root).
 *
 * @param busy - the container's ID and the engine's reason, which names the layer that is busy
 */
export async function findHolders(
  context: ModuleContext,
  busy: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Holder[]>> {
  if (busy.size === 0) return new Map();
  const needles = new Map([...busy].map(([id, reason]) => [id, needlesOf(id, reason)]));
  const end = await runScript(context, holderScript(needles), { timeoutMs: HOLDER_TIMEOUT_MS });
  return parseHolders(end.lines);
}

/** The holders in a script's `holder` lines. */
export function parseHolders(lines: readonly ScriptLine[]): ReadonlyMap<string, Holder[]> {
  const holders = new Map<string, Holder[]>();
  for (const { word, subject, status: pid, text } of lines) {
    if (word !== 'holder') continue;
    const cgroup = /\d+:[\w,=.-]*:(\/.*)$/.exec(text);
    const command = (cgroup === null ? text : text.slice(0, cgroup.index)).trim();
    const unit = unitOf(cgroup?.[1] ?? '');
    const list = holders.get(subject) ?? [];
    list.push({ pid, command, ...(unit === undefined ? {} : { unit }) });
    holders.set(subject, list);
  }
  return holders;
}

/** `nginx (pid 4242, nginx.service)`. */
export function describeHolder({ pid, command, unit }: Holder): string {
  return `${command} (pid ${pid}${unit === undefined ? '' : `, ${unit}`})`;
}

const HOLDER_TIMEOUT_MS = 20_000;

// Layers have names of their own since Docker 1.10; the reason names the one that is busy.
function needlesOf(id: string, reason: string): string[] {
  return [...new Set([id, ...(reason.match(/\b[0-9a-f]{64}\b/g) ?? [])])];
}

function unitOf(cgroup: string): string | undefined {
  const container = /(?:docker[-/]|libpod-|cri-containerd[-:])([0-9a-f]{64})/.exec(cgroup)?.[1];
  if (container !== undefined) return `container ${container.slice(0, 12)}`;
  return cgroup.split('/').findLast((part) => /\.(service|scope)$/.test(part));
}
