/** What the module says of stuck pods, to people and to programs. */
import { formatDuration } from '../../util/duration.ts';
import { podTitle } from '../kubernetes/pods.ts';
import type { StuckOptions } from './options.ts';
import type { StuckPod } from './select.ts';

/** Pods of one node. */
export interface NodeCount {
  readonly node: string | null;
  readonly count: number;
  readonly oldest_seconds: number;
}

/** Result data about stuck pods. */
export function stuckResult(pods: readonly StuckPod[]): Readonly<Record<string, unknown>> {
  return { count: pods.length, by_node: countByNode(pods), stuck: pods.map(stuckRow) };
}

/** Counts by node, most first. */
export function countByNode(pods: readonly StuckPod[]): NodeCount[] {
  const byNode = new Map<string | null, StuckPod[]>();
  for (const pod of pods) byNode.set(pod.node ?? null, [...(byNode.get(pod.node ?? null) ?? []), pod]);
  return [...byNode]
    .map(([node, those]) => ({ node, count: those.length, oldest_seconds: seconds(those[0]?.overdueMs ?? 0) }))
    .toSorted((a, b) => b.count - a.count || String(a.node).localeCompare(String(b.node)));
}

/** "3 pods are stuck Terminating on node1, the oldest for 2h 05m". */
export function stuckMessage(pods: readonly StuckPod[], options: StuckOptions): string {
  const where = options.node === undefined ? '' : ` on ${options.node}`;
  const [oldest] = pods;
  if (oldest === undefined) return `no pod is stuck Terminating${where}`;
  const nodes = options.node === undefined ? ` (${nodesText(pods)})` : '';
  const verb = pods.length === 1 ? 'pod is' : 'pods are';
  return `${pods.length} ${verb} stuck Terminating${where}${nodes}, the oldest for ${formatDuration(oldest.overdueMs)}`;
}

/** One line for a deletion. */
export function deletionLine(pod: StuckPod, proof: string): string {
  const title = `${podTitle(pod)} (${pod.controller ?? 'no controller'}`;
  return `delete pod ${title}, stuck for ${formatDuration(pod.overdueMs)}; ${proof})`;
}

/** Namespace, name and UID, with what else is said of it. */
export function podRow(pod: StuckPod, more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { namespace: pod.namespace, name: pod.name, uid: pod.uid, ...more };
}

function stuckRow(pod: StuckPod): Readonly<Record<string, unknown>> {
  return podRow(pod, {
    node: pod.node ?? null,
    deadline: new Date(pod.deadlineMs ?? 0).toISOString(),
    overdue_seconds: seconds(pod.overdueMs),
    controller: pod.controller ?? null,
    phase: pod.phase,
    finalizers: pod.finalizers,
  });
}

function nodesText(pods: readonly StuckPod[]): string {
  const counts = countByNode(pods);
  const shown = counts.slice(0, MAX_SHOWN).map(({ node, count }) => `${node ?? 'no node'}: ${count}`);
  return [...shown, ...(counts.length > MAX_SHOWN ? [`${counts.length - MAX_SHOWN} more nodes`] : [])].join(', ');
}

function seconds(durationMs: number): number {
  return Math.round(durationMs / 1000);
}

const MAX_SHOWN = 5;
