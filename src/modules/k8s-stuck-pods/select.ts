/** Which pods are stuck, and which of them may be deleted: never one whose containers may still run. */
import type { NodeState } from '../kubernetes/node.ts';
import type { Pod } from '../kubernetes/pods.ts';
import type { StuckOptions } from './options.ts';

/** A pod that is past its deadline. */
export interface StuckPod extends Pod {
  /** How long past it. */
  readonly overdueMs: number;
}

/** What is known of the nodes of stuck pods: undefined for one that the cluster does not have any more. */
export type KnownNodes = ReadonlyMap<string, NodeState | undefined>;

export interface Selection {
  /** Pods that may be deleted, and why. */
  readonly remove: readonly { readonly pod: StuckPod; readonly proof: string }[];
  readonly keep: readonly { readonly pod: StuckPod; readonly reason: string }[];
}

/** Pods past their deadline, longest first. The deadline has the grace in it. */
export function stuckPods(pods: readonly Pod[], serverTimeMs: number, beyondGraceMs: number): StuckPod[] {
  return pods
    .flatMap((pod) => (pod.deadlineMs === undefined ? [] : [{ ...pod, overdueMs: serverTimeMs - pod.deadlineMs }]))
    .filter(({ overdueMs }) => overdueMs > beyondGraceMs)
    .toSorted((a, b) => b.overdueMs - a.overdueMs);
}

/** Says of each stuck pod whether it may be deleted. */
export function selectPods(pods: readonly StuckPod[], nodes: KnownNodes, options: StuckOptions): Selection {
  const remove: { pod: StuckPod; proof: string }[] = [];
  const keep: { pod: StuckPod; reason: string }[] = [];
  for (const pod of pods) {
    const reason = keptBecause(pod, options);
    const proof = reason === undefined ? proofFor(pod, nodes, options) : undefined;
    if (proof === undefined) keep.push({ pod, reason: reason ?? NO_PROOF });
    else remove.push({ pod, proof });
  }
  return { remove, keep };
}

const NO_PROOF =
  'nothing proves that its containers are gone: repair the node first (`node_repaired`), or see `gone_uids` and `force`';

function keptBecause(pod: StuckPod, { runningUids }: StuckOptions): string | undefined {
  if (pod.isMirror) return "the kubelet's own (a mirror pod): it ends with the file on the node";
  if (pod.isDaemonSet) return 'of a DaemonSet, which belongs to the node';
  if (pod.finalizers.length > 0) {
    return `finalizers keep it: ${pod.finalizers.join(', ')}; whoever set them must take them away, a deletion does not`;
  }
  if (runningUids.has(pod.uid)) return 'its containers were seen on the node';
  return undefined;
}

function proofFor(pod: StuckPod, nodes: KnownNodes, options: StuckOptions): string | undefined {
  if (pod.node === undefined) return 'it was never given to a node';
  if (nodes.has(pod.node)) {
    const node = nodes.get(pod.node);
    if (node === undefined) return `the cluster has no node '${pod.node}' any more`;
    if (node.isOutOfService) return `node '${pod.node}' has the taint out-of-service`;
  }
  if (options.goneUids.has(pod.uid)) return 'its containers were seen to be gone';
  if (options.repair !== undefined && pod.node === options.node)
    return `node '${pod.node}' repaired: ${options.repair}`;
  return options.isForced ? 'forced, without proof' : undefined;
}
